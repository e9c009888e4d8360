import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/engine.js';
import { scopes } from '../../platform/http/index.js';
import type { NewKey } from './access.types.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { AuditLogRepository } from './audit-log.repository.js';
import { ApiKeys, keysCommand } from './index.js';
import { KeyAuthenticator } from './key-authenticator.service.js';

let database: TestDatabase;
let dataDir: string;
let here: Process;

/** Keys as one process knows them. */
class Process {
  private readonly repository = new ApiKeysRepository(database.db);
  private readonly authenticator = new KeyAuthenticator(this.repository);
  readonly keys = new ApiKeys(database.db, this.repository, new AuditLogRepository(), this.authenticator);

  authenticate(secret: string, ip = '127.0.0.1') {
    return this.authenticator.authenticate(secret, ip);
  }

  create(key: NewKey) {
    return database.db.work((work) => this.keys.create(work, key, 'command line'));
  }

  revoke(id: string) {
    return database.db.work((work) => this.keys.revoke(work, id, 'command line', true));
  }

  command(argv: readonly string[]) {
    return keysCommand(this.keys, database.db, argv);
  }
}

beforeAll(async () => {
  database = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'postrider-keys-'));
  here = new Process();
});
afterAll(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true });
});

const row = (id: string) =>
  database.db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('a key', () => {
  test('opens with its secret, of which only a hash is kept', async () => {
    const { key, secret } = await here.create({ name: 'shop', scopes: ['orders', 'emails'] });
    expect(secret).toMatch(/^pr_[\w-]{43}$/);
    expect(await here.authenticate(secret)).toEqual({
      apiKeyId: key.id,
      name: 'shop',
      scopes: ['orders', 'emails'],
      senders: null,
      rate: null,
    });
    const stored = await row(key.id);
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(stored.hash).toHaveLength(32);
    expect(secret.startsWith(stored.prefix)).toBe(true);
    expect(stored.prefix).toHaveLength(11);
  });

  test('does not open with another secret', async () => {
    const { secret } = await here.create({ name: 'other', scopes: ['lists'] });
    for (const wrong of [`${secret}x`, secret.slice(0, -1), secret.toUpperCase(), 'pr_', '', 'pr_\0']) {
      expect(await here.authenticate(wrong)).toBeUndefined();
    }
  });

  test('is over at its end, and says when that was', async () => {
    const expiresAt = new Date(Date.now() + 300);
    const { key, secret } = await here.create({ name: 'short', scopes: ['lists'], expiresAt });
    expect(await here.authenticate(secret)).toMatchObject({ apiKeyId: key.id });
    await new Promise((resolve) => setTimeout(resolve, 350));
    await expect(here.authenticate(secret)).rejects.toMatchObject({
      statusCode: 401,
      name: 'api_key_expired',
      message: `The API key "short" (${key.prefix}…) expired at ${expiresAt.toISOString()}`,
    });
  });

  test('that is revoked is refused at once here and within seconds elsewhere', async () => {
    const elsewhere = new Process();
    const { key, secret } = await here.create({ name: 'revoked', scopes: ['lists'] });
    await elsewhere.authenticate(secret);
    await here.authenticate(secret);
    const { revokedAt } = await here.revoke(key.id);
    expect(revokedAt).toBeInstanceOf(Date);
    await expect(here.authenticate(secret)).rejects.toMatchObject({ name: 'api_key_revoked' });
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    await expect(elsewhere.authenticate(secret)).rejects.toThrow(`revoked at ${revokedAt?.toISOString()}`);
    expect((await here.revoke(key.id)).revokedAt).toEqual(revokedAt);
    await expect(here.keys.named('pr_none')).rejects.toThrow('There is no API key pr_none');
  });

  test('notes its last use once a minute, and no answer waits for that', async () => {
    const { key, secret } = await here.create({ name: 'used', scopes: ['lists'] });
    const lastUsed = async () => (await row(key.id)).last_used_at;
    expect(await lastUsed()).toBeNull();
    await Promise.all(Array.from({ length: 20 }, () => here.authenticate(secret)));
    const first = await eventually(async () => (await lastUsed()) ?? undefined);
    await new Process().authenticate(secret);
    // Several processes at once, each of which believes that the minute is over.
    await Promise.all(Array.from({ length: 3 }, () => new ApiKeysRepository(database.db).touch(key.id)));
    expect(await lastUsed()).toEqual(first);
    await database.db
      .updateTable('api_keys')
      .set({ last_used_at: new Date(Date.now() - 61_000) })
      .where('id', '=', key.id)
      .execute();
    await new Process().authenticate(secret);
    await eventually(async () => (await lastUsed())!.getTime() > Date.now() - 30_000);
  });

  test('may be bound to addresses: IPv4, IPv6, and IPv4 in IPv6 form', async () => {
    const allowIps = ['203.0.113.0/24', '2001:db8::/32', '127.0.0.1/32'];
    const { secret } = await here.create({ name: 'bound', scopes: ['lists'], allowIps });
    const allowed = ['203.0.113.9', '::ffff:203.0.113.9', '::ffff:cb00:7109', '2001:db8:1::1', '127.0.0.1'];
    for (const ip of allowed) expect(await here.authenticate(secret, ip)).toBeDefined();
    for (const ip of ['203.0.114.1', '::ffff:203.0.114.1', '2001:db9::1', '::1', 'fe80::1%eth0', '']) {
      await expect(here.authenticate(secret, ip)).rejects.toMatchObject({
        statusCode: 403,
        name: 'ip_not_allowed',
        message: `The API key "bound" may not be used from ${ip}`,
      });
    }
  });
});

