import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consent, PeopleApi } from '../../../test/support/people-api.js';
import { newId } from '../../domain/index.js';
import { ConsentLedger, ErasureHashes } from '../consent/index.js';

let people: PeopleApi;
beforeAll(async () => {
  people = await PeopleApi.start();
  await people.list('letters', { description: 'One long letter a month' });
  await people.list('sales');
  await people.list('instant', { optIn: 'single' });
  await people.list('private', { visibility: 'private' });
  await people.list('closed');
  await people.list('closing');
  await people.api.call('PATCH', '/v1/lists/closed', { archived: true });
});
afterAll(() => people.stop());

const ask = (email: string, lists: string[], more: object = {}) =>
  people.api.post('/v1/subscriptions', { email, lists, consent, ...more });
const leave = (id: string) => people.api.call('DELETE', `/v1/subscriptions/${id}`);
const press = (path: string, init: RequestInit = {}) => people.visit(path, { method: 'POST', ...init });
const subjects = async (address: string) => (await people.mailsTo(address)).map(({ subject }) => subject);
const ledger = async (personId: string) => people.api.get(ConsentLedger).ofPerson(people.api.db, personId);

/** A visitor's form. Each test has the day's forms of a block to itself. */
const form = (email: string, lists: string[]) =>
  people.submit(
    '/subscribe',
    new URLSearchParams([['email', email], ...lists.map((list): [string, string] => ['list', list])]),
  );
const mailsOfConfirmation = async (address: string) =>
  (await people.mailsTo(address)).filter(({ variables }) => variables.confirmUrl !== undefined);
/** Makes every request look so many hours old. */
const age = (hours: number) =>
  people.api.db
    .updateTable('opt_in_requests')
    .set({ created_at: new Date(Date.now() - hours * 3_600_000) })
    .execute();

