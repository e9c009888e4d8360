import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { query } from '../support/audience.js';
import { postrider, Service } from '../support/command.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/engine.js';
import { expectError } from '../support/error-shape.js';
import { freePort } from '../support/ports.js';
import { rowCounts } from '../support/row-counts.js';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'postrider-operator-'));
}, 60_000);

afterAll(async () => {
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** With a database, and a data folder that does not exist yet. */
const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  DATABASE_URL: database.url,
  DATA_DIR: join(folder, 'data'),
  ...more,
});

const STACK = /\n\s+at /;

describe('migrate', () => {
  test('three at once on an empty database, and once more', async () => {
    const empty = await testDatabase({ empty: true });
    const run = async () => postrider(['migrate'], environment({ DATABASE_URL: empty.url }));
    try {
      const all = await Promise.all([run(), run(), run()]);
      for (const { code, output } of all) {
        expect([code, output]).toEqual([0, expect.stringContaining('The database is up to date.')]);
      }
      expect(all.filter(({ output }) => output.includes('Database migrated: 0001'))).toHaveLength(1);
      expect(await run()).toEqual({ code: 0, output: 'The database is up to date.\n' });
      expect(Object.keys(await rowCounts(empty.db))).toEqual(Object.keys(await rowCounts(database.db)));
    } finally {
      await empty.drop();
    }
  }, 120_000);
});

describe('migrate on a database of a newer version', () => {
  test('changes nothing and says so: during an upgrade the version before goes on', async () => {
    const newer = await testDatabase();
    const settings = environment({ DATABASE_URL: newer.url, PORT: '0' });
    try {
      await query(newer.url, `INSERT INTO kysely_migration VALUES ('9999-future', '2027-01-01')`);
      expect(await postrider(['migrate'], settings)).toEqual({
        code: 0,
        output:
          'The database is of a newer version of Postrider (9999-future)\nThe database is up to date.\n',
      });
      const api = await Service.start(['api'], settings);
      expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
      expect(await api.stop()).toBe(0);
    } finally {
      await newer.drop();
    }
  }, 60_000);
});

describe('key', () => {
  let api: Service;
  const get = async (path: string, key: string) => {
    const response = await fetch(api.url + path, { headers: { Authorization: `Bearer ${key}` } });
    return { status: response.status, body: await response.json() };
  };

  beforeAll(async () => {
    api = await Service.start(['api'], environment({ PORT: '0' }));
  }, 60_000);
  afterAll(async () => expect(await api.stop()).toBe(0), 60_000);

  test('create, list, revoke', async () => {
    const created = await postrider(
      ['key', 'create', '--name', 'Store', '--scopes', 'lists,orders'],
      environment(),
    );
    expect(created.code).toBe(0);
    const secret = /^pr_\S+$/m.exec(created.output)?.[0] ?? '';
    const id = /Key ([\w-]{36})/.exec(created.output)?.[1] ?? '';
    expect((await get('/v1/lists', secret)).status).toBe(200);
    expectError(await get('/v1/campaigns', secret), {
      status: 403,
      name: 'missing_scope',
      says: '"campaigns"',
    });

    const listed = await postrider(['key', 'list'], environment());
    expect(listed.output).toMatch(new RegExp(`${id}.*Store.*active.*lists,orders`));
    expect(listed.output).not.toContain(secret);

    expect((await postrider(['key', 'revoke', id], environment())).output).toMatch(/^Revoked pr_.*\(Store\)/);
    const refused = await eventually(async () => {
      const answer = await get('/v1/lists', secret);
      return answer.status !== 200 && answer;
    });
    expectError(refused, { status: 401, name: 'api_key_revoked', says: 'revoked at' });
    expect((await postrider(['key', 'list'], environment())).output).toMatch(new RegExp(`${id}.*revoked 20`));
  }, 120_000);

  test.each([
    [['create'], '--name is missing'],
    [['create', '--name', 'x', '--scopes', 'everything'], 'no scope "everything"'],
    [['create', '--name', 'x', '--expires', '2020-01-31'], '--expires: 2020-01-31'],
    [['revoke', '01900000-0000-7000-8000-000000000000'], 'no API key 01900000'],
    [['rename', 'x'], 'no "key rename"'],
  ])('%j is refused in words', async (args, says) => {
    const before = await rowCounts(database.db);
    const { code, output } = await postrider(['key', ...args], environment());
    expect([code, output]).toEqual([1, expect.stringContaining(says)]);
    expect(output).not.toMatch(STACK);
    expect(await rowCounts(database.db)).toEqual(before);
  });
});

