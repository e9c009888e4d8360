import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { PeopleApi } from '../../../test/support/people-api.js';
import { newId } from '../../domain/index.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import { ConsentLedger } from '../consent/index.js';

let people: PeopleApi;
let tokens: LinkTokens;
beforeAll(async () => {
  people = await PeopleApi.start();
  tokens = people.api.get(LinkTokens);
  await people.list('letters', { name: 'The Sunday Letter' });
  await people.list('sales', { description: 'Twice a year' });
  await people.list('private', { visibility: 'private' });
  await people.list('repairs', { description: 'An evening a month' });
});
afterAll(() => people.stop());
beforeEach(async () => {
  await people.api.db.deleteFrom('rate_limits').execute();
  await people.api.db.updateTable('lists').set({ tracking: false }).execute();
});

const mine = ['letters', 'sales', 'private'];
let count = 0;
async function reader() {
  const email = `choosing-${(count += 1)}@example.com`;
  const { personId, ids } = await people.confirmed(email, mine);
  return { email, personId, ids, path: pathOf(personId) };
}
const pathOf = (personId: string) => `/preferences/${tokens.make('preferences', personId)}`;

/** What a browser posts: every field of the page. */
function form(fields: Record<string, string | string[]>): URLSearchParams {
  const body = new URLSearchParams();
  for (const [name, values] of Object.entries(fields))
    for (const value of [values].flat()) body.append(name, value);
  return body;
}

async function lists(personId: string) {
  const rows = await people.api.db
    .selectFrom('subscriptions')
    .innerJoin('lists', 'lists.id', 'subscriptions.list_id')
    .selectAll('subscriptions')
    .select('lists.slug')
    .where('person_id', '=', personId)
    .execute();
  return Object.fromEntries(rows.map((row) => [row.slug, row]));
}

const person = (id: string) =>
  people.api.db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

async function acts(personId: string) {
  const rows = await people.api.get(ConsentLedger).ofPerson(people.api.db, personId);
  return rows.filter(({ act }) => act === 'changed').map(({ facts }) => facts['text']);
}
const left = async (personId: string) =>
  (await people.events(personId)).filter((type) => type === 'subscriber.unsubscribed').length;

test('shows topics with their descriptions, what else there is, and no address; GET changes nothing', async () => {
  const { path, personId, email } = await reader();
  const page = await people.visit(path);
  expect(page.status).toBe(200);
  expect(page.html).toMatch(/The Sunday Letter[\s\S]*The sales[\s\S]*Twice a year[\s\S]*The private/);
  expect(page.html).toMatch(/href="\/subscribe\?list=repairs"[\s\S]*An evening a month/);
  expect(page.html).not.toContain('list=sales"');
  expect(page.html).not.toContain(email);
  expect(page.html).not.toContain('name="tracking');
  expect((await people.visit(path, { method: 'HEAD' })).status).toBe(200);
  expect(await left(personId)).toBe(0);
});

test('one POST saves everything, each change with its words', async () => {
  await people.api.db.updateTable('lists').set({ tracking: true }).where('slug', '=', 'sales').execute();
  const { path, personId } = await reader();
  expect((await people.visit(path)).html).toContain('name="tracking-shown"');
  const body = form({
    shown: mine,
    list: ['letters', 'sales'],
    'frequency-letters': '30',
    'frequency-sales': 'all',
    'frequency-private': 'all',
    pause: '90',
    name: '  Ada Lovelace ',
    language: 'de',
    'tracking-shown': 'yes',
    tracking: 'yes',
  });
  const page = await people.submit(path, body);
  expect(page.status).toBe(200);
  // From now on in the language that was chosen.
  expect(page.html).toContain('Ihre Auswahl ist gespeichert');
  const { letters, sales, private: secret } = await lists(personId);
  expect(letters).toMatchObject({ status: 'confirmed', min_days_between: 30 });
  expect(sales).toMatchObject({ status: 'confirmed', min_days_between: null });
  expect(letters!.paused_until!.getTime()).toBeGreaterThan(Date.now() + 89 * 86_400_000);
  expect(sales!.paused_until).toEqual(letters!.paused_until);
  expect(secret!.status).toBe('unsubscribed');
  const { name, locale, tracking_agreed_at } = await person(personId);
  expect({ name, locale }).toEqual({ name: 'Ada Lovelace', locale: 'de' });
  expect(tracking_agreed_at).toBeInstanceOf(Date);
  expect(await acts(personId)).toEqual([
    'The Sunday Letter: At most one a month',
    'Send me no news for 90 days',
    'Send me no news for 90 days',
    'Your name',
    'Language: de',
    'You may see which letters I open and what I click',
  ]);

  // The same again changes nothing more.
  const again = form({
    ...Object.fromEntries(body),
    shown: ['letters', 'sales'],
    list: ['letters', 'sales'],
    pause: 'keep',
  });
  await people.submit(path, again);
  expect(await acts(personId)).toHaveLength(6);

  await people.submit(
    path,
    form({ shown: ['letters', 'sales'], list: ['letters', 'sales'], pause: 'none', 'tracking-shown': 'yes' }),
  );
  expect((await lists(personId))['letters']!.paused_until).toBeNull();
  expect((await person(personId)).tracking_agreed_at).toBeNull();
  expect((await acts(personId)).slice(6)).toEqual([
    'Keine Pause',
    'Keine Pause',
    'Sie dürfen nicht sehen, welche Briefe ich öffne und was ich anklicke',
  ]);
});

