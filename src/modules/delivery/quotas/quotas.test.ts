import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { streams, type Stream } from '../../../domain/index.js';
import { testDatabase, type TestDatabase } from '../../../../test/support/database.js';
import type { RelayLimits } from './quota.types.js';
import { Quotas } from './quotas.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const workers: Quotas[] = [];
afterEach(async () => {
  for (const quotas of workers.splice(0)) await quotas.close();
  for (const table of ['quota_windows', 'domain_caps', 'slow_downs'] as const)
    await database.db.deleteFrom(table).execute();
});

const noLimits = { streams, perSecond: null, perHour: null, perDay: null };
let relay: RelayLimits;
let number = 0;
beforeEach(() => {
  relay = { name: `relay-${(number += 1)}`, ...noLimits };
});

async function worker(limits: Partial<RelayLimits> = {}, now?: () => number): Promise<Quotas> {
  const quotas = new Quotas(database.db, now);
  workers.push(quotas);
  await quotas.refresh([{ ...relay, ...limits }]);
  return quotas;
}

const cap = (domain: string, perSecond: number) =>
  database.db.insertInto('domain_caps').values({ domain, per_second: perSecond }).execute();

/** What the database has given out in the window of a span. */
async function given(span: 'second' | 'hour' | 'day') {
  return database.db
    .selectFrom('quota_windows')
    .select(['used', 'bulk'])
    .where('subject', '=', `relay:${relay.name}`)
    .where('span', '=', span)
    .executeTakeFirstOrThrow();
}

/** Takes all it can get for a while, in claims. */
async function takeAll(quotas: Quotas, stream: Stream, claim: number, ms: number): Promise<number> {
  const end = Date.now() + ms;
  let taken = 0;
  while (Date.now() < end) {
    const { granted, retryAfterMs } = await quotas.take(relay.name, stream, claim);
    taken += granted;
    if (granted < claim) await sleep(Math.min(retryAfterMs, 50));
  }
  return taken;
}

const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);

/** Not so near to the end of a second or an hour that a test sees two. */
async function earlyInSecond(): Promise<void> {
  await sleep(1_020 - (Date.now() % 1_000));
}