describe('a command line that is wrong', () => {
  test.each([
    [['blast'], 'There is no command "blast"'],
    [['worker', 'orders', 'letters'], 'There is no queue "letters"; there are orders, service, '],
    [['worker'], 'SMTP_URL: a worker on its own needs a relay'],
  ])('%j', async (args, says) => {
    const { code, output } = await postrider(args, environment());
    expect([code, output]).toEqual([1, expect.stringContaining(says)]);
    expect(output).not.toMatch(STACK);
  });
});

describe('start with an environment that is wrong: its name is said, the exit code is 1, nothing was started', () => {
  let taken: Server;
  beforeAll(async () => {
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    await writeFile(join(folder, 'a-file'), '');
    await writeFile(join(folder, 'empty'), '');
  });
  afterAll(() => void taken.close());

  const cases: Record<string, () => Promise<{ set: NodeJS.ProcessEnv; says: string[] }>> = {
    'many at once': async () => ({
      set: {
        PORT: '99999',
        PUBLIC_URL: 'mail.example.com',
        TRUST_PROXY: 'nginx',
        DATABASE_URL: 'mysql://127.0.0.1/x',
        REDIS_URL: 'http://127.0.0.1',
        SMTP_URL: 'smtp://user:pa@ss/word@relay.example.com',
        SMTP_CONNECTIONS: '0',
        SECRET_KEY: 'hunter2',
        MAIL_FROM: 'news',
        INBOX_MAX_MESSAGES: '-1',
        TIMEZONE: 'Mars/Olympus',
        BOOTSTRAP_API_KEY: 'hunter2',
        WORKER_PROCESSES: 'two',
        LOG_LEVEL: 'loud',
      },
      says: [
        'PORT',
        'PUBLIC_URL',
        'TRUST_PROXY',
        'DATABASE_URL',
        'REDIS_URL',
        'SMTP_URL',
        'SMTP_CONNECTIONS',
        'SECRET_KEY',
        'MAIL_FROM',
        'INBOX_MAX_MESSAGES',
        'TIMEZONE',
        'BOOTSTRAP_API_KEY',
        'WORKER_PROCESSES',
        'LOG_LEVEL',
      ].map((name) => `  ${name}: `),
    }),
    'a port in use': async () => {
      const { port } = taken.address() as AddressInfo;
      return { set: { PORT: String(port) }, says: [`PORT: ${port} on 127.0.0.1 is in use`] };
    },
    'an address of another machine': async () => ({ set: { HOST: '192.0.2.1' }, says: ['HOST: 192.0.2.1'] }),
    'a relay without a sender': async () => ({
      set: { SMTP_URL: 'smtp://relay.example.com' },
      says: ['MAIL_FROM: '],
    }),
    'an empty secret file': async () => ({
      set: { SECRET_KEY_FILE: join(folder, 'empty') },
      says: ['SECRET_KEY_FILE: ', 'is empty'],
    }),
    'a data folder that is a file': async () => ({
      set: { DATABASE_URL: '', DATA_DIR: join(folder, 'a-file') },
      says: ['DATA_DIR', 'a-file cannot be written'],
    }),
    'a database that is down': async () => ({
      set: { DATABASE_URL: `postgres://shop:hunter2@127.0.0.1:${await freePort()}/shop` },
      says: ['DATABASE_URL: no connection', 'ECONNREFUSED'],
    }),
    'a database that does not exist': async () => ({
      set: { DATABASE_URL: database.url.replace(/\/\w+$/, '/nothing') },
      says: ['DATABASE_URL: no connection', '"nothing" does not exist'],
    }),
  };

  test.each(Object.keys(cases))('%s', async (name) => {
    const { set, says } = await cases[name]!();
    const dataDir = join(folder, 'never-made');
    const port = String(await freePort());
    const { code, output } = await postrider(
      ['start'],
      environment({ PORT: port, DATA_DIR: dataDir, ...set }),
    );
    expect([code, output]).toEqual([1, expect.stringContaining(says[0]!)]);
    for (const part of says) expect(output).toContain(part);
    expect(output).not.toMatch(STACK);
    expect(output).not.toContain('hunter2');
    expect(existsSync(dataDir)).toBe(false);
  });

  test('nothing was left in the folder', async () => {
    expect((await readdir(folder)).sort()).toEqual(['a-file', 'data', 'empty']);
  });
});