test('tracking is agreed to only where a list tracks', async () => {
  const { path, personId } = await reader();
  await people.submit(path, form({ 'tracking-shown': 'yes', tracking: 'yes' }));
  expect((await person(personId)).tracking_agreed_at).toBeNull();
});

test('leaves only what the page showed: neither an empty POST nor a list joined meanwhile', async () => {
  const { path, personId } = await reader();
  expect((await people.visit(path, { method: 'POST' })).status).toBe(200);
  await people.submit(path, form({ shown: 'letters', list: ['letters', 'none', '\0'] }));
  expect(await left(personId)).toBe(0);
  const body = new FormData();
  body.append('shown', 'letters');
  await people.submit(path, body);
  expect(await left(personId)).toBe(1);
});

test('joins nothing: that takes a new opt-in', async () => {
  const { path, personId, ids } = await reader();
  await people.api.call('DELETE', `/v1/subscriptions/${ids[0]!}`);
  await people.submit(
    path,
    form({ shown: 'letters', list: ['letters', 'repairs'], 'frequency-letters': '7' }),
  );
  expect(await lists(personId)).toMatchObject({
    letters: { status: 'unsubscribed', min_days_between: null },
  });
  expect(await lists(personId)).not.toHaveProperty('repairs');
});

test('a region is no change of the language', async () => {
  const { path, personId } = await reader();
  await people.api.call('PATCH', `/v1/subscribers/${personId}`, { locale: 'de-AT' });
  await people.submit(path, form({ language: 'de' }));
  expect((await person(personId)).locale).toBe('de-AT');
});

test('bad input: a name of two lines, choices that are not offered', async () => {
  const { path, personId } = await reader();
  for (const name of ['x'.repeat(201), 'Ada\r\nBcc: eve@example.com', 'a\0b']) {
    const page = await people.submit(path, form({ name, shown: 'letters' }));
    expect(page.status).toBe(422);
    expect(page.html).toContain('aria-invalid="true"');
  }
  for (const fields of [
    { shown: 'letters', list: 'letters', 'frequency-letters': '1' },
    { pause: '365' },
    { language: 'xx' },
  ])
    expect((await people.submit(path, form(fields as Record<string, string>))).status).toBe(422);
  expect(await left(personId)).toBe(0);
  expect((await person(personId)).name).toBeNull();
});

test('who is erased or not there sees an empty page; a wrong link is a 404', async () => {
  const { personId } = await reader();
  await people.api.call('DELETE', `/v1/subscribers/${personId}`);
  for (const id of [personId, newId()]) {
    for (const [method, more] of [
      ['GET', ''],
      ['POST', ''],
      ['POST', '/link'],
    ] as const) {
      const page = await people.visit(pathOf(id) + more, { method });
      expect(page.status).toBe(200);
      expect(page.html).not.toContain('@example.com');
    }
  }
  for (const method of ['GET', 'POST']) {
    expect((await people.visit(pathOf(personId).slice(0, -3), { method })).status).toBe(404);
    const swapped = `/preferences/${tokens.make('unsubscribe', personId)}`;
    expect((await people.visit(swapped, { method })).status).toBe(404);
  }
});
