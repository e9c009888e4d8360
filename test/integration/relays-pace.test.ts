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
  /** What was let go in one second and comes in the next: a worker has on each of four connections a mail, and one behind it. */
  const ON_THE_WAY = 8;

  function expectPace(mails: number, workers = 1): void {
    const onTheWay = ON_THE_WAY * workers;
    const seconds = perSecond(arrivals);
    expect(seconds.reduce((sum, count) => sum + count, 0)).toBe(mails);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(PART + onTheWay);
    let sum = 0;
    for (const [second, count] of seconds.entries()) {
      sum += count;
      expect(sum).toBeLessThanOrEqual(PART * (second + 1) + onTheWay);
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

  test('a relay that was busy for some seconds does not get all at once what those allowed', async () => {
    await changeDefaultRelay(engine, { perSecond: LIMIT });
    const { listId } = await engine.audience('busy', 150);
    sink.options = { ...noting(arrivals), delayMs: 4_000 };
    const id = await engine.blast(listId);
    await sink.until(() => sink.mails.length > 0);
    sink.options = noting(arrivals);
    await finished(id);
    expect(await engine.counts(id)).toMatchObject({ recipients: 150, sent: 150, failed: 0, unknown: 0 });
    expect(Math.max(...perSecond(arrivals))).toBeLessThanOrEqual(PART + ON_THE_WAY);
  });

  test('two workers share it', async () => {
    const { dataDir, databaseUrl } = engine;
    // The links tell whose mail it is.
    const environment = { PUBLIC_URL: 'http://localhost:3000' };
    const other = await Engine.start({ smtpUrl: sink.url, dataDir, databaseUrl, environment });
    try {
      await changeDefaultRelay(engine, { perSecond: LIMIT });
      await refreshRelays(other);
      const { listId } = await engine.audience('shared', 150);
      await earlyInSecond();
      const id = await engine.blast(listId);
      await finished(id);
      expect(await engine.counts(id)).toMatchObject({ recipients: 150, sent: 150, failed: 0, unknown: 0 });
      expectPace(150, 2);
      const theirs = sink.mails.filter(({ raw }) => raw.includes('<http://localhost:3000/')).length;
      expect(theirs).toBeGreaterThan(0);
      expect(theirs).toBeLessThan(150);
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
  expect((await engine.counts(batch)).queued).toBeGreaterThan(0);
});

test('a recipient domain with a cap is slow, the others are not, and its rows are not claimed over and over', async () => {
  await engine.db.insertInto('domain_caps').values({ domain: 'capped.example', per_second: 5 }).execute();
  await refreshRelays(engine);
  await noteClaims();
  const capped = await engine.audience('capped', 80, 'capped.example');
  const free = await engine.audience('free', 300, 'free.example');
  await engine.db
    .updateTable('subscriptions')
    .set({ list_id: free.listId })
    .where('list_id', '=', capped.listId)
    .execute();
  const to = (domain: string) => arrivals.filter((arrival) => arrival.to.endsWith(domain));
  const id = await engine.blast(free.listId);
  await eventually(async () => to('free.example').length === 300);
  // 4 of 5 a second are for news, and one mail a connection may have been on its way for long.
  const meanwhile = to('capped.example').length;
  expect(meanwhile).toBeLessThan(60);
  await sleep(7_000);
  const arrived = to('capped.example').length;
  expect(arrived).toBeGreaterThan(meanwhile + 7);
  let sum = 0;
  for (const [second, count] of perSecond(to('capped.example')).entries()) {
    sum += count;
    expect(sum).toBeLessThanOrEqual(4 * (second + 1) + 5);
  }
  // Each is claimed once to learn its place in the line, and again when that has come, or a little too early.
  expect(await claims('capped.example')).toBeLessThanOrEqual(80 + 2 * arrived);
  expect(await claims('free.example')).toBe(300);

  await engine.db.deleteFrom('domain_caps').execute();
  await refreshRelays(engine);
  await sql`UPDATE deliveries SET due_at = now() WHERE state = 'queued'`.execute(engine.db);
  await finished(id);
  expect(await engine.counts(id)).toMatchObject({ recipients: 380, sent: 380, failed: 0, unknown: 0 });
  expect(arrivals.map((arrival) => arrival.to).toSorted()).toEqual(
    [...capped.addresses, ...free.addresses].toSorted(),
  );
});

/** Keeps every claim of a delivery, in a table of this test's own. */
async function noteClaims(): Promise<void> {
  await sql`
    CREATE TABLE claimed (recipient_domain text);
    CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO claimed VALUES (new.recipient_domain); RETURN NULL; END';
    CREATE TRIGGER note_claim AFTER UPDATE OF state ON deliveries FOR EACH ROW
      WHEN (old.state <> 'sending' AND new.state = 'sending') EXECUTE FUNCTION note_claim()`.execute(
    engine.db,
  );
}

async function claims(domain: string): Promise<number> {
  const { rows } = await sql<{ claims: number }>`
    SELECT count(*)::int AS claims FROM claimed WHERE recipient_domain = ${domain}`.execute(engine.db);
  return rows[0]!.claims;
}