describe('asking over the API', () => {
  test('is pending, in the ledger, an event, and one mail for all lists', async () => {
    const { status, body } = await ask('Ada@Example.com', ['letters', 'sales', 'letters'], {
      name: 'Ada',
      locale: 'de',
      consent: { ...consent, ip: '203.0.113.77', userAgent: 'curl/8.9.1' },
    });
    expect(status).toBe(202);
    expect(body).toEqual({
      subscriberId: expect.any(String),
      subscriptions: [
        { id: expect.any(String), list: 'letters', status: 'pending' },
        { id: expect.any(String), list: 'sales', status: 'pending' },
      ],
    });
    const [mail, ...others] = await people.mailsTo('Ada@Example.com');
    expect(others).toEqual([]);
    expect(mail!.variables).toMatchObject({
      confirmUrl: expect.stringMatching(/^https:\/\/mail\.shop\.example\/confirm\/[\w-]+$/),
      expiresInDays: 7,
      lists: [
        { name: 'The letters', description: 'One long letter a month' },
        { name: 'The sales', description: null },
      ],
      recipient: { name: null },
    });
    const rows = await ledger(body.subscriberId);
    expect(rows.map(({ act, facts, personal }) => ({ act, facts, personal }))).toEqual(
      ['letters', 'sales'].map(() => ({
        act: 'asked',
        facts: { text: consent.text, source: consent.source, requestId: mail!.id, messageId: mail!.id },
        personal: { ip: '203.0.113.0/24', client: 'other' },
      })),
    );
    expect(await people.events(body.subscriberId)).toEqual(['subscriber.asked', 'subscriber.asked']);
  });

  test('a list with single opt-in confirms at once and sends a welcome', async () => {
    const { body } = await ask('single@example.com', ['instant', 'letters']);
    expect(body.subscriptions).toMatchObject([
      { list: 'instant', status: 'confirmed' },
      { list: 'letters', status: 'pending' },
    ]);
    const mails = await people.mailsTo('single@example.com');
    expect(mails.map(({ variables }) => variables.lists.map(({ name }) => name))).toEqual([
      ['The letters'],
      ['The instant'],
    ]);
    expect(mails.map(({ variables }) => 'confirmUrl' in variables)).toEqual([true, false]);
    expect((await ledger(body.subscriberId)).map(({ act }) => act)).toEqual(['asked', 'asked', 'confirmed']);
  });

  test('who is confirmed stays so and gets no new mail', async () => {
    const { ids } = await people.confirmed('stays@example.com', ['letters']);
    const before = await subjects('stays@example.com');
    const { body } = await ask('STAYS@example.com', ['letters']);
    expect(body.subscriptions).toEqual([{ id: ids[0], list: 'letters', status: 'confirmed' }]);
    expect(await subjects('stays@example.com')).toEqual(before);
    expect((await ask('stays@example.com', ['letters', 'sales'])).body.subscriptions).toMatchObject([
      { status: 'confirmed' },
      { status: 'pending' },
    ]);
    expect((await people.mailsTo('stays@example.com')).at(-1)!.variables.lists).toEqual([
      { name: 'The sales', description: null },
    ]);
  });

  test('an address that does not answer gets one mail a day, whatever the lists and the ways in', async () => {
    await ask('victim@example.com', ['letters']);
    await people.settle();
    await Promise.all([
      ask('victim@example.com', ['letters', 'sales']),
      ask('VICTIM@example.com', ['sales', 'private']),
      form('Victim@example.com', ['sales']),
      form('victim@example.com', ['letters', 'instant']),
    ]);
    expect(await mailsOfConfirmation('victim@example.com')).toHaveLength(1);
    await age(23);
    await ask('victim@example.com', ['letters']);
    expect(await mailsOfConfirmation('victim@example.com')).toHaveLength(1);
    await age(25);
    await ask('victim@example.com', ['letters']);
    expect(await mailsOfConfirmation('victim@example.com')).toHaveLength(2);
  });

  test('what is asked for meanwhile joins: the link that is out confirms it too, or what stays ticked', async () => {
    const { body } = await ask('join@example.com', ['letters']);
    const path = await people.confirmPath('join@example.com');
    await ask('join@example.com', ['sales', 'private']);
    await people.settle();
    const { html } = await people.visit(path);
    expect(html.match(/type="checkbox" name="list" value="\w+" checked/g)).toHaveLength(3);
    const shown = ['letters', 'sales', 'private'].map((slug): [string, string] => ['shown', slug]);
    const nothing = await press(path, { body: new URLSearchParams(shown) });
    expect(nothing.status).toBe(422);
    expect(nothing.html).toContain('Tick at least one');
    await ask('join@example.com', ['closing']);
    const ticked = new URLSearchParams([
      ...shown,
      ['list', 'letters'],
      ['list', 'private'],
      ['list', 'closing'],
    ]);
    expect((await press(path, { body: ticked })).status).toBe(200);
    const { body: after } = await people.api.read(`/v1/subscribers/${body.subscriberId}`);
    expect(
      Object.fromEntries(
        after.subscriptions.map((one: { list: string; status: string }) => [one.list, one.status]),
      ),
    ).toEqual({ letters: 'confirmed', sales: 'pending', private: 'confirmed', closing: 'pending' });
    // An answer makes the day free again.
    await ask('join@example.com', ['sales']);
    expect(await mailsOfConfirmation('join@example.com')).toHaveLength(2);
  });

  test('support may send it again, as seldom as everybody', async () => {
    const { body } = await ask('astray@example.com', ['letters']);
    const { id } = body.subscriptions[0];
    const resend = () => people.api.call('POST', `/v1/subscriptions/${id}/resend`);
    await people.settle();
    const early = await resend();
    expect(early).toMatchObject({ status: 429, body: { name: 'confirmation_unanswered' } });
    await age(25);
    expect(await resend()).toEqual({ status: 202, body: { id, status: 'pending' } });
    expect((await resend()).status).toBe(429);
    expect(await mailsOfConfirmation('astray@example.com')).toHaveLength(2);
    await press(await people.confirmPath('astray@example.com'));
    expect((await resend()).status).toBe(409);
    expect((await people.api.call('POST', `/v1/subscriptions/${newId()}/resend`)).status).toBe(404);
    expect((await people.api.call('POST', '/v1/subscriptions/x/resend')).status).toBe(422);
  });

  test('where it was asked from is kept for the reports, without what may name a person', async () => {
    const from = { text: 'Yes', source: 'https://shop.example/blog/tea?session=secret#top' };
    const { body } = await ask('from@example.com', ['letters'], { consent: from });
    const { body: view } = await people.api.read(`/v1/subscribers/${body.subscriberId}`);
    expect(view.subscriptions[0].source).toBe('shop.example/blog/tea');
  });

  test('twenty at once are one person with one subscription and one mail', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask('twenty@example.com', ['letters'])),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await people.mailsTo('twenty@example.com')).toHaveLength(1);
  });

  test('an Idempotency-Key is one act', async () => {
    const headers = { 'Idempotency-Key': 'order-17' };
    const body = { email: 'keyed@example.com', lists: ['letters'], consent };
    const first = await people.api.post('/v1/subscriptions', body, headers);
    expect(await people.api.post('/v1/subscriptions', body, headers)).toEqual(first);
    expect(await ledger(first.body.subscriberId)).toHaveLength(1);
  });

  test.each<[object, string]>([
    [{ email: 'nobody' }, 'email'],
    [{ email: 'bad\r\n@example.com' }, 'email'],
    [{ email: undefined }, 'email'],
    [{ lists: [] }, 'lists'],
    [{ lists: undefined }, 'lists'],
    [{ lists: ['letters', 'none'] }, 'lists.1'],
    [{ lists: ['\u0000'] }, 'lists.0'],
    [{ lists: ['sales', 'closed'] }, 'lists.1'],
    [{ lists: Array.from({ length: 51 }, () => 'letters') }, 'lists'],
    [{ name: 'Ada\r\nBcc: x@example.com' }, 'name'],
    [{ name: 'Ada\u0000' }, 'name'],
    [{ name: '\ud83d' }, 'name'],
    [{ locale: 'klingon!' }, 'locale'],
    [{ attributes: { city: '\u0000' } }, 'attributes.city'],
    [{ consent: undefined }, 'consent'],
    [{ consent: { source: 'x' } }, 'consent.text'],
    [{ consent: { text: 'x' } }, 'consent.source'],
    [{ consent: { ...consent, text: '\udfff' } }, 'consent.text'],
    [{ consent: { ...consent, ip: '1.2.3' } }, 'consent.ip'],
    [{ consent: { ...consent, ip: '::ffff:1.2.3.4', userAgent: 'a\nb' } }, 'consent.userAgent'],
    [{ consent: { ...consent, version: 1 } }, 'consent.version'],
    [{ list: 'letters' }, 'list'],
  ])('%j is refused, and nothing is half-done', async (wrong, field) => {
    const answer = await ask('refused@example.com', ['letters'], wrong);
    expect(answer.status).toBe(422);
    expect(answer.body.details[0].field).toBe(field);
    const { body } = await people.api.post('/v1/subscribers/search', { email: 'refused@example.com' });
    expect(body.data).toEqual([]);
  });

  test('a private list takes people over the API', async () => {
    expect((await ask('private@example.com', ['private'])).status).toBe(202);
  });
});

