import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/engine.js';
import { Install } from '../support/install.js';

const SIZE = 600;
const ERASED = 60;

let install: Install;
beforeAll(async () => {
  install = await Install.start({ SMTP_CONNECTIONS: '4' });
});
afterAll(() => install.stop());

test('who is erased while a blast runs gets nothing a second later, the counts add up, and nobody waits for a lock', async () => {
  await install.done('POST', '/v1/lists', { slug: 'letters', name: 'Letters' });
  await install.db.pool.query(
    `WITH added AS (
       INSERT INTO people (id, canonical, address)
       SELECT gen_random_uuid(), 'p' || n || '@example.com', 'p' || n || '@example.com'
         FROM generate_series(1, $1::int) n RETURNING id)
     INSERT INTO subscriptions (id, person_id, list_id, status, confirmed_at)
     SELECT gen_random_uuid(), added.id, lists.id, 'confirmed', now() FROM added, lists`,
    [SIZE],
  );
  install.sink.options = { delayMs: 40 };
  const { id } = await install.done('POST', '/v1/campaigns', {
    name: 'November',
    subject: 'News',
    lists: ['letters'],
    content: 'Hello',
  });
  await install.done('POST', `/v1/campaigns/${id}/send`);
  await install.sink.until(() => install.sink.mails.length > 20);

  const got = new Set(install.sink.mails.map(({ to }) => to));
  const { rows } = await install.db.pool.query<{ id: string; address: string }>(
    'SELECT id, address FROM people',
  );
  const chosen = rows.filter(({ address }) => !got.has(address)).slice(0, ERASED);
  await Promise.all(chosen.map((one) => install.done('DELETE', `/v1/subscribers/${one.id}`)));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const soon = new Set(install.sink.mails.map(({ to }) => to));

  const counts = await eventually(async () => {
    const campaign = await install.done('GET', `/v1/campaigns/${id}`);
    return campaign.state === 'finished' && campaign.counts;
  }, 60_000);
  const late = chosen.filter(({ address }) => install.sink.to(address).length > 0 && !soon.has(address));
  expect(late).toEqual([]);
  const spared = chosen.filter(({ address }) => install.sink.to(address).length === 0).length;
  expect(spared).toBeGreaterThan(ERASED / 2);
  expect(counts).toMatchObject({
    recipients: SIZE,
    skipped: spared,
    sent: SIZE - spared,
    failed: 0,
    unknown: 0,
  });
  expect(install.sink.mails).toHaveLength(SIZE - spared);
  const { rows: left } = await install.db.pool.query(
    `SELECT state, reason, address, count(*)::int FROM deliveries WHERE person_id = ANY($1) GROUP BY 1, 2, 3`,
    [chosen.map((one) => one.id)],
  );
  expect(new Set(left.map(({ address }) => address))).toEqual(new Set(['[erased]']));
  expect(left.find(({ state }) => state === 'skipped')).toMatchObject({ reason: 'erased', count: spared });
});
