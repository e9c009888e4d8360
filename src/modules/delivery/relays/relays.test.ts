import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { TestApi } from '../../../../test/support/api.js';
import { expectError } from '../../../../test/support/error-shape.js';
import { ListsModule } from '../../lists/index.js';
import { Relays, RelaysModule, relaysControllers } from '../index.js';
import { ConnectionLeasesRepository } from './connection-leases.repository.js';
import { RelaysRepository } from './relays.repository.js';

const URL_WITH_SECRET = 'smtp://shop:s%2Fcret@mx.example:2525?tls=required';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({ modules: [RelaysModule, ListsModule], controllers: relaysControllers });
});
afterAll(() => api.stop());
afterEach(async () => {
  for (const table of [
    'relays',
    'relay_circuits',
    'connection_leases',
    'quota_windows',
    'domain_caps',
  ] as const)
    await api.db.deleteFrom(table).execute();
});

const create = (body: object, headers?: Record<string, string>) => api.post('/v1/relays', body, headers);
const change = (name: string, body: object) => api.call('PATCH', `/v1/relays/${name}`, body);

describe('making one', () => {
  test('the defaults: everything, no limits, our signature; the password is shown nowhere', async () => {
    const { status, body } = await create({ name: 'main', url: URL_WITH_SECRET });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      name: 'main',
      url: 'smtp://shop@mx.example:2525?tls=required',
      streams: ['orders', 'service', 'news'],
      priority: 10,
      connections: null,
      perSecond: null,
      perHour: null,
      perDay: null,
      signing: 'ours',
      envelope: 'verp',
      enabled: true,
      state: { circuit: 'closed', openSince: null, lastProblem: null, lastProblemAt: null },
      used: { connections: 0, second: 0, hour: 0, day: 0 },
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect((await api.read('/v1/relays/main')).body).toEqual(body);
    expect((await api.read('/v1/relays')).body).toEqual({ data: [body], hasMore: false });
    const stored = await api.db.selectFrom('relays').selectAll().executeTakeFirstOrThrow();
    expect(stored.url.includes('cret')).toBe(false);
    expect((await api.get(Relays).known('main')).url).toBe(URL_WITH_SECRET);
  });

  test('an Idempotency-Key makes it once; a name that is taken is a 409', async () => {
    const again = () => create({ name: 'once', url: URL_WITH_SECRET }, { 'Idempotency-Key': 'relay 1' });
    const [first, second] = [await again(), await again()];
    expect(first.status).toBe(201);
    expect(second).toEqual(first);
    expectError(await create({ name: 'once', url: URL_WITH_SECRET }), {
      status: 409,
      name: 'relay_exists',
      says: '"once"',
    });
  });

  test.each([
    [{ url: URL_WITH_SECRET }, 'name', ''],
    [{ name: 'Not a slug', url: URL_WITH_SECRET }, 'name', 'a-z'],
    [{ name: 'a' }, 'url', ''],
    [{ name: 'a', url: 'http://mx.example' }, 'url', 'smtp://'],
    [{ name: 'a', url: 'smtp://user:pa/ss@mx.example' }, 'url', 'percent-encoded|smtp://'],
    [{ name: 'a', url: 'smtp://mx.example?tls=yes' }, 'url', 'tls'],
    [{ name: 'a', url: URL_WITH_SECRET, streams: ['letters'] }, 'streams.0', 'orders'],
    [{ name: 'a', url: URL_WITH_SECRET, streams: [] }, 'streams', 'at least one'],
    [{ name: 'a', url: URL_WITH_SECRET, perSecond: 0 }, 'perSecond', 'null is no limit'],
    [{ name: 'a', url: URL_WITH_SECRET, perHour: 0 }, 'perHour', 'null is no limit'],
    [{ name: 'a', url: URL_WITH_SECRET, perDay: -1 }, 'perDay', 'at least 1'],
    [{ name: 'a', url: URL_WITH_SECRET, connections: 0 }, 'connections', 'at least 1'],
    [{ name: 'a', url: URL_WITH_SECRET, perSecond: 1.5 }, 'perSecond', 'whole number'],
    [{ name: 'a', url: URL_WITH_SECRET, priority: -1 }, 'priority', ''],
    [{ name: 'a', url: URL_WITH_SECRET, signing: 'theirs' }, 'signing', 'relay'],
    [{ name: 'a', url: URL_WITH_SECRET, envelope: 'none' }, 'envelope', 'verp'],
    [{ name: 'a', url: URL_WITH_SECRET, password: 'x' }, undefined, 'password'],
  ])('%j is a 422 that names %s', async (body, field, says) => {
    const answer = await create(body);
    expectError(answer, {
      status: 422,
      name: 'validation_failed',
      says: new RegExp(says),
      ...(field && { field }),
    });
    expect(JSON.stringify(answer.body)).not.toContain('cret');
    expect(await api.db.selectFrom('relays').selectAll().execute()).toEqual([]);
  });
});

