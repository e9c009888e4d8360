import { createSecretKey, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MAIL, scripted, until } from '../../../../test/support/couriers.js';
import { testDatabase, type TestDatabase } from '../../../../test/support/database.js';
import type { ScriptedSmtp } from '../../../../test/support/scripted-smtp.js';
import { streams, type Stream } from '../../../domain/index.js';
import { KeyRing } from '../../../platform/crypto/index.js';
import type { HandOver } from '../courier.js';
import { Quotas } from '../quotas/quotas.js';
import { ConnectionLeasesRepository } from './connection-leases.repository.js';
import { RelayPool } from './relay-pool.js';
import type { RelayUse } from './relay-use.js';
import { createRelayBody, type CreateRelay } from './relay.schemas.js';
import { RelaysRepository } from './relays.repository.js';
import { Relays } from './relays.service.js';
import type { Reservation } from './reservation.js';

let database: TestDatabase;
let keyRing: KeyRing;
let repository: RelaysRepository;
let leases: ConnectionLeasesRepository;
let relays: Relays;
let fallback: ScriptedSmtp;
const pools: RelayPool[] = [];

beforeAll(async () => {
  database = await testDatabase();
  keyRing = await KeyRing.load(database.db, createSecretKey(randomBytes(32)));
  repository = new RelaysRepository(database.db);
  leases = new ConnectionLeasesRepository(database.db);
  relays = new Relays(database.db, keyRing, repository, leases);
});
afterAll(() => database.drop());
beforeEach(async () => {
  fallback = await scripted();
});
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.beforeApplicationShutdown();
  for (const table of ['relays', 'relay_circuits', 'connection_leases', 'quota_windows'] as const)
    await database.db.deleteFrom(table).execute();
});

async function startPool(sends: readonly Stream[] = streams): Promise<RelayPool> {
  const pool = new RelayPool(relays, repository, leases, new Quotas(database.db), {
    defaultUrl: fallback.url,
    connections: 5,
    helloName: 'shop.example',
    streams: sends,
  });
  pools.push(pool);
  await pool.onModuleInit();
  return pool;
}

async function add(relay: Partial<CreateRelay> & { name: string; url: string }): Promise<void> {
  await database.db.work((work) => relays.create(work, createRelayBody.parse(relay)));
}

const change = (name: string, what: object) => database.db.work((work) => relays.update(work, name, what));

async function room(pool: RelayPool, stream: Stream = 'orders', wanted = 1): Promise<Reservation> {
  const reservation = await pool.reserve(stream, wanted);
  if (!reservation.use) throw new Error(`No relay for ${reservation.retryAfterMs} ms`);
  return reservation;
}

/** As the runner does it. */
async function send(use: RelayUse, stream: Stream = 'orders'): Promise<HandOver | undefined> {
  const slot = await use.slot(stream);
  try {
    if (!use.circuit.mayTry()) return undefined;
    const mail = { from: '', to: 'ada@example.com', raw: Buffer.from(MAIL), onHandOver: () => undefined };
    const result = await slot.send(mail);
    if (result.kind === 'accepted') use.succeeded();
    else use.failed('problem' in result ? result.problem : result.kind);
    return result;
  } finally {
    slot.release();
  }
}

const chosen = (pool: RelayPool, stream: Stream = 'orders') => pool.choose(stream).use?.name;

