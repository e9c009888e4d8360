import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Engine, eventually } from '../support/engine.js';
import { changeDefaultRelay, noting, perSecond, refreshRelays, type Arrival } from '../support/relays.js';
import { Sink } from '../support/sink.js';

/** What limits do to the mail on the wire. Nothing here says how fast this machine is, but for what a limit of some mails a second leaves. */

let sink: Sink;
let engine: Engine;
let arrivals: Arrival[];

beforeEach(async () => {
  arrivals = [];
  sink = await Sink.start(noting(arrivals));
  engine = await Engine.start({ smtpUrl: sink.url });
});

afterEach(async () => {
  await engine.stop();
  await sink.stop();
});

const finished = (batchId: string) =>
  eventually(async () => (await engine.batchState(batchId)) === 'finished', 40_000);

/** Not so near to the end of a second that what it allows comes in the next one. */
async function earlyInSecond(): Promise<void> {
  await sleep(1_020 - (Date.now() % 1_000));
}

describe('so many a second', () => {
  /** Of 30 a second news has four fifths. */
  const LIMIT = 30;
  const PART = 24;

  function expectPace(mails: number): void {
    const seconds = perSecond(arrivals);
    expect(seconds.reduce((sum, count) => sum + count, 0)).toBe(mails);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(LIMIT);
    let sum = 0;
    for (const [second, count] of seconds.entries()) {
      sum += count;
      expect(sum).toBeLessThanOrEqual(PART * (second + 1));
    }
    expect(seconds.length).toBeLessThanOrEqual(Math.ceil(mails / PART) * 2);
  }

  test('a blast keeps to it on the wire, uses it, and ends', async () => {
    await changeDefaultRelay(engine, { perSecond: LIMIT });
    const { listId, addresses } = await engine.audience('paced', 150);
    await earlyInSecond();
    const id = await engine.blast(listId);
    await finished(id);
    expect(arrivals.map(({ to }) => to).toSorted()).toEqual(addresses.toSorted());
    expect(await engine.counts(id)).toMatchObject({ recipients: 150, sent: 150, failed: 0, unknown: 0 });
    expectPace(150);
  });

  test('two workers share it', async () => {
    const { dataDir, databaseUrl } = engine;
    const other = await Engine.start({ smtpUrl: sink.url, dataDir, databaseUrl });
    try {
      await changeDefaultRelay(engine, { perSecond: LIMIT });
      await refreshRelays(other);
      const { listId } = await engine.audience('shared', 150);
      await earlyInSecond();
      const id = await engine.blast(listId);
      await finished(id);
      expect(await engine.counts(id)).toMatchObject({ recipients: 150, sent: 150, failed: 0, unknown: 0 });
      expectPace(150);
    } finally {
      await other.stop();
    }
  });
});

test('order mail goes out in the second whose part for news is used up', async () => {
  await changeDefaultRelay(engine, { perSecond: 10 });
  const { listId } = await engine.audience('many', 400);
  const batch = await engine.blast(listId);
  /** The end of a second in which news has had all of its part, and which is not nearly over. */
  const usedUp = async () => {
    const { rows } = await sql<{ endsAt: Date }>`
      SELECT ends_at AS "endsAt" FROM quota_windows
       WHERE subject = 'relay:default' AND bulk = 8 AND ends_at > now() + interval '500 ms'`.execute(
      engine.db,
    );
    return rows[0]?.endsAt;
  };
  let atOnce = 0;
  const waits: number[] = [];
  for (let order = 0; order < 8; order += 1) {
    const endsAt = await eventually(usedUp);
    const from = Date.now();
    await engine.send(`buyer-${order}@example.com`);
    await sink.until(() => sink.to(`buyer-${order}@example.com`).length === 1);
    const { at } = arrivals.find(({ to }) => to.startsWith(`buyer-${order}@`))!;
    waits.push(at - from);
    if (at < endsAt.getTime()) atOnce += 1;
  }
  expect(atOnce).toBeGreaterThanOrEqual(4);
  expect(Math.max(...waits)).toBeLessThan(3_000);
  expect(Math.max(...perSecond(arrivals))).toBeLessThanOrEqual(12);
  expect((await engine.counts(batch)).queued).toBeGreaterThan(0);
});

test('a recipient domain with a cap is slow, the others are not, and its rows are not claimed over and over', async () => {
  await engine.db.insertInto('domain_caps').values({ domain: 'capped.example', per_second: 10 }).execute();
  await refreshRelays(engine);
  await sql`
    CREATE TABLE claimed (delivery_id bigint, recipient_domain text);
    CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO claimed VALUES (new.id, new.recipient_domain); RETURN NULL; END';
    CREATE TRIGGER note_claim AFTER UPDATE OF state ON deliveries FOR EACH ROW
      WHEN (old.state <> 'sending' AND new.state = 'sending') EXECUTE FUNCTION note_claim()`.execute(
    engine.db,
  );
  const capped = await engine.audience('capped', 48, 'capped.example');
  const free = await engine.audience('free', 300, 'free.example');
  await engine.db
    .updateTable('subscriptions')
    .set({ list_id: free.listId })
    .where('list_id', '=', capped.listId)
    .execute();
  const id = await engine.blast(free.listId);
  await finished(id);
  const to = (domain: string) => arrivals.filter((arrival) => arrival.to.endsWith(domain));
  expect(await engine.counts(id)).toMatchObject({ recipients: 348, sent: 348, failed: 0, unknown: 0 });
  expect(new Set(arrivals.map((arrival) => arrival.to))).toEqual(
    new Set([...capped.addresses, ...free.addresses]),
  );
  // 8 of 10 a second are for news: 48 take 5 s at least. When all others had theirs, most of these still waited.
  const lastFree = Math.max(...to('free.example').map(({ at }) => at));
  expect(to('capped.example').filter(({ at }) => at > lastFree).length).toBeGreaterThan(24);
  let sum = 0;
  for (const [second, count] of perSecond(to('capped.example')).entries()) {
    sum += count;
    expect(sum).toBeLessThanOrEqual(8 * (second + 2));
  }
  const { rows } = await sql<{ domain: string; claims: number; rows: number }>`
    SELECT recipient_domain AS domain, count(*)::int AS claims, count(DISTINCT delivery_id)::int AS rows
      FROM claimed GROUP BY 1 ORDER BY 1`.execute(engine.db);
  expect(rows.map(({ rows: deliveries }) => deliveries)).toEqual([48, 300]);
  expect(rows[0]!.claims).toBeLessThanOrEqual(48 * 4);
});
