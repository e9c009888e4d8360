import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { PeopleApi } from '../../../test/support/people-api.js';
import { loadConfig } from '../../platform/config/index.js';
import { KeyRing, LinkTokens } from '../../platform/crypto/index.js';
import { loadSecretKey } from '../../platform/crypto/secret-key.js';

/** People keep mails for years. Keys rotate and partitions are dropped meanwhile, in an API that goes on running. */

let people: PeopleApi;
/** Another process of the same install, such as the worker that makes the links. */
let elsewhere: KeyRing;
beforeAll(async () => {
  people = await PeopleApi.start();
  await people.list('letters');
  const config = loadConfig({ DATA_DIR: people.api.shared.dataDir }, '/dev/null');
  elsewhere = await KeyRing.load(people.api.db, loadSecretKey(config));
});
afterAll(() => people.stop());

/** As if all that was done to the keys had been done so much earlier. */
async function pass(time: string): Promise<void> {
  await sql`UPDATE keys SET created_at = created_at - ${time}::interval, retired_at = retired_at - ${time}::interval`.execute(
    people.api.db,
  );
  await elsewhere.refresh();
}

async function status(personId: string): Promise<string> {
  return (await people.api.read(`/v1/subscribers/${personId}`)).body.subscriptions[0].status;
}

test('a link works after its key has rotated and its partition is gone, for five years and not longer', async () => {
  const { db } = people.api;
  const { personId, ids } = await people.confirmed('keeps-mails@example.com', ['letters']);
  await sql`SELECT ensure_partitions('2021-11-01')`.execute(db);
  const { rows } = await sql<{ id: number }>`
    INSERT INTO deliveries (bucket, stream, campaign_id, person_id, address, recipient_domain, state, settled_at)
    VALUES ('2021-11-01', 'news', gen_random_uuid(), ${personId}, 'keeps-mails@example.com', 'example.com', 'sent', now())
    RETURNING id`.execute(db);
  const tokens = new LinkTokens(elsewhere);
  const path = `/unsubscribe/${tokens.make('unsubscribe', ids[0]!, rows[0]!.id)}`;
  const preferences = `/preferences/${tokens.make('preferences', personId)}`;

  await pass('2 minutes');
  await elsewhere.rotate('token');
  await sql`DROP TABLE deliveries_2021_11, messages_2021_11, events_2021_11`.execute(db);
  await pass('2 minutes');
  for (const link of [path, preferences]) expect((await people.visit(link)).status).toBe(200);

  await pass('4 years 11 months');
  const api = people.api.get(KeyRing);
  await api.refresh();
  const page = await people.visit(path, { method: 'POST' });
  expect(page.status).toBe(200);
  expect(await status(personId)).toBe('unsubscribed');

  await pass('2 months');
  await api.refresh();
  for (const link of [path, preferences]) expect((await people.visit(link)).status).toBe(404);
});

test('the running API learns of a new key from the first link that names it', async () => {
  const { personId, ids } = await people.confirmed('new-key@example.com', ['letters']);
  await pass('2 minutes');
  await people.api.get(KeyRing).refresh();
  const { id } = await elsewhere.rotate('token');
  await pass('2 minutes');
  const token = new LinkTokens(elsewhere).make('unsubscribe', ids[0]!);
  expect(Buffer.from(token, 'base64url').readUInt16BE(0)).toBe(id);
  expect(people.api.get(LinkTokens).read(token, 'unsubscribe')).toBeUndefined();
  // It reads its keys at most every three seconds.
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  expect((await people.visit(`/unsubscribe/${token}`, { method: 'POST' })).status).toBe(200);
  expect(await status(personId)).toBe('unsubscribed');
});
