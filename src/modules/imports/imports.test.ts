import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../../test/support/engine.js';
import { ImportApi } from '../../../test/support/import-api.js';
import { ConsentLedger, LedgerCheck, LedgerSeals, verify } from '../consent/index.js';

let imports: ImportApi;
beforeAll(async () => {
  imports = await ImportApi.start();
  await imports.people.list('news', { optIn: 'single' });
  await imports.people.list('offers', { optIn: 'single' });
  await imports.people.list('careful', { optIn: 'double' });
});
afterAll(() => imports?.stop());

const none = { left: 0, refused: 0, erased: 0 };

test('people are confirmed with their details, a proof and an event, and get no mail', async () => {
  const file = 'email,name,locale,city,points\nAda@example.com,Ada L.,de_DE,Köln,12\nbob@example.com,,,,\n';
  const done = await imports.imported(file, {
    list: ['news', 'offers'],
    attribute: '*',
    consentDate: '2024-05-17',
  });
  expect(done).toMatchObject({
    state: 'finished',
    problem: null,
    lists: ['news', 'offers'],
    columns: { email: 'email', name: 'name', locale: 'locale', attributes: ['city', 'points'], ignored: [] },
    counts: { rows: 2, added: 2, updated: 0, unchanged: 0, skipped: none, failed: 0 },
    octets: Buffer.byteLength(file),
    octetsDone: Buffer.byteLength(file),
  });
  const ada = await imports.subscriber('ada@example.com');
  expect(ada).toMatchObject({
    email: 'Ada@example.com',
    name: 'Ada L.',
    locale: 'de-DE',
    attributes: { city: 'Köln', points: '12' },
  });
  const joined: string[][] = ada.subscriptions.map(
    ({ list, status, confirmedAt, source }: Record<string, string>) => [list, status, confirmedAt, source],
  );
  expect(joined.toSorted(([one], [other]) => (one! < other! ? -1 : 1))).toEqual([
    ['news', 'confirmed', '2024-05-17T00:00:00.000Z', 'Old system'],
    ['offers', 'confirmed', '2024-05-17T00:00:00.000Z', 'Old system'],
  ]);
  expect(ada.subscriptions[0].id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
  expect(await imports.people.events(ada.id)).toEqual(['subscriber.imported', 'subscriber.imported']);
  const rows = await imports.api.get(ConsentLedger).ofPerson(imports.api.db, ada.id);
  expect(rows.map(({ act }) => act)).toEqual(['imported', 'imported']);
  expect(rows[0]?.facts).toEqual({
    text: 'Yes, send me news',
    source: 'Old system',
    agreedAt: '2024-05-17T00:00:00.000Z',
    importId: done.id,
  });
  expect(rows.map(verify)).toEqual(['intact', 'intact']);
  const bob = await imports.subscriber('bob@example.com');
  expect(bob).toMatchObject({ name: null, locale: null, attributes: {} });
  expect(await imports.people.mailsTo('Ada@example.com')).toEqual([]);
  const left = await imports.api.db.selectFrom('import_chunks').select('number').execute();
  expect(left).toEqual([]);
});

test('copied rows of the ledger come under seals, and the check finds nothing', async () => {
  await imports.imported('email\nsealed@example.com\n');
  await imports.api.get(LedgerSeals).sealAll();
  const problems: unknown[] = [];
  const verdict = await imports.api.get(LedgerCheck).run((problem) => problems.push(problem));
  expect(problems).toEqual([]);
  expect(verdict).toMatchObject({ unsealed: 0 });
});

test('the same file again changes nothing; other values win, or fill gaps only', async () => {
  const file = 'email,name,city\nsame@example.com,Old,Ulm\n';
  await imports.imported(file, { attribute: 'city' });
  const again = await imports.imported(file, { attribute: 'city' });
  expect(again.counts).toMatchObject({ rows: 1, added: 0, updated: 0, unchanged: 1 });
  const other = 'email,name,city,shoe\nsame@example.com,New,,44\n';
  const kept = await imports.imported(other, { attribute: '*', onExisting: 'keep' });
  expect(kept.counts).toMatchObject({ updated: 1 });
  expect(await imports.subscriber('same@example.com')).toMatchObject({
    name: 'Old',
    attributes: { city: 'Ulm', shoe: '44' },
  });
  await imports.imported(other, { attribute: '*' });
  expect(await imports.subscriber('same@example.com')).toMatchObject({
    name: 'New',
    attributes: { city: 'Ulm', shoe: '44' },
  });
  const { id } = await imports.subscriber('same@example.com');
  expect(await imports.people.events(id)).toEqual(['subscriber.imported']);
});

test('an address that comes twice in a file is one person', async () => {
  const rows = [
    'Twice@example.com,One',
    'twice@example.com,Two',
    'twice@example.com,Two',
    'twice@example.com,',
  ];
  const { counts } = await imports.imported(`email,name\n${rows.join('\n')}\n`);
  expect(counts).toEqual({ rows: 4, added: 1, updated: 1, unchanged: 2, skipped: none, failed: 0 });
  expect(await imports.subscriber('twice@example.com')).toMatchObject({
    name: 'Two',
    email: 'Twice@example.com',
  });
});

test('who left the list stays off it, who left all stays off all, also after having asked anew', async () => {
  const { ids } = await imports.people.confirmed('left@example.com', ['careful']);
  await imports.api.call('DELETE', `/v1/subscriptions/${ids[0]}`);
  const both = await imports.people.confirmed('one@example.com', ['careful', 'offers']);
  await imports.api.call('DELETE', `/v1/subscriptions/${both.ids[0]}`);
  const asked = await imports.people.confirmed('asked@example.com', ['careful']);
  await imports.api.call('DELETE', `/v1/subscriptions/${asked.ids[0]}`);
  const consent = { text: 'Yes', source: 'form' };
  await imports.api.post('/v1/subscriptions', { email: 'asked@example.com', lists: ['careful'], consent });

  const file = 'email,name\nleft@example.com,X\none@example.com,X\nasked@example.com,X\n';
  const confirmed = { consentConfirmed: 'true', consentDate: '2024-05-17' };
  const careful = await imports.imported(file, { list: 'careful', ...confirmed });
  expect(careful.counts).toMatchObject({ rows: 3, added: 0, skipped: { left: 3 } });
  const news = await imports.imported(file, { list: 'news' });
  expect(news.counts).toMatchObject({ rows: 3, added: 1, skipped: { left: 2 } });
  expect((await imports.subscriber('left@example.com')).name).toBeNull();
  const status = async (email: string) =>
    (await imports.subscriber(email)).subscriptions.map(
      (one: Record<string, string>) => `${one['list']} ${one['status']}`,
    );
  expect(await status('left@example.com')).toEqual(['careful unsubscribed']);
  expect(await status('asked@example.com')).toEqual(['careful pending']);
  expect((await status('one@example.com')).toSorted()).toEqual([
    'careful unsubscribed',
    'news confirmed',
    'offers confirmed',
  ]);
});

test('an erased address stays out; a confirmed new opt-in can come back, and an import can name it then', async () => {
  const { personId } = await imports.people.confirmed('gone@example.com', ['careful']);
  await imports.api.call('DELETE', `/v1/subscribers/${personId}`);
  const once = await imports.imported('email\nGone@example.com\n');
  expect(once.counts).toEqual({
    rows: 1,
    added: 0,
    updated: 0,
    unchanged: 0,
    skipped: { ...none, erased: 1 },
    failed: 0,
  });
  expect(await imports.subscriber('gone@example.com')).toBeUndefined();
  await imports.people.confirmed('gone@example.com', ['careful']);
  expect((await imports.imported('email\nGone@example.com\n')).counts).toMatchObject({ added: 1 });
});

test('a list with double opt-in takes only people who confirmed elsewhere; who waits here is confirmed by that proof', async () => {
  const refused = await imports.upload('email\na@example.com\n', { list: 'careful' });
  expect(refused).toMatchObject({ status: 422, body: { details: [{ field: 'consentConfirmed' }] } });
  const undated = await imports.upload('email\na@example.com\n', {
    list: 'careful',
    consentConfirmed: 'true',
  });
  expect(undated).toMatchObject({ status: 422, body: { details: [{ field: 'consentDate' }] } });
  const consent = { text: 'Yes', source: 'form' };
  await imports.api.post('/v1/subscriptions', { email: 'waits@example.com', lists: ['careful'], consent });
  const file = 'email,when\nwaits@example.com,2023-02-01 10:30:00\nnew@example.com,2023-02-30\n';
  const done = await imports.imported(file, {
    list: 'careful',
    consentConfirmed: 'true',
    agreedAtColumn: 'when',
  });
  expect(done.counts).toMatchObject({ rows: 2, added: 1, failed: 1 });
  expect((await imports.subscriber('waits@example.com')).subscriptions).toMatchObject([
    { status: 'confirmed', confirmedAt: '2023-02-01T10:30:00.000Z' },
  ]);
});

test('a suppressed address is imported and stays suppressed', async () => {
  await imports.api.post('/v1/suppressions', {
    address: 'bounced@example.com',
    scope: 'all',
    reason: 'manual',
  });
  expect((await imports.imported('email\nbounced@example.com\n')).counts).toMatchObject({ added: 1 });
  const { body } = await imports.api.post('/v1/suppressions/search', { address: 'bounced@example.com' });
  expect(body.data).toMatchObject([{ releasedAt: null }]);
});

test('a dry run counts and changes nothing', async () => {
  const { ids } = await imports.people.confirmed('dry-left@example.com', ['careful', 'news']);
  await imports.api.call('DELETE', `/v1/subscriptions/${ids[1]}`);
  const done = await imports.imported('email\ndry@example.com\ndry-left@example.com\nno\n', {
    dryRun: 'true',
  });
  expect(done).toMatchObject({
    state: 'finished',
    dryRun: true,
    counts: { rows: 3, added: 1, skipped: { left: 1 }, failed: 1 },
  });
  expect(await imports.subscriber('dry@example.com')).toBeUndefined();
  expect(await imports.text(`/v1/imports/${done.id}/errors.csv`)).toContain('4,email,');
});

test('rows that cannot be taken are told with row and column; formulas are texts', async () => {
  const rows = [
    'email,name,locale',
    'not an address,Ann,de',
    '"quoted@example.com","Line\nbreak ""x""",de',
    '=1+1@example.com,=HYPERLINK("http://evil.example"),en',
    '',
    'nul@example.com,a\0b,en',
    `long@example.com,${'x'.repeat(300)},en`,
    'lang@example.com,A,german please',
    'many@example.com,A,en,more,fields',
    ',Nobody,en',
    "'+plus@example.com,'=text,en",
  ];
  const done = await imports.imported(rows.join('\r\n'));
  expect(done.counts).toMatchObject({ rows: 9, added: 2, failed: 7 });
  const csv = await imports.text(`/v1/imports/${done.id}/errors.csv`);
  expect(csv.split('\r\n').map((line) => line.split(',').slice(0, 2).join())).toEqual([
    '\uFEFFrow,column',
    '2,email',
    '3,name',
    '6,name',
    '7,name',
    '8,locale',
    '9,',
    '10,email',
    '',
  ]);
  expect(csv).not.toContain('not an address');
  expect((await imports.subscriber('=1+1@example.com')).name).toBe('=HYPERLINK("http://evil.example")');
  expect((await imports.subscriber('+plus@example.com')).name).toBe('=text');
});

test('an upload with an Idempotency-Key is one import, however often it comes', async () => {
  const key = { 'Idempotency-Key': 'import-1' };
  const first = await imports.upload('email\nidem@example.com\n', {}, key);
  const second = await imports.upload('email\nidem@example.com\n', {}, key);
  expect(second).toEqual(first);
  const other = await imports.upload('email\nother@example.com\n', {}, key);
  expect(other).toMatchObject({ status: 422, body: { name: 'idempotency_mismatch' } });
  const rows = await imports.api.db
    .selectFrom('imports')
    .select('id')
    .where('state', '=', 'waiting')
    .execute();
  expect(rows.map(({ id }) => id)).toEqual([first.body.id]);
  await imports.api.post(`/v1/imports/${first.body.id}/cancel`);
});

test('a file that breaks off in a quote fails with its line; what came before stays', async () => {
  const people = Array.from({ length: 5_500 }, (_, row) => `broken-${row}@example.com,x`);
  const done = await imports.imported(`email,name\n${people.join('\n')}\nlast@example.com,"never closed\n`);
  expect(done).toMatchObject({
    state: 'failed',
    problem: expect.stringMatching(/quote is opened and never closed/),
  });
  expect(done.counts).toMatchObject({ rows: done.counts.added });
  expect(await imports.subscriber('last@example.com')).toBeUndefined();
});

test('an upload that breaks off, and one of another kind, leave nothing', async () => {
  async function* half() {
    yield Buffer.from('email\na@example.com\n');
    throw new Error('the connection is lost');
  }
  await expect(imports.upload(ReadableStream.from(half()))).rejects.toThrow();
  const json = { 'Content-Type': 'application/json' };
  expect(await imports.upload('{}', {}, json)).toMatchObject({ status: 415 });
  expect(await imports.upload('')).toMatchObject({ status: 422, body: { details: [{ field: 'file' }] } });
  expect(await imports.upload('email\nx', { list: 'nowhere' })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'list.0' }] },
  });
  expect(await imports.upload('email\nx', { colour: 'red' })).toMatchObject({ status: 422 });
  await eventually(async () => {
    const rows = await imports.api.db
      .selectFrom('imports')
      .select('id')
      .where('state', '=', 'uploading')
      .execute();
    return rows.length === 0;
  });
});