describe('choosing', () => {
  test('the lowest priority that carries the stream', async () => {
    const url = fallback.url;
    await add({ name: 'receipts', url, streams: ['orders'], priority: 1 });
    await add({ name: 'blasts', url, streams: ['news'], priority: 20 });
    const pool = await startPool();
    expect([chosen(pool, 'orders'), chosen(pool, 'service'), chosen(pool, 'news')]).toEqual([
      'receipts',
      'default',
      'default',
    ]);
    await change('default', { streams: ['service'] });
    await pool.refresh();
    expect(chosen(pool, 'news')).toBe('blasts');
    await add({ name: 'new', url, priority: 0 });
    await pool.refresh();
    expect(chosen(pool, 'news')).toBe('new');
    await change('new', { enabled: false });
    await pool.refresh();
    expect(chosen(pool, 'news')).toBe('blasts');
  });

  test('equals share by turns, and the one with more free connections is next', async () => {
    await add({ name: 'other', url: fallback.url });
    const pool = await startPool();
    const names: string[] = [];
    for (let claim = 0; claim < 6; claim += 1) names.push((await room(pool)).use.name);
    expect(names.filter((name) => name === 'other')).toHaveLength(3);
    const { use } = await room(pool);
    const slot = await use.slot('orders');
    const next = [(await room(pool)).use.name, (await room(pool)).use.name];
    expect(next).not.toContain(use.name);
    slot.release();
  });

  test('a pace that is used up makes mail wait; an hour that is used up moves it on', async () => {
    await add({ name: 'slow', url: fallback.url, priority: 1, perSecond: 10 });
    await add({ name: 'hourly', url: fallback.url, priority: 2, perHour: 3 });
    const pool = await startPool();
    await sleep(1_020 - (Date.now() % 1_000));
    expect((await room(pool, 'orders', 50)).granted).toBe(10);
    const wait = await pool.reserve('orders', 50);
    expect(wait.use).toBeUndefined();
    expect(wait).toMatchObject({ retryAfterMs: expect.any(Number) });
    await change('slow', { enabled: false });
    await pool.refresh();
    expect(await room(pool, 'orders', 50)).toMatchObject({ granted: 3, use: { name: 'hourly' } });
    expect(await room(pool, 'orders', 50)).toMatchObject({ granted: 50, use: { name: 'default' } });
  });

  test('what a claim did not need goes back', async () => {
    await add({ name: 'hourly', url: fallback.url, priority: 1, perHour: 10 });
    const pool = await startPool();
    (await room(pool, 'orders', 10)).settle(6);
    expect(await room(pool, 'orders', 10)).toMatchObject({ granted: 4, use: { name: 'hourly' } });
  });
});

describe('trouble', () => {
  test('moves mail to the next relay, is told to the operator, and ends with a probe', async () => {
    let broken = true;
    const first = await scripted((moment) => (broken && moment === 'greeting' ? 'drop' : undefined));
    await add({ name: 'first', url: first.url, priority: 1 });
    const pool = await startPool();
    const { use } = await room(pool);
    expect(use.name).toBe('first');
    expect(await send(use)).toMatchObject({ kind: 'unreached' });
    expect(chosen(pool)).toBe('default');
    expect(await send((await room(pool)).use)).toMatchObject({ kind: 'accepted' });
    await pool.refresh();
    const state = (await relays.states(['first'])).get('first');
    expect(state?.openSince).toBeInstanceOf(Date);
    expect((await relays.known('first')).lastProblem).toMatch(/\S/);

    broken = false;
    await until(() => chosen(pool) === 'first');
    const probe = await room(pool, 'orders', 200);
    expect(probe).toMatchObject({ granted: 1, use: { name: 'first' } });
    expect(await send(probe.use)).toMatchObject({ kind: 'accepted' });
    expect((await room(pool, 'orders', 200)).granted).toBe(200);
    await pool.refresh();
    expect((await relays.states(['first'])).get('first')?.openSince).toBeNull();
  });

  test('of all relays: says when to ask again, and nothing is asked of the database meanwhile', async () => {
    const pool = await startPool();
    fallback.hangUp();
    const { use } = await room(pool);
    use.failed('452 4.3.1 <ada@example.com>: Insufficient\r\n system storage');
    const { retryAfterMs } = await pool.reserve('orders', 1);
    expect(retryAfterMs).toBeGreaterThan(500);
    expect(retryAfterMs).toBeLessThan(1_200);
    await pool.refresh();
    expect((await relays.known('default')).lastProblem).toBe('452 4.3.1 <…>: Insufficient system storage');
  });

  test('a stream that no relay carries waits', async () => {
    const pool = await startPool();
    await database.db
      .updateTable('relays')
      .set({ streams: ['news'] })
      .execute();
    await pool.refresh();
    expect(pool.choose('orders')).toEqual({ retryAfterMs: 1_000 });
  });
});