describe('a relay', () => {
  test('without a limit is never asked about', async () => {
    const quotas = await worker();
    expect(await quotas.take(relay.name, 'news', 200)).toMatchObject({ granted: 200, retryAfterMs: 0 });
    expect(quotas.permit('example.com', 'news')).toBe(0);
    expect(await database.db.selectFrom('quota_windows').selectAll().execute()).toEqual([]);
  });

  test.each([
    ['perHour', 'hour'],
    ['perDay', 'day'],
  ] as const)('%s: two workers together get no more, and say for how long', async (limit, span) => {
    const both = [await worker({ [limit]: 1_000 }), await worker({ [limit]: 1_000 })];
    const claims = both.flatMap((quotas) =>
      Array.from({ length: 30 }, () => quotas.take(relay.name, 'orders', 40)),
    );
    const grants = await Promise.all(claims);
    expect(sum(grants.map(({ granted }) => granted))).toBe(1_000);
    expect((await given(span)).used).toBe(1_000);
    const none = await both[0]!.take(relay.name, 'orders', 1);
    expect(none).toMatchObject({ granted: 0, limitedBy: span });
    expect(none.retryAfterMs).toBeGreaterThan(0);
    expect(both[0]!.usedUp(relay.name, 'orders')).toMatchObject({ span });
  });

  test('perSecond: two workers that take all they can stay within it, and use it', async () => {
    const both = [await worker({ perSecond: 50 }), await worker({ perSecond: 50 })];
    await earlyInSecond();
    const taken = await Promise.all(both.map((quotas) => takeAll(quotas, 'orders', 10, 2_900)));
    expect(sum(taken)).toBeLessThanOrEqual(150);
    expect(sum(taken)).toBeGreaterThanOrEqual(120);
  });

  test('order mail keeps its reserve while news takes all it can', async () => {
    const news = [await worker({ perHour: 1_000 }), await worker({ perHour: 1_000 })];
    const orders = await worker({ perHour: 1_000 });
    const bulk = await Promise.all(
      news.flatMap((quotas) => Array.from({ length: 20 }, () => quotas.take(relay.name, 'news', 50))),
    );
    const service = await orders.take(relay.name, 'service', 10);
    expect(sum(bulk.map(({ granted }) => granted)) + service.granted).toBe(800);
    expect(await orders.take(relay.name, 'orders', 150)).toMatchObject({ granted: 150 });
    expect(await orders.take(relay.name, 'orders', 150)).toMatchObject({ granted: 50, limitedBy: 'hour' });
    expect(await given('hour')).toEqual({ used: 1_000, bulk: 800 });
  });

  test('of a relay without order mail news may use all', async () => {
    const quotas = await worker({ perHour: 1_000, streams: ['news'] });
    expect(await quotas.take(relay.name, 'news', 2_000)).toMatchObject({ granted: 1_000 });
  });

  test('per second too: news that takes all leaves a fifth of every second', async () => {
    const news = await worker({ perSecond: 20 });
    const orders = await worker({ perSecond: 20 });
    await earlyInSecond();
    const [bulk, receipts] = await Promise.all([
      takeAll(news, 'news', 20, 2_900),
      sleep(300).then(() => takeAll(orders, 'orders', 4, 2_600)),
    ]);
    expect(bulk).toBeLessThanOrEqual(48);
    expect(receipts).toBeGreaterThanOrEqual(10);
    expect(bulk + receipts).toBeLessThanOrEqual(60);
  });

  test('single mails do not ask the database each', async () => {
    const quotas = await worker({ perDay: 100_000 });
    let asked = 0;
    const windows = quotas['windows'];
    const take = windows.take.bind(windows);
    windows.take = async (request) => {
      asked += 1;
      return take(request);
    };
    await earlyInSecond();
    for (let mail = 0; mail < 300; mail += 1) await quotas.take(relay.name, 'orders', 1);
    expect(asked).toBeLessThan(40);
  });

  test('what a claim did not need goes back, and so does a slice that nobody used', async () => {
    const quotas = await worker({ perHour: 100 });
    const grant = await quotas.take(relay.name, 'orders', 80);
    grant.giveBack(70);
    expect(await quotas.take(relay.name, 'orders', 30)).toMatchObject({ granted: 30 });
    expect((await given('hour')).used).toBe(80);
    await sleep(1_900);
    expect((await given('hour')).used).toBe(40);
    (await quotas.take(relay.name, 'orders', 20)).giveBack(15);
    await quotas.close();
    expect((await given('hour')).used).toBe(45);
  });

  test('a worker that dies loses its slice and nothing else', async () => {
    const dies = await worker({ perHour: 100 });
    await dies.take(relay.name, 'orders', 10);
    workers.splice(workers.indexOf(dies), 1);
    const lives = await worker({ perHour: 100 });
    expect((await lives.take(relay.name, 'orders', 100)).granted).toBe(90);
  });

  test('a limit that is lifted or set counts from the next look', async () => {
    const quotas = await worker({ perHour: 10 });
    expect(await quotas.take(relay.name, 'orders', 20)).toMatchObject({ granted: 10 });
    await quotas.refresh([relay]);
    expect(await quotas.take(relay.name, 'orders', 20)).toMatchObject({ granted: 20 });
  });
});

describe('a recipient domain with a cap', () => {
  test('two workers let no more through', async () => {
    await cap('capped.example', 10);
    const both = [await worker(), await worker()];
    await earlyInSecond();
    const secondOf = (time: number) => Math.floor(time / 1_000);
    const begin = Date.now();
    const end = begin + 2_900;
    let went = 0;
    await Promise.all(
      both.map(async (quotas) => {
        while (Date.now() < end) {
          if ((await quotas.permit('capped.example', 'orders')) === 0) went += 1;
          else await sleep(20);
        }
      }),
    );
    // Three seconds, or one more where the machine is slow.
    expect(went).toBeLessThanOrEqual(10 * (secondOf(Date.now()) - secondOf(begin) + 1));
    expect(went).toBeGreaterThanOrEqual(24);
  });

  test('the waits grow by one place each, also over two workers, and fit what may go then', async () => {
    await cap('capped.example', 10);
    const both = [await worker(), await worker()];
    await earlyInSecond();
    const waits: number[] = [];
    const start = Date.now();
    for (let mail = 0; mail < 200; mail += 1) {
      const wait = await both[mail % 2]!.permit('capped.example', 'news');
      if (wait > 0) waits.push(Date.now() - start + wait);
    }
    // Eight a second are for news; two workers have booked some places more than they needed.
    const last = Math.max(...waits);
    expect(last).toBeGreaterThan((waits.length / 8) * 900);
    expect(last).toBeLessThan((waits.length / 8) * 2_200);
    const places = waits.toSorted((one, other) => one - other);
    for (let place = 8; place < places.length; place += 1)
      expect(places[place]! - places[place - 8]!).toBeGreaterThan(900);
  });

  test('a mail that comes back when it was told to may go', async () => {
    await cap('capped.example', 5);
    const quotas = await worker();
    const waiting = Array.from({ length: 12 }, async () => {
      let waits = 0;
      for (;;) {
        const wait = await quotas.permit('capped.example', 'orders');
        if (wait === 0) return waits;
        waits += 1;
        await sleep(wait + 20);
      }
    });
    const waits = await Promise.all(waiting);
    expect(sum(waits)).toBeLessThanOrEqual(18);
  });

  test('in a slice the answer comes at once, without a promise; other domains are not held up', async () => {
    await cap('capped.example', 1_000);
    const quotas = await worker();
    await earlyInSecond();
    for (let mail = 0; mail < 100; mail += 1) await quotas.permit('capped.example', 'news');
    const answers = Array.from({ length: 5 }, () => quotas.permit('capped.example', 'news'));
    expect(answers.filter((answer) => answer === 0).length).toBeGreaterThan(0);
    for (const answer of answers) await answer;
    expect(quotas.permit('free.example', 'news')).toBe(0);
  });

  test('order mail goes although news waits in a long line', async () => {
    await cap('capped.example', 10);
    const quotas = await worker();
    await earlyInSecond();
    for (let mail = 0; mail < 50; mail += 1) await quotas.permit('capped.example', 'news');
    expect(await quotas.permit('capped.example', 'orders')).toBe(0);
  });
});