describe('changing', () => {
  test('what is left out stays, null lifts a limit, the password is kept', async () => {
    await create({ name: 'main', url: URL_WITH_SECRET, perHour: 500, connections: 4 });
    const { status, body } = await change('main', {
      perHour: null,
      perDay: 9_000,
      signing: 'relay',
      priority: 1,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      perHour: null,
      perDay: 9_000,
      signing: 'relay',
      priority: 1,
      connections: 4,
    });
    expect((await api.get(Relays).known('main')).url).toBe(URL_WITH_SECRET);
  });

  test('an unknown one is a 404', async () => {
    for (const name of ['none', '%00', 'domain-caps', 'A'])
      expectError(await change(name, { priority: 1 }), { status: 404, name: 'not_found', says: 'relay' });
    for (const name of ['none', '%00', 'A', 'a'.repeat(99)])
      expectError(await api.read(`/v1/relays/${name}`), { status: 404, name: 'not_found', says: 'relay' });
    expectError(await api.call('DELETE', '/v1/relays/none'), {
      status: 404,
      name: 'not_found',
      says: 'none',
    });
  });

  test('DELETE disables, and the last one that carries a stream stays', async () => {
    await create({ name: 'main', url: URL_WITH_SECRET });
    await create({ name: 'bulk', url: URL_WITH_SECRET, streams: ['news'] });
    const last = { status: 409, name: 'last_relay', says: /"main".*orders/ };
    expectError(await api.call('DELETE', '/v1/relays/main'), last);
    expectError(await change('main', { enabled: false }), last);
    expectError(await change('main', { streams: ['service', 'news'] }), last);
    expect((await change('main', { streams: ['orders', 'service'] })).status).toBe(200);
    expectError(await api.call('DELETE', '/v1/relays/bulk'), { ...last, says: /"bulk".*news/ });
    await create({ name: 'other', url: URL_WITH_SECRET });
    expect((await api.call('DELETE', '/v1/relays/main')).body).toMatchObject({
      name: 'main',
      enabled: false,
    });
    expect((await change('main', { enabled: true })).body).toMatchObject({ enabled: true });
  });

  test('two that are disabled at the same time: one is the last', async () => {
    await create({ name: 'one', url: URL_WITH_SECRET });
    await create({ name: 'two', url: URL_WITH_SECRET });
    const answers = await Promise.all(['one', 'two'].map((name) => api.call('DELETE', `/v1/relays/${name}`)));
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409]);
  });

  test('the relay of SMTP_URL: made once, the environment says where, the API how', async () => {
    const relays = api.get(Relays);
    await Promise.all([relays.ensureDefault('smtp://a.example'), relays.ensureDefault('smtp://a.example')]);
    await change('default', { perDay: 100 });
    await relays.ensureDefault('smtp://b.example');
    expect((await api.read('/v1/relays/default')).body).toMatchObject({
      url: 'smtp://b.example',
      perDay: 100,
    });
    expectError(await change('default', { url: 'smtp://c.example' }), {
      status: 409,
      name: 'url_from_environment',
      says: 'SMTP_URL',
    });
  });
});

test('the state is what workers say, and forgotten when they die', async () => {
  await create({ name: 'main', url: URL_WITH_SECRET, perHour: 50 });
  const repository = api.get(RelaysRepository);
  await repository.circuitOpen('main', 'worker-1', '421 Busy');
  await repository.circuitOpen('main', 'worker-2', 'connect ECONNREFUSED');
  const lease = { process: 'worker-1', bulkOnly: false, inUse: 3 };
  await api.get(ConnectionLeasesRepository).renew('main', null, lease);
  const look = async () => (await api.read('/v1/relays/main')).body;
  expect(await look()).toMatchObject({
    state: { circuit: 'open', openSince: expect.any(String), lastProblem: 'connect ECONNREFUSED' },
    used: { connections: 3 },
  });
  await repository.circuitClosed('main', 'worker-2');
  expect((await look()).state.circuit).toBe('open');
  await api.db
    .updateTable('relay_circuits')
    .set({ seen_at: new Date(Date.now() - 60_000) })
    .execute();
  expect((await look()).state).toMatchObject({ circuit: 'closed', lastProblem: 'connect ECONNREFUSED' });
});

describe('caps of recipient domains', () => {
  const path = (domain: string) => `/v1/domain-caps/${encodeURIComponent(domain)}`;

  test('set, changed, listed, lifted', async () => {
    expect(await api.call('PUT', path('Example.COM'), { perSecond: 5 })).toEqual({
      status: 200,
      body: { domain: 'example.com', perSecond: 5 },
    });
    await api.call('PUT', path('bücher.example'), { perSecond: 2 });
    await api.call('PUT', path('example.com'), { perSecond: 7 });
    expect((await api.read(path('example.com'))).body).toEqual({ domain: 'example.com', perSecond: 7 });
    const first = await api.read('/v1/domain-caps?limit=1');
    expect(first.body).toEqual({ data: [{ domain: 'example.com', perSecond: 7 }], hasMore: true });
    expect((await api.read('/v1/domain-caps?after=example.com')).body).toEqual({
      data: [{ domain: 'xn--bcher-kva.example', perSecond: 2 }],
      hasMore: false,
    });
    expect((await api.call('DELETE', path('example.com'))).status).toBe(204);
    expectError(await api.read(path('example.com')), { status: 404, name: 'not_found', says: 'example.com' });
    expectError(await api.call('DELETE', path('example.com')), {
      status: 404,
      name: 'not_found',
      says: 'example.com',
    });
  });

  test.each([
    ['example.com', { perSecond: 0 }, 'DELETE lifts'],
    ['example.com', {}, 'perSecond'],
    ['example.com', { perSecond: 'many' }, 'perSecond'],
    ['localhost', { perSecond: 1 }, 'example.com'],
    ['a b.example', { perSecond: 1 }, 'example.com'],
    ['\u0000.example', { perSecond: 1 }, 'example.com'],
  ])('%s %j is a 422', async (domain, body, says) => {
    expectError(await api.call('PUT', path(domain), body), { status: 422, name: 'validation_failed', says });
    expect(await api.db.selectFrom('domain_caps').selectAll().execute()).toEqual([]);
  });
});
