import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Service } from '../support/command.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { expectError } from '../support/error-shape.js';
import { API_KEY, Program } from '../support/program.js';
import { Sink } from '../support/sink.js';

/**
 * Two API processes on one database, as behind a load balancer: the first behind a proxy that it trusts, the second without one.
 * Their secrets come from files.
 */
let database: TestDatabase;
let folder: string;
let behindProxy: Service;
let direct: Service;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'postrider-apis-'));
  await writeFile(join(folder, 'database'), `${database.url}\n`);
  await writeFile(join(folder, 'secret'), randomBytes(32).toString('base64'));
  await writeFile(join(folder, 'key'), `${API_KEY}\n`);
  environment = {
    PORT: '0',
    DATA_DIR: join(folder, 'data'),
    DATABASE_URL_FILE: join(folder, 'database'),
    SECRET_KEY_FILE: join(folder, 'secret'),
    BOOTSTRAP_API_KEY_FILE: join(folder, 'key'),
  };
  [behindProxy, direct] = await Promise.all([
    Service.start(['api'], { ...environment, TRUST_PROXY: '1' }),
    Service.start(['api'], environment),
  ]);
}, 120_000);

afterAll(async () => {
  expect(await Promise.all([behindProxy?.stop(), direct?.stop()])).toEqual([0, 0]);
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function call(api: Service, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(api.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      Authorization: `Bearer ${API_KEY}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe('secrets from files', () => {
  test('open the database and the API, and no other key is made', async () => {
    expect((await call(direct, '/v1/lists')).status).toBe(200);
    expect((await call(behindProxy, '/v1/lists')).status).toBe(200);
    expect(existsSync(join(folder, 'data', 'secret.key'))).toBe(false);
  });

  test('start hands them to its processes, from .env too', async () => {
    const home = await mkdtemp(join(folder, 'home-'));
    await writeFile(
      join(home, '.env'),
      `DATABASE_URL_FILE=${join(folder, 'database')}\nSECRET_KEY_FILE=${join(folder, 'secret')}\n`,
    );
    const program = await Program.start({ DATA_DIR: home });
    expect((await program.call('GET', '/health/ready')).status).toBe(200);
    expect(existsSync(join(home, 'secret.key'))).toBe(false);
    expect(existsSync(join(home, 'postgres'))).toBe(false);
    expect(await program.stop()).toBe(0);
  }, 60_000);
});

describe('a worker by itself', () => {
  test('sends what either API accepted, and ends with what it has in hand', async () => {
    const sink = await Sink.start();
    const worker = await Service.start(['worker', 'orders', 'service'], {
      ...environment,
      SMTP_URL: sink.url,
    });
    for (const api of [behindProxy, direct]) {
      const mail = { to: 'ada@example.com', subject: 'Hello', text: 'Hello' };
      expect((await call(api, '/v1/emails', mail)).status).toBe(202);
    }
    await sink.until(() => sink.mails.length === 2);
    expect(await worker.stop()).toBe(0);
    await sink.stop();
  }, 60_000);
});

describe('X-Request-Id', () => {
  test('a harmless one is kept, another is replaced, and an error has one too', async () => {
    const given = await call(direct, '/v1/lists', undefined, { 'X-Request-Id': 'shop-42:a.b' });
    expect(given.headers.get('x-request-id')).toBe('shop-42:a.b');
    for (const wild of ['a b', 'x'.repeat(101), '{"level":"fatal"}']) {
      const answer = await call(direct, '/v1/nothing', undefined, { 'X-Request-Id': wild });
      expect(answer.status).toBe(404);
      expect(answer.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    }
  });
});

describe('Idempotency-Key', () => {
  const list = (slug: string) => ({ slug, name: 'News' });
  const create = async (api: Service, key: string, slug: string) =>
    call(api, '/v1/lists', list(slug), { 'Idempotency-Key': key });
  const rows = async (slug: string) =>
    (await database.db.selectFrom('lists').select('id').where('slug', '=', slug).execute()).length;

  test('the same request gets the same answer, at whichever process it arrives', async () => {
    const first = await create(behindProxy, 'k1', 'news');
    expect(first.status).toBe(201);
    const again = await create(direct, 'k1', 'news');
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(await rows('news')).toBe(1);
  });

  test('another body under the same key is refused and does nothing', async () => {
    const answer = await create(direct, 'k1', 'other');
    expectError(answer, { status: 422, name: 'idempotency_mismatch', says: 'k1' });
    expect(await rows('other')).toBe(0);
  });

  test('a request that failed may be sent again, put right', async () => {
    expect((await create(direct, 'k2', 'news')).status).toBe(409);
    expect((await create(direct, 'k2', 'letters')).status).toBe(201);
  });

  test('twenty at once at two processes make one', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => create(index % 2 ? direct : behindProxy, 'k3', 'once')),
    );
    for (const answer of answers) {
      if (answer.status === 201) expect(answer.body).toMatchObject({ slug: 'once' });
      else expectError(answer, { status: 409, name: 'idempotency_in_flight', says: 'k3' });
    }
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    expect(await rows('once')).toBe(1);
    expect((await create(direct, 'k3', 'once')).status).toBe(201);
  });

  test('an empty or endless key is refused', async () => {
    for (const key of ['', 'k'.repeat(256)]) {
      const answer = await create(direct, key, 'never');
      expectError(answer, {
        status: 422,
        name: 'validation_failed',
        says: 'Idempotency-Key',
        field: 'Idempotency-Key',
      });
    }
    expect(await rows('never')).toBe(0);
  });
});

describe('the limit of the form', () => {
  const LIMIT = 30;
  /** A form with nothing in it: 422, and counted like any other. */
  const post = async (api: Service, from?: string) =>
    (
      await fetch(`${api.url}/subscribe`, {
        method: 'POST',
        body: new URLSearchParams({ email: '' }),
        headers: from === undefined ? {} : { 'X-Forwarded-For': from },
      })
    ).status;

  test('counts over all processes, by the address that the proxy names, and believes no one else', async () => {
    const half = Array.from({ length: LIMIT / 2 });
    expect(new Set(await Promise.all(half.map(async () => post(behindProxy))))).toEqual(new Set([422]));
    // No proxy is trusted here: the header changes nothing.
    const direct15 = await Promise.all(half.map(async (_, index) => post(direct, `203.0.113.${index}`)));
    expect(new Set(direct15)).toEqual(new Set([422]));
    expect(await post(direct, '203.0.113.99')).toBe(429);
    expect(await post(behindProxy)).toBe(429);
    expect(await post(behindProxy, '203.0.113.99')).toBe(422);
    // One hop is trusted: what the visitor wrote before it is not.
    const spoofed = Array.from({ length: LIMIT - 1 }, async (_, index) =>
      post(behindProxy, `10.0.0.${index}, 203.0.113.99`),
    );
    await Promise.all(spoofed);
    expect(await post(behindProxy, '10.9.9.9, 203.0.113.99')).toBe(429);
  });

  test('says when to come back', async () => {
    const response = await fetch(`${direct.url}/subscribe`, {
      method: 'POST',
      body: new URLSearchParams({ email: '' }),
    });
    const answer = { status: response.status, body: await response.json() };
    expectError(answer, { status: 429, name: 'too_many_requests', says: /try again in \d+ s/ });
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
