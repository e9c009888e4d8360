import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consent, PeopleApi } from '../../../test/support/people-api.js';
import { newId, parseAddress, type Address } from '../../domain/index.js';
import { ErasureHashes } from '../consent/index.js';
import { People, Subscriptions } from './index.js';

let people: PeopleApi;
beforeAll(async () => {
  people = await PeopleApi.start();
  await people.list('letters');
  await people.list('sales');
});
afterAll(() => people.stop());

const call = (method: string, id: string, body?: unknown) =>
  people.api.call(method, `/v1/subscribers/${id}`, body);
const search = (body: object) => people.api.post('/v1/subscribers/search', body);
const subscribe = async (email: string, more: object = {}) =>
  (await people.api.post('/v1/subscriptions', { email, lists: ['letters'], consent, ...more })).body
    .subscriberId as string;

function addressOf(input: string): Address {
  const parsed = parseAddress(input);
  if (!parsed.ok) throw new Error(input);
  return parsed.address;
}

describe('upsert', () => {
  const upsert = (...args: Parameters<People['upsert']> extends [unknown, ...infer Rest] ? Rest : never) =>
    people.api.db.work(({ trx }) => people.api.get(People).upsert(trx, ...args));

  test('twenty at once make one person', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        upsert({ address: addressOf('Twenty@Example.com'), attributes: { [`a${index}`]: index } }),
      ),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    const person = await people.api.get(People).byAddress(people.api.db, 'twenty@example.com');
    expect(Object.keys(person!.attributes)).toHaveLength(20);
    expect(person!.address).toBe('Twenty@Example.com');
  });

  test('what is not given leaves what is known; attributes are merged and null removes one', async () => {
    const address = addressOf('merge@example.com');
    await upsert({ address, name: 'Ada', locale: 'de', attributes: { city: 'Bonn', size: 'M' } });
    expect(await upsert({ address, name: null, attributes: { size: null, tags: ['x'] } })).toMatchObject({
      name: 'Ada',
      locale: 'de',
      attributes: { city: 'Bonn', tags: ['x'] },
    });
    expect(await upsert({ address, name: 'Ada L.' })).toMatchObject({ name: 'Ada L.', locale: 'de' });
  });

  test('where stored values win, new ones fill gaps only', async () => {
    const address = addressOf('gaps@example.com');
    await upsert({ address, name: 'Ada', attributes: { city: 'Bonn' } });
    expect(
      await upsert(
        { address, name: 'Mallory', locale: 'fr', attributes: { city: 'X', size: 'M' } },
        'stored',
      ),
    ).toMatchObject({
      name: 'Ada',
      locale: 'fr',
      attributes: { city: 'Bonn', size: 'M' },
    });
  });
});

describe('reading and changing', () => {
  test('a subscriber with all subscriptions', async () => {
    const id = await subscribe('Read.Me@Example.com', {
      name: 'Read Me',
      locale: 'en-gb',
      attributes: { size: 'M', vip: true },
    });
    const { status, body } = await call('GET', id);
    expect(status).toBe(200);
    expect(body).toEqual({
      id,
      email: 'Read.Me@Example.com',
      name: 'Read Me',
      locale: 'en-GB',
      timezone: null,
      attributes: { size: 'M', vip: true },
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      subscriptions: [
        {
          id: expect.any(String),
          list: 'letters',
          status: 'pending',
          askedAt: expect.any(String),
          confirmedAt: null,
          leftAt: null,
          source: 'shop.example/checkout',
          refused: null,
        },
      ],
    });
  });

  test('a change leaves what it does not name', async () => {
    const id = await subscribe('change@example.com', {
      name: 'Ada',
      attributes: { city: 'Bonn', size: 'M' },
    });
    expect(
      (await call('PATCH', id, { timezone: 'Europe/Berlin', attributes: { size: null, n: 1.5 } })).body,
    ).toMatchObject({
      name: 'Ada',
      timezone: 'Europe/Berlin',
      attributes: { city: 'Bonn', n: 1.5 },
    });
    expect((await call('PATCH', id, { name: null, timezone: null })).body).toMatchObject({
      name: null,
      timezone: null,
    });
    expect((await call('PATCH', id, {})).status).toBe(200);
  });

  test.each([
    [{ name: 'a\r\nBcc: x@example.com' }, 'name'],
    [{ name: 'a\u0000b' }, 'name'],
    [{ name: '\ud83d' }, 'name'],
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ locale: 'not a language' }, 'locale'],
    [{ timezone: 'Mars/Olympus' }, 'timezone'],
    [{ attributes: { a: 'NUL\u0000' } }, 'attributes.a'],
    [{ attributes: { a: ['\udfff'] } }, 'attributes.a.0'],
    [{ attributes: { a: { deep: 1 } } }, 'attributes.a'],
    [
      { attributes: Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`a${index}`, 1])) },
      'attributes',
    ],
    [{ email: 'other@example.com' }, 'email'],
  ])('%j is refused', async (body, field) => {
    const id = await subscribe('refused@example.com');
    const answer = await call('PATCH', id, body);
    expect(answer.status).toBe(422);
    expect(answer.body.details[0].field).toBe(field);
  });

  test('an attribute name that cannot be stored is refused', async () => {
    const id = await subscribe('refused@example.com');
    for (const name of ['NUL\u0000', '\ud800', 'two\nlines', '']) {
      expect((await call('PATCH', id, { attributes: { [name]: 1 } })).status).toBe(422);
    }
  });

  test('who is not there', async () => {
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect((await call(method, newId(), method === 'PATCH' ? {} : undefined)).status).toBe(404);
      expect((await call(method, 'x', method === 'PATCH' ? {} : undefined)).status).toBe(422);
    }
  });
});