test('the bootstrap key is made once by processes that start together, and stays revoked', async () => {
  const secret = 'pr_bootstrap-0123456789';
  await Promise.all(Array.from({ length: 6 }, () => new Process().keys.ensureBootstrap(secret)));
  const found = (await here.keys.all()).filter(({ name }) => name === 'bootstrap');
  expect(found).toEqual([expect.objectContaining({ scopes: [...scopes], revokedAt: null })]);
  const { id, prefix } = found[0]!;
  expect(await here.keys.history(id)).toEqual([
    expect.objectContaining({ by: 'start', action: 'key.created' }),
  ]);
  expect(secret.startsWith(prefix)).toBe(true);
  expect(prefix.length).toBeLessThan(secret.length / 2);
  expect(await here.authenticate(secret)).toMatchObject({ scopes: [...scopes] });
  await here.revoke(id);
  await here.keys.ensureBootstrap(secret);
  await expect(here.authenticate(secret)).rejects.toMatchObject({ name: 'api_key_revoked' });
});

describe('the quickstart key', () => {
  test('is in a file that only its owner reads, and survives a new database', async () => {
    const files = await Promise.all(
      Array.from({ length: 6 }, () => new Process().keys.ensureQuickstart(dataDir)),
    );
    const file = join(dataDir, 'quickstart.key');
    expect(new Set(files)).toEqual(new Set([file]));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const secret = (await readFile(file, 'utf8')).trim();
    expect(await here.authenticate(secret)).toBeDefined();
    await database.db.deleteFrom('api_keys').where('name', '=', 'quickstart').execute();
    expect(await new Process().authenticate(secret)).toBeUndefined();
    await here.keys.ensureQuickstart(dataDir);
    expect((await readFile(file, 'utf8')).trim()).toBe(secret);
    expect(await new Process().authenticate(secret)).toBeDefined();
  });

  test('a file that holds something else is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postrider-keys-'));
    await writeFile(join(folder, 'quickstart.key'), 'hello\n');
    await expect(here.keys.ensureQuickstart(folder)).rejects.toThrow(
      'quickstart.key does not hold an API key',
    );
    await rm(folder, { recursive: true });
  });
});

describe('postrider key', () => {
  test('create, list, revoke', async () => {
    const networks = '127.0.0.0/8, ::ffff:10.0.0.0/104, 2001:DB8::1';
    const limits = ['--expires', '90d', '--rate', '600/min', '--allow-ip', networks];
    const made = await here.command(['create', '--name', 'cli', '--scopes', 'lists, orders', ...limits]);
    const [secret = ''] = made.split('\n');
    const caller = await here.authenticate(secret);
    expect(caller).toMatchObject({ scopes: ['lists', 'orders'], rate: { requests: 600, per: 'minute' } });
    expect(made).toContain(caller?.apiKeyId);
    const day = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
    const line = async () =>
      (await here.command(['list'])).split('\n').find((one) => one.includes(caller?.apiKeyId ?? '?'));
    expect(await line()).toContain(`until ${day}`);
    expect(await line()).toContain('600 requests a minute; from 127.0.0.0/8,10.0.0.0/8,2001:db8::1/128');
    expect(await here.command(['revoke', secret.slice(0, 11)])).toMatch(/^Revoked pr_\S{8}… \(cli\)/);
    expect(await line()).toContain('revoked ');
  });

  test('all scopes when none are named; the last that manages keys goes with a word', async () => {
    const [secret = ''] = (await here.command(['create', '--name', 'all'])).split('\n');
    expect((await here.authenticate(secret))?.scopes).toEqual([...scopes]);
    await database.db
      .updateTable('api_keys')
      .set({ revoked_at: new Date() })
      .where('name', '<>', 'all')
      .execute();
    expect(await here.command(['revoke', secret.slice(0, 11)])).toContain('No key is left that manages keys');
  });

  test.each([
    [[], 'say what to do'],
    [['destroy'], 'there is no "key destroy"'],
    [['create'], '--name is missing'],
    [['create', '--name', ''], '--name is missing'],
    [['create', '--name', 'two\nlines'], '--name: must be one line'],
    [['create', '--name', 'x', '--scopes', 'root'], '--scopes: there is no scope "root", only lists'],
    [['create', '--name', 'x', '--scopes', ''], '--scopes: there is no scope ""'],
    [['create', '--name', 'x', '--senders', 'nobody'], '--senders: there is no sender "nobody"'],
    [['create', '--name', 'x', '--rate', '0/second'], '--rate: must be at least 1'],
    [['create', '--name', 'x', '--rate', '5'], '--rate 5 is not as 20/second'],
    [['create', '--name', 'x', '--rate', '-1/s'], '--rate'],
    [['create', '--name', 'x', '--allow-ip', 'office'], '--allow-ip: "office" is no IP address'],
    [['create', '--name', 'x', '--allow-ip', '10.0.0.0/33'], '"10.0.0.0/33" is no IP address'],
    [['create', '--name', 'x', '--allow-ip', '10.0.0.1/8'], 'bits after the first 8 must be 0'],
    [['create', '--name', 'x', '--expires', 'soon'], '--expires soon'],
    [['create', '--name', 'x', '--expires', '2020-01-01'], '--expires: 2020-01-01T00:00:00.000Z has passed'],
    [['create', '--name', 'x', '--colour', 'red'], '--colour'],
    [['create', 'x'], 'x'],
    [['list', 'x'], 'x'],
    [['revoke'], 'say which key'],
    [['revoke', 'a', 'b'], '"b" is too much'],
    [['revoke', 'pr_none'], 'There is no API key pr_none'],
  ])('%j says what is wrong', async (argv, problem) => {
    await expect(here.command(argv)).rejects.toThrow(problem);
    await expect(here.command(argv)).rejects.toMatchObject({ name: 'UsageError' });
  });
});