test('a cancelled import does nothing any more, and its file is gone', async () => {
  const { body } = await imports.upload('email\ncancelled@example.com\n');
  expect(await imports.api.post(`/v1/imports/${body.id}/cancel`)).toMatchObject({
    status: 200,
    body: { state: 'cancelled' },
  });
  expect(await imports.api.post(`/v1/imports/${body.id}/cancel`)).toMatchObject({ status: 409 });
  expect((await imports.imported('email\n')).counts.rows).toBe(0);
  expect(await imports.subscriber('cancelled@example.com')).toBeUndefined();
});

test('an export holds every subscription, guards formulas, and can be imported again', async () => {
  await imports.people.list('exported', { optIn: 'single' });
  const file = 'email,name,city\n+a@example.com,"=cmd|\'/C calc\'!A0","Ulm, ""D"""\nb@example.com,B,\n';
  await imports.imported(file, { list: 'exported', attribute: '*' });
  const csv = await imports.text('/v1/subscribers/export?list=exported');
  const [header, ...rows] = csv.split('\r\n');
  // Ids of one millisecond are in no order.
  const [first, second] = rows.filter((row) => row !== '').toSorted((one, other) => (one < other ? -1 : 1));
  expect(header).toBe(
    '\uFEFFemail,name,locale,timezone,list,status,asked at,confirmed at,left at,source,attributes.city',
  );
  expect(first).toMatch(/^'\+a@example\.com,'=cmd\|'\/C calc'!A0,,,exported,confirmed,20/);
  expect(first).toMatch(/,"Ulm, ""D"""$/);
  expect(second).toMatch(/^b@example\.com,B,/);
  const done = await imports.imported(csv, { list: 'exported', attribute: 'attributes.city' });
  expect(done.counts).toMatchObject({ rows: 2, unchanged: 2 });
  expect(await imports.text('/v1/subscribers/export?list=exported&status=pending')).toMatch(/^[^\n]*\n$/);
  expect(await imports.api.read('/v1/subscribers/export?list=nowhere')).toMatchObject({ status: 422 });
});