describe('leaving and coming back', () => {
  test('DELETE ends a subscription, as often as it comes', async () => {
    const { personId, ids } = await people.confirmed('leave@example.com', ['letters', 'sales']);
    expect((await leave(ids[0]!)).status).toBe(204);
    expect((await leave(ids[0]!)).status).toBe(204);
    expect((await people.events(personId)).filter((type) => type === 'subscriber.unsubscribed')).toHaveLength(
      1,
    );
    const { body } = await people.api.read(`/v1/subscribers/${personId}`);
    expect(body.subscriptions.map(({ status }: { status: string }) => status)).toEqual([
      'unsubscribed',
      'confirmed',
    ]);
    expect((await leave(newId())).status).toBe(404);
    expect((await leave('x')).status).toBe(422);
  });

  test('who left must confirm again, on a single opt-in list too; the old link does not do it', async () => {
    const { ids } = await people.confirmed('return@example.com', ['letters', 'instant']);
    const old = await people.confirmPath('return@example.com');
    for (const id of ids) await leave(id);
    expect((await press(old)).status).toBe(410);
    const { body } = await ask('return@example.com', ['letters', 'instant']);
    expect(body.subscriptions).toMatchObject([{ status: 'pending' }, { status: 'pending' }]);
    expect((await press(old)).status).toBe(410);
    const page = await press(await people.confirmPath('return@example.com'));
    expect(page.status).toBe(200);
    expect((await people.api.read(`/v1/subscribers/${body.subscriberId}`)).body.subscriptions).toMatchObject([
      { status: 'confirmed', leftAt: null },
      { status: 'confirmed', leftAt: null },
    ]);
  });

  test('who comes back is revived in the ledger; an erased address is free again once it said yes itself', async () => {
    const { personId, ids } = await people.confirmed('back@example.com', ['letters', 'sales']);
    await leave(ids[0]!);
    await ask('back@example.com', ['letters']);
    await press(await people.confirmPath('back@example.com'));
    expect((await ledger(personId)).at(-1)).toMatchObject({ act: 'revived' });
    expect((await people.events(personId)).slice(-2)).toEqual(['subscriber.confirmed', 'subscriber.revived']);

    const hashes = people.api.get(ErasureHashes);
    const blocked = () => hashes.has(people.api.db, 'back@example.com');
    await people.api.call('DELETE', `/v1/subscribers/${personId}`);
    expect(await blocked()).toBe(true);
    const { body } = await ask('back@example.com', ['letters', 'instant']);
    expect(body.subscriptions).toMatchObject([{ status: 'pending' }, { status: 'pending' }]);
    expect(await blocked()).toBe(true);
    await press(await people.confirmPath('back@example.com'));
    expect(await blocked()).toBe(false);
    expect((await ledger(body.subscriberId)).map(({ act }) => act)).toEqual([
      'asked',
      'asked',
      'revived',
      'revived',
    ]);
  });

  test('who leaves or is erased before confirming is not brought in by the link', async () => {
    const left = await ask('early-left@example.com', ['letters']);
    const old = await people.confirmPath('early-left@example.com');
    await leave(left.body.subscriptions[0].id);
    expect((await press(old)).status).toBe(410);
    const erased = await ask('early-erased@example.com', ['letters']);
    const path = await people.confirmPath('early-erased@example.com');
    await people.api.call('DELETE', `/v1/subscribers/${erased.body.subscriberId}`);
    for (const method of ['GET', 'POST']) expect((await people.visit(path, { method })).status).toBe(410);
    const quick = await ask('quick@example.com', ['letters']);
    await leave(quick.body.subscriptions[0].id);
    expect(await people.mailsTo('quick@example.com')).toEqual([]);
  });
});
