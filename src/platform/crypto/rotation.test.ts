import { createSecretKey, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '../../domain/index.js';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { KeyRing } from './key-ring.js';
import { LinkTokens } from './tokens.js';

const secret = createSecretKey(randomBytes(32));
const subject = newId();
const hello = Buffer.from('hello');
const YEAR_MS = 365.25 * 24 * 3_600_000;

let database: TestDatabase;
let ring: KeyRing;
beforeEach(async () => {
  database = await testDatabase();
  ring = await KeyRing.load(database.db, secret);
  await secondsPass(120);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await database.drop();
});

/** As if the keys had been made so much earlier. */
async function secondsPass(seconds: number): Promise<void> {
  await sql`UPDATE keys SET created_at = created_at - make_interval(secs => ${seconds})`.execute(database.db);
}
const keyOf = (sealed: Buffer) => sealed.readUInt16BE(0);
/** The rate at which a ring looks for keys that it does not know. */
const later = (ms: number) => jest.spyOn(Date, 'now').mockReturnValue(Date.now() + ms);

test('what the old key sealed opens in every process, and new things get the new key once all know of it', async () => {
  const before = {
    content: ring.seal('content', hello),
    token: new LinkTokens(ring).make('confirm', subject),
  };
  const other = await KeyRing.load(database.db, secret);
  const { id, retired } = await ring.rotate('content');
  expect(keyOf(before.content)).toBe(retired);
  // Known, and not used yet: the other process may not have looked.
  expect(keyOf(ring.seal('content', hello))).toBe(retired);
  await secondsPass(61);
  await ring.refresh();
  const sealed = ring.seal('content', hello);
  expect(keyOf(sealed)).toBe(id);
  await other.refresh();
  expect(other.unseal('content', sealed)).toEqual(hello);
  for (const one of [ring, other, await KeyRing.load(database.db, secret)]) {
    expect(one.unseal('content', before.content)).toEqual(hello);
    expect(new LinkTokens(one).read(before.token, 'confirm')?.subject).toBe(subject);
  }
});

test('a process that has not looked learns of a key from the first token that names it', async () => {
  const asleep = new LinkTokens(await KeyRing.load(database.db, secret));
  await ring.rotate('token');
  await secondsPass(61);
  await ring.refresh();
  const token = new LinkTokens(ring).make('unsubscribe', subject);
  expect(asleep.read(token, 'unsubscribe')).toBeUndefined();
  expect(await asleep.learn(token)).toBe(false);
  later(4_000);
  expect(await asleep.learn(token)).toBe(true);
  expect(asleep.read(token, 'unsubscribe')?.subject).toBe(subject);
  // Known now, so a forged one costs nothing.
  expect(await asleep.learn(token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).toBe(false);
});

test('links work for five years after their key has retired, and not longer; what is stored opens for ever', async () => {
  const tokens = new LinkTokens(ring);
  const token = tokens.make('unsubscribe', subject);
  const stored = ring.seal('content', hello);
  const signed = ring.signer('leave');
  for (const purpose of ['token', 'content', 'leave'] as const) await ring.rotate(purpose);
  expect(tokens.read(token, 'unsubscribe')?.subject).toBe(subject);
  const now = Date.now();
  const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 4.99 * YEAR_MS);
  expect(tokens.read(token, 'unsubscribe')?.subject).toBe(subject);
  expect(ring.signerOf('leave', signed.keyId)).toBeDefined();
  clock.mockReturnValue(now + 5.01 * YEAR_MS);
  expect(tokens.read(token, 'unsubscribe')).toBeUndefined();
  expect(ring.signerOf('leave', signed.keyId)).toBeUndefined();
  expect(ring.unseal('content', stored)).toEqual(hello);
});

test('the erasure key never rotates, and no key twice in a minute', async () => {
  const hash = ring.hash('erasure', 'a@example.com');
  await expect(ring.rotate('erasure')).rejects.toThrow(/never rotates/);
  expect(ring.hash('erasure', 'a@example.com')).toEqual(hash);
  await ring.rotate('token');
  await expect(ring.rotate('token')).rejects.toThrow(/less than a minute old/);
});

test('of two rotations at once one is done', async () => {
  const other = await KeyRing.load(database.db, secret);
  const done = await Promise.allSettled([ring.rotate('bounce'), other.rotate('bounce')]);
  expect(done.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const rows = await database.db.selectFrom('keys').selectAll().where('purpose', '=', 'bounce').execute();
  expect(rows).toHaveLength(2);
  expect(rows.filter((row) => row.retired_at === null)).toHaveLength(1);
});
