import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApiKeys } from '../../src/modules/access/index.js';
import { Install } from '../support/install.js';

let install: Install;
beforeAll(async () => {
  install = await Install.start();
  for (const slug of ['letters', 'small']) await install.done('POST', '/v1/lists', { slug, name: slug });
});
afterAll(() => install.stop());

let count = 0;
async function join(
  list: string,
  people: number,
  locale: string | null,
  source = 'form',
  month = '2026-10',
): Promise<void> {
  await install.db.pool.query(
    `WITH added AS (
       INSERT INTO people (id, canonical, address, locale)
       SELECT gen_random_uuid(), 'p' || n || '@example.com', 'p' || n || '@example.com', $4
         FROM generate_series($1::int, $2::int) n RETURNING id)
     INSERT INTO subscriptions (id, person_id, list_id, status, source, asked_at, confirmed_at)
     SELECT gen_random_uuid(), added.id, lists.id, 'confirmed', $5, now(),
            CASE $6::text WHEN 'now' THEN now() ELSE ($6 || '-15')::timestamptz END
       FROM added, lists WHERE slug = $3`,
    [count + 1, (count += people), list, locale, source, month],
  );
}
const report = () => install.done('GET', '/v1/reports/audience');

test('small groups are put together, small lists say nothing, counts are tens', async () => {
  await join('letters', 47, 'de-AT', 'shop.example/checkout');
  await join('letters', 21, 'en', 'form', '2026-09');
  await join('letters', 3, 'fr');
  await join('small', 9, 'de');
  const answer = await report();
  const published = {
    subscriptions: 70,
    languages: { groups: [{ key: 'de', count: 40 }], other: 20 },
    sources: {
      groups: [
        { key: 'form', count: 20 },
        { key: 'shop.example/checkout', count: 40 },
      ],
      other: 0,
    },
    months: {
      groups: [
        { key: '2026-09', count: 20 },
        { key: '2026-10', count: 50 },
      ],
      other: 0,
    },
  };
  expect(answer).toEqual({
    smallestGroup: 10,
    lists: [
      { list: 'letters', name: 'letters', asOf: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), published },
      { list: 'small', name: 'small', asOf: null, published: null },
    ],
    all: published,
  });
});

test('one more person changes nothing, whatever border is crossed; ten do', async () => {
  const before = await report();
  await join('letters', 9, 'de', 'form', 'now');
  expect(await report()).toEqual(before);
  await join('letters', 1, 'de', 'form', 'now');
  expect((await report()).all).toMatchObject({
    subscriptions: 80,
    languages: { groups: [{ key: 'de', count: 50 }], other: 20 },
  });
});

test('a key of the scope reports reads this and nothing else', async () => {
  const { secret } = await install.db.work((work) =>
    install.get(ApiKeys).create(work, { name: 'partner', scopes: ['reports'] }, 'command line'),
  );
  const headers = { Authorization: `Bearer ${secret}` };
  expect((await install.call('GET', '/v1/reports/audience', undefined, headers)).status).toBe(200);
  expect((await install.call('GET', '/v1/reports/retention', undefined, headers)).status).toBe(403);
  expect((await install.call('POST', '/v1/subscribers/search', {}, headers)).status).toBe(403);
});