describe('connections', () => {
  test('news leaves one in five to order mail', async () => {
    const pool = await startPool();
    const { use } = await room(pool);
    expect([use.slots('orders'), use.slots('news')]).toEqual([5, 4]);
    const news = await Promise.all(Array.from({ length: 4 }, () => use.slot('news')));
    let fifth = false;
    const waiting = use.slot('news').then((slot) => {
      fifth = true;
      return slot;
    });
    const order = await use.slot('orders');
    await sleep(20);
    expect(fifth).toBe(false);
    news[0]!.release();
    (await waiting).release();
    for (const slot of [...news, order]) slot.release();
    expect(use.inUse).toBe(0);
  });

  test('a limit is shared by the processes, and a dead one is forgotten', async () => {
    const one = await startPool(['news']);
    await change('default', { connections: 10 });
    const two = await startPool(['news']);
    const orders = await startPool();
    for (let look = 0; look < 2; look += 1) for (const pool of [one, two, orders]) await pool.refresh();
    const slots = [one, two].map((pool) => pool.choose('news').use?.slots('news'));
    expect([...slots, orders.choose('orders').use?.slots('orders')]).toEqual([4, 4, 2]);
    expect((await relays.states(['default'])).get('default')?.connections).toBe(10);

    // Killed: nobody renews its lease any more.
    const killed = pools.splice(pools.indexOf(two), 1)[0]!;
    clearInterval(killed['timer']);
    await database.db
      .updateTable('connection_leases')
      .set({ expires_at: new Date(Date.now() - 1_000) })
      .where('process', '=', killed['process'])
      .execute();
    await one.refresh();
    expect(one.choose('news').use?.slots('news')).toBe(8);
  });

  test('where no order mail goes nothing is kept free for it', async () => {
    await add({
      name: 'blasts',
      url: fallback.url,
      streams: ['news'],
      priority: 1,
      connections: 10,
      perHour: 10,
    });
    const [orders, news] = [await startPool(['orders', 'service']), await startPool(['news'])];
    await news.refresh();
    expect((await relays.states(['blasts'])).get('blasts')?.connections).toBe(10);
    expect(orders.choose('orders').use?.name).toBe('default');
    expect(await room(news, 'news', 50)).toMatchObject({ granted: 10, use: { name: 'blasts' } });
  });

  test('fewer than are in use: the mail in hand is finished, the connection then closed', async () => {
    const pool = await startPool();
    const { use } = await room(pool);
    const slots = await Promise.all(Array.from({ length: 5 }, () => use.slot('orders')));
    const mail = { from: '', to: 'ada@example.com', raw: Buffer.from(MAIL), onHandOver: () => undefined };
    await Promise.all(slots.map((slot) => slot.send(mail)));
    expect(fallback.open).toBe(5);
    await change('default', { connections: 2 });
    await pool.refresh();
    expect([use.slots('orders'), use.inUse]).toEqual([2, 5]);
    for (const slot of slots) slot.release();
    await until(() => fallback.open === 2);
    const again = await Promise.all([use.slot('orders'), use.slot('orders')]);
    expect(again.map((slot) => slot !== undefined)).toEqual([true, true]);
    for (const slot of again) slot.release();
  });

  test('a relay that has moved gets new ones; the old close when they are free', async () => {
    const [before, after] = [await scripted(), await scripted()];
    await add({ name: 'moves', url: before.url, priority: 1 });
    const pool = await startPool();
    const { use } = await room(pool);
    await send(use);
    const slot = await use.slot('orders');
    await change('moves', { url: after.url });
    await pool.refresh();
    const next = await room(pool);
    expect([use.gone, next.use.gone, next.use.name]).toEqual([true, false, 'moves']);
    expect(before.open).toBe(1);
    await send(next.use);
    expect(after.bodies).toHaveLength(1);
    slot.release();
    await until(() => before.open === 0);
  });
});
