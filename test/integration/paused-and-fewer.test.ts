import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Engine, eventually } from '../support/engine.js';
import { Sink } from '../support/sink.js';

/** What a person chose besides leaving is honoured at the last moment, like leaving is. */

let sink: Sink;
let engine: Engine;
beforeEach(async () => {
  sink = await Sink.start();
  engine = await Engine.start({ smtpUrl: sink.url });
});
afterEach(async () => {
  await engine.stop();
  await sink.stop();
});

async function choose(address: string, listId: string, set: Record<string, unknown>): Promise<void> {
  await engine.db
    .updateTable('subscriptions')
    .set(set)
    .where('list_id', '=', listId)
    .where('person_id', '=', (eb) => eb.selectFrom('people').select('id').where('canonical', '=', address))
    .execute();
}

async function finished(batch: string): Promise<void> {
  await eventually(async () => (await engine.batchState(batch)) === 'finished');
}

async function skips(batch: string): Promise<Record<string, string | null>> {
  const rows = await engine.db
    .selectFrom('deliveries')
    .select(['address', 'reason'])
    .where('campaign_id', '=', batch)
    .where('state', '=', 'skipped')
    .execute();
  return Object.fromEntries(rows.map(({ address, reason }) => [address, reason]));
}

/** As if all that was sent had been sent so many days earlier. */
async function daysPass(days: number): Promise<void> {
  await sql`UPDATE deliveries SET settled_at = settled_at - make_interval(days => ${days})`.execute(
    engine.db,
  );
  await sql`UPDATE batches SET finished_at = finished_at - make_interval(days => ${days})`.execute(engine.db);
}

test('a paused subscription is skipped until its day, and then gets mail again', async () => {
  const { listId, addresses } = await engine.audience('letters', 3);
  await choose(addresses[0]!, listId, { paused_until: sql`now() + interval '30 days'` });
  await choose(addresses[1]!, listId, { paused_until: sql`now() - interval '1 second'` });
  const batch = await engine.blast(listId);
  await finished(batch);
  expect(await skips(batch)).toEqual({ [addresses[0]!]: 'paused' });
  expect(sink.mails.map(({ to }) => to).toSorted()).toEqual(addresses.slice(1));
  expect(await engine.counts(batch)).toMatchObject({ recipients: 3, sent: 2, skipped: 1 });
});

test('at most one mail a week through a list, for who wants that; other lists and other people do not count', async () => {
  const { listId, addresses } = await engine.audience('weekly', 2);
  const [weekly] = addresses;
  await choose(weekly!, listId, { min_days_between: 7 });
  const first = await engine.blast(listId);
  await finished(first);
  expect(await skips(first)).toEqual({});

  const second = await engine.blast(listId);
  await finished(second);
  expect(await skips(second)).toEqual({ [weekly!]: 'frequency' });

  // A skipped one is no mail: seven days after the first the next one comes.
  await daysPass(7);
  const third = await engine.blast(listId);
  await finished(third);
  expect(await skips(third)).toEqual({});
  expect(sink.to(weekly!)).toHaveLength(2);
  expect(sink.to(addresses[1]!)).toHaveLength(3);
});

test('mail through another list does not count', async () => {
  const one = await engine.audience('one', 1);
  const other = await engine.db.work(async ({ trx }) => {
    const copy = await trx
      .selectFrom('lists')
      .selectAll()
      .where('id', '=', one.listId)
      .executeTakeFirstOrThrow();
    const id = copy.id.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    await trx
      .insertInto('lists')
      .values({ ...copy, id, slug: 'other' })
      .execute();
    const { person_id } = await trx
      .selectFrom('subscriptions')
      .select('person_id')
      .where('list_id', '=', one.listId)
      .executeTakeFirstOrThrow();
    const row = { id, person_id, list_id: id, status: 'confirmed' as const, min_days_between: 30 };
    await trx.insertInto('subscriptions').values(row).execute();
    return id;
  });
  await finished(await engine.blast(one.listId));
  await finished(await engine.blast(other));
  expect(sink.to(one.addresses[0]!)).toHaveLength(2);
});

test('of two blasts at the same time a person who wants one a week gets exactly one', async () => {
  sink.options = { delayMs: 5 };
  const { listId, addresses } = await engine.audience('both', 200);
  await engine.db.updateTable('subscriptions').set({ min_days_between: 7 }).execute();
  const batches = [await engine.blast(listId), await engine.blast(listId)];
  for (const batch of batches) await finished(batch);
  expect(sink.mails.map(({ to }) => to).toSorted()).toEqual(addresses.toSorted());
  const counts = await Promise.all(batches.map(async (batch) => engine.counts(batch)));
  expect(counts[0]!.sent + counts[1]!.sent).toBe(200);
  expect(counts[0]!.skipped + counts[1]!.skipped).toBe(200);
});
