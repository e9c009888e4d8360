import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis, whyNoRedis } from '../../../../test/support/redis.js';
import { loadConfig } from '../../../platform/config/index.js';
import type { Relay } from '../../delivery/index.js';
import { Dns } from '../dns.js';
import type { DatabaseFacts } from '../doctor.repository.js';
import type { Check } from '../surroundings.js';
import { databaseCheck, diskCheck, redisCheck, secretsCheck } from './machine.check.js';
import { publicUrlCheck } from './public-url.check.js';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'postrider-checks-'));
});
afterAll(async () => rm(dataDir, { recursive: true, force: true }));

/** What one check says of this environment, as `check: status: what is`. */
async function say(check: Check, environment: Record<string, string> = {}, relays: readonly Relay[] = []) {
  const config = loadConfig({ DATA_DIR: dataDir, ...environment }, '/dev/null');
  const findings = await check({ config, relays, domains: [], dns: new Dns(undefined) });
  return findings.map(({ check: name, status, is }) => `${name}: ${status}: ${is}`);
}

/** A database whose clock is so many seconds ahead; the clock of the machine cannot be set in a test. */
const databaseAhead = (seconds: number, settings: Partial<DatabaseFacts['settings']> = {}) => ({
  database: async (): Promise<DatabaseFacts> => ({
    version: '18.4',
    settings: { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', ...settings },
    size: 1024,
    now: new Date(Date.now() + seconds * 1_000),
  }),
});

test.each([
  [10, /^clock: warning: The database's clock is 10\.0 s ahead of this machine's/],
  [-60, /^clock: failure: The database's clock is 60\.0 s behind/],
])('a database whose clock is %d s ahead', async (seconds, expected) => {
  expect((await say(databaseCheck(databaseAhead(seconds))))[1]).toMatch(expected);
});

test('a database that does not keep what it confirmed', async () => {
  const careless = databaseAhead(0, { fsync: 'off', synchronous_commit: 'off' });
  expect((await say(databaseCheck(careless)))[0]).toMatch(
    /^database: failure: .* has fsync and synchronous_commit off/,
  );
});

test('a disk without room, and one that is not there', async () => {
  // The kernel's own file system has no room at all.
  expect((await say(diskCheck(databaseAhead(0)), { DATA_DIR: '/proc' }))[0]).toBe(
    'disk: failure: 0.0 GiB free at /proc',
  );
  const missing = join(dataDir, 'missing');
  expect((await say(diskCheck(databaseAhead(0)), { DATA_DIR: missing }))[0]).toMatch(/^disk: unknown: /);
});

test('a secret key that others may read, that is nowhere else, that is set', async () => {
  const file = join(dataDir, 'secret.key');
  await writeFile(file, 'x');
  await chmod(file, 0o644);
  expect((await say(secretsCheck))[0]).toMatch(/^secrets: failure: .* may be read by other users/);
  await chmod(file, 0o600);
  expect((await say(secretsCheck))[0]).toMatch(/^secrets: ok: It is kept in/);
  const relay = { name: 'main' } as Relay;
  expect((await say(secretsCheck, {}, [relay]))[0]).toMatch(/^secrets: warning: It is not set/);
  expect(await say(secretsCheck, { SECRET_KEY: 'ab'.repeat(32) }, [relay])).toEqual([
    'secrets: ok: It is set',
  ]);
});

const where = whyNoRedis() === undefined ? describe : describe.skip;
where('Redis', () => {
  test('that throws keys away, and that is gone', async () => {
    const redis = await startRedis();
    const environment = { REDIS_URL: redis.url };
    try {
      expect((await say(redisCheck, environment))[0]).toMatch(/^redis: ok: /);
      const client = new Redis(redis.url);
      await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
      client.disconnect();
      expect((await say(redisCheck, environment))[0]).toMatch(/^redis: warning: .*\(allkeys-lru\)/);
    } finally {
      await redis.stop();
    }
    expect((await say(redisCheck, environment))[0]).toMatch(/^redis: failure: Redis does not answer/);
  });
});

test('a PUBLIC_URL where something else answers, with another time', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('Date', new Date(Date.now() - 3_600_000).toUTCString());
    response.end('hello');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const check = publicUrlCheck({ hash: () => Buffer.from('ours') });
  const environment = { PUBLIC_URL: `http://127.0.0.1:${port}` };
  try {
    expect(await say(check, environment)).toEqual([
      expect.stringMatching(/^public-url: warning: It is on this machine only/),
      'public-url: failure: Something else answers there (status 200)',
      expect.stringMatching(/^clock: warning: The clock there is \d+ s behind/),
    ]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  expect((await say(check, environment))[1]).toMatch(/^public-url: failure: It cannot be reached from here/);
});