test('a search finds by address, list and status, the newest first, in pages', async () => {
  const first = (await people.confirmed('search-1@example.com', ['sales'])).personId;
  const second = await subscribe('search-2@example.com', { lists: ['sales'] });
  const third = (await people.confirmed('search-3@example.com', ['sales', 'letters'])).personId;
  const found = async (body: object) => (await search(body)).body.data.map(({ id }: { id: string }) => id);
  expect(await found({ email: 'SEARCH-1@example.com' })).toEqual([first]);
  expect(await found({ email: 'nobody@example.com' })).toEqual([]);
  expect(await found({ list: 'sales' })).toEqual([third, second, first]);
  expect(await found({ list: 'sales', status: 'confirmed' })).toEqual([third, first]);
  expect(await found({ list: 'letters', status: 'confirmed' })).toEqual([third]);
  expect(await found({ email: 'search-2@example.com', status: 'confirmed' })).toEqual([]);
  const page = await search({ list: 'sales', limit: 2 });
  expect(page.body.hasMore).toBe(true);
  expect(await found({ list: 'sales', after: page.body.data[1].id })).toEqual([first]);
  expect((await search({ list: 'none' })).body.details[0].field).toBe('list');
  expect((await search({ email: 'x' })).body.details[0].field).toBe('email');
  expect((await search({ status: 'gone' })).status).toBe(422);
  expect((await search({ name: 'Ada' })).status).toBe(422);
});

describe('erasing', () => {
  test('leaves nothing that names the person, and a hash', async () => {
    const { personId } = await people.confirmed('erase@example.com', ['letters', 'sales'], {
      name: 'Erase Me',
      attributes: { a: 1 },
    });
    expect((await call('DELETE', personId)).status).toBe(204);
    const row = await people.api.db
      .selectFrom('people')
      .selectAll()
      .where('id', '=', personId)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      canonical: null,
      address: null,
      name: null,
      attributes: {},
      erased_at: expect.any(Date),
    });
    const subscriptions = await people.api.get(Subscriptions).ofPeople(people.api.db, [personId]);
    expect(subscriptions.map(({ status }) => status)).toEqual(['unsubscribed', 'unsubscribed']);
    expect(await people.api.get(ErasureHashes).has(people.api.db, 'erase@example.com')).toBe(true);
    expect((await people.events(personId)).slice(-3)).toEqual([
      'subscriber.unsubscribed',
      'subscriber.unsubscribed',
      'subscriber.erased',
    ]);
    const { rows } = await people.api.db.pool.query('SELECT * FROM consent_ledger WHERE person_id = $1', [
      personId,
    ]);
    expect(rows).toEqual([]);
  });

  test('is over with for every call', async () => {
    const { personId } = await people.confirmed('over@example.com', ['letters']);
    await call('DELETE', personId);
    expect((await call('DELETE', personId)).status).toBe(204);
    expect((await call('GET', personId)).status).toBe(404);
    expect((await call('PATCH', personId, { name: 'Back' })).status).toBe(404);
    expect((await search({ email: 'over@example.com' })).body.data).toEqual([]);
    expect(await people.events(personId)).toHaveLength(4);
  });

  test('the address may come back as another person, and must confirm even where others need not', async () => {
    await people.list('instant', { optIn: 'single' });
    const before = await subscribe('again@example.com', { lists: ['instant'] });
    await call('DELETE', before);
    const { body } = await people.api.post('/v1/subscriptions', {
      email: 'again@example.com',
      lists: ['instant'],
      consent,
    });
    expect(body.subscriberId).not.toBe(before);
    expect(body.subscriptions).toMatchObject([{ status: 'pending' }]);
  });
});

test('the audience of a list is its confirmed people, in the order of ids, in parts', async () => {
  const listId = await people.list('audience');
  const ids = [];
  for (const email of ['A.b@Example.com', 'c@bücher.example', 'd@example.org']) {
    ids.push((await people.confirmed(email, ['audience'])).personId);
  }
  await subscribe('pending@example.com', { lists: ['audience'] });
  const gone = await people.confirmed('gone@example.com', ['audience']);
  await call('DELETE', gone.personId);
  const audience = (after: string | null, limit: number) =>
    people.api.get(Subscriptions).audience(people.api.db, listId, after, limit).execute();
  expect(await audience(null, 2)).toEqual([
    { person_id: ids[0], address: 'A.b@Example.com', recipient_domain: 'example.com' },
    { person_id: ids[1], address: 'c@bücher.example', recipient_domain: 'xn--bcher-kva.example' },
  ]);
  expect(await audience(ids[1]!, 10)).toMatchObject([{ person_id: ids[2] }]);
});