describe('slowing down', () => {
  const asks = { permanent: false, speaksOf: 'domain', reason: 'rate_limited', slowDown: true } as const;

  test('is known to all workers, and recovers step by step', async () => {
    let clock = Date.now();
    const now = () => clock;
    const [one, other] = [await worker({}, now), await worker({}, now)];
    for (let mail = 0; mail < 100; mail += 1) one.went(relay.name, 'slow.example');
    await one.slowDown(asks, relay.name, 'slow.example');
    await one.slowDown(asks, relay.name, 'slow.example');
    expect(one.domainPace('slow.example')).toBeCloseTo(5);
    expect(other.domainPace('slow.example')).toBeUndefined();
    await other.refresh([relay]);
    expect(other.domainPace('slow.example')).toBeCloseTo(5);
    const paces = Array.from({ length: 8 }, () => {
      clock += 30_500;
      return other.domainPace('slow.example');
    });
    expect(paces.map((pace) => pace?.toFixed(1))).toEqual([
      '6.3',
      '7.8',
      '9.8',
      '12.2',
      '15.3',
      '19.1',
      undefined,
      undefined,
    ]);
    expect(other.permit('slow.example', 'news')).toBe(0);
  });

  test('holds mail back at that pace, and only of what the reply speaks of', async () => {
    const quotas = await worker();
    await quotas.slowDown(asks, relay.name, 'slow.example');
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () => quotas.permit('slow.example', 'orders')),
    );
    expect(answers.filter((wait) => wait === 0).length).toBeLessThanOrEqual(1);
    expect(Math.max(...answers)).toBeGreaterThan(3_000);
    expect(quotas.permit('other.example', 'orders')).toBe(0);
    expect(await quotas.take(relay.name, 'orders', 50)).toMatchObject({ granted: 50 });
  });

  test('a relay that asks is slowed for every domain; what several workers sent is added up', async () => {
    const quotas = await worker({ perSecond: 100 });
    quotas.workers = 3;
    for (let mail = 0; mail < 200; mail += 1) quotas.went(relay.name, `d${mail % 7}.example`);
    await quotas.slowDown({ ...asks, speaksOf: 'relay' }, relay.name, 'd1.example');
    expect(quotas.relayPace(relay.name)).toBeCloseTo(30);
    await earlyInSecond();
    const { granted, limitedBy } = await quotas.take(relay.name, 'orders', 200);
    expect([granted, limitedBy]).toEqual([30, 'second']);
  });

  test('other replies change nothing', async () => {
    const quotas = await worker();
    const { slowDown: _, ...other } = asks;
    await quotas.slowDown(other, relay.name, 'slow.example');
    expect(quotas.domainPace('slow.example')).toBeUndefined();
  });

  test('a burst of such replies is one request, and one transaction', async () => {
    const quotas = await worker();
    let connections = 0;
    const count = () => (connections += 1);
    database.db.pool.on('acquire', count);
    await Promise.all(Array.from({ length: 100 }, () => quotas.slowDown(asks, relay.name, 'slow.example')));
    await quotas.slowDown(asks, relay.name, 'slow.example');
    database.db.pool.off('acquire', count);
    expect(connections).toBeLessThan(10);
    expect(quotas.domainPace('slow.example')).toBe(0.5);
  });
});
