import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { scopes } from '../../platform/http/index.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeys, keysCommand } from './index.js';

let database: TestDatabase;
let dataDir: string;
let keys: ApiKeys;
const inAnotherProcess = () => new ApiKeys(new ApiKeysRepository(database.db));

beforeAll(async () => {
  database = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'postrider-keys-'));
  keys = inAnotherProcess();
});
afterAll(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true });
});

const row = (id: string) =>
  database.db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('a key', () => {
  test('opens with its secret, of which only a hash is kept', async () => {
    const { id, secret } = await keys.create('shop', ['orders', 'emails', 'orders']);
    expect(secret).toMatch(/^pr_[\w-]{43}$/);
    expect(await keys.authenticate(secret)).toEqual({ apiKeyId: id, scopes: ['orders', 'emails'] });
    const stored = await row(id);
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(stored.hash).toHaveLength(32);
    expect(secret.startsWith(stored.prefix)).toBe(true);
    expect(stored.prefix).toHaveLength(11);
  });

  test('does not open with another secret', async () => {
    const { secret } = await keys.create('other', ['lists']);
    for (const wrong of [`${secret}x`, secret.slice(0, -1), secret.toUpperCase(), 'pr_', '', 'pr_\0']) {
      expect(await keys.authenticate(wrong)).toBeUndefined();
    }
  });

  test('is over at its end', async () => {
    const { id, secret } = await keys.create('short', ['lists'], new Date(Date.now() + 300));
    expect(await keys.authenticate(secret)).toMatchObject({ apiKeyId: id });
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(await keys.authenticate(secret)).toBeUndefined();
  });

  test('that is revoked is refused at once here and within seconds elsewhere', async () => {
    const elsewhere = inAnotherProcess();
    const { id, secret } = await keys.create('revoked', ['lists']);
    expect(await elsewhere.authenticate(secret)).toBeDefined();
    const { revokedAt } = await keys.revoke(id);
    expect(revokedAt).toBeInstanceOf(Date);
    expect(await keys.authenticate(secret)).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    expect(await elsewhere.authenticate(secret)).toBeUndefined();
    expect((await keys.revoke((await row(id)).prefix)).revokedAt).toEqual(revokedAt);
    await expect(keys.revoke('pr_none')).rejects.toThrow('There is no API key pr_none');
  });

  test('notes its last use once a minute', async () => {
    const { id, secret } = await keys.create('used', ['lists']);
    expect((await row(id)).last_used_at).toBeNull();
    await Promise.all(Array.from({ length: 20 }, () => keys.authenticate(secret)));
    const first = (await row(id)).last_used_at;
    expect(first).toBeInstanceOf(Date);
    await inAnotherProcess().authenticate(secret);
    expect((await row(id)).last_used_at).toEqual(first);
    await database.db
      .updateTable('api_keys')
      .set({ last_used_at: new Date(Date.now() - 61_000) })
      .where('id', '=', id)
      .execute();
    await inAnotherProcess().authenticate(secret);
    expect((await row(id)).last_used_at!.getTime()).toBeGreaterThan(Date.now() - 5_000);
  });

  test.each([
    ['', ['lists'], 'name'],
    ['two\nlines', ['lists'], 'name'],
    ['x', [], 'scopes'],
    ['x', ['lists', 'root'], 'there is no scope "root"'],
  ])('named %j with scopes %j is refused', async (name, wanted, problem) => {
    await expect(keys.create(name, wanted)).rejects.toThrow(problem);
  });
});

test('the bootstrap key is made once by processes that start together, and stays revoked', async () => {
  const secret = 'pr_bootstrap-0123456789';
  await Promise.all(Array.from({ length: 6 }, () => inAnotherProcess().ensureBootstrap(secret)));
  const found = (await keys.list()).filter(({ name }) => name === 'bootstrap');
  expect(found).toEqual([expect.objectContaining({ scopes: [...scopes], revokedAt: null })]);
  expect(secret.startsWith(found[0]!.prefix)).toBe(true);
  expect(found[0]!.prefix.length).toBeLessThan(secret.length / 2);
  expect(await keys.authenticate(secret)).toMatchObject({ scopes: [...scopes] });
  await keys.revoke(found[0]!.id);
  await keys.ensureBootstrap(secret);
  expect(await keys.authenticate(secret)).toBeUndefined();
});

describe('the quickstart key', () => {
  test('is in a file that only its owner reads, and survives a new database', async () => {
    const files = await Promise.all(
      Array.from({ length: 6 }, () => inAnotherProcess().ensureQuickstart(dataDir)),
    );
    const file = join(dataDir, 'quickstart.key');
    expect(new Set(files)).toEqual(new Set([file]));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const secret = (await readFile(file, 'utf8')).trim();
    expect(await keys.authenticate(secret)).toBeDefined();
    await database.db.deleteFrom('api_keys').where('name', '=', 'quickstart').execute();
    expect(await inAnotherProcess().authenticate(secret)).toBeUndefined();
    await keys.ensureQuickstart(dataDir);
    expect((await readFile(file, 'utf8')).trim()).toBe(secret);
    expect(await inAnotherProcess().authenticate(secret)).toBeDefined();
  });

  test('a file that holds something else is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postrider-keys-'));
    await writeFile(join(folder, 'quickstart.key'), 'hello\n');
    await expect(keys.ensureQuickstart(folder)).rejects.toThrow('quickstart.key does not hold an API key');
    await rm(folder, { recursive: true });
  });
});

describe('postrider key', () => {
  test('create, list, revoke', async () => {
    const made = await keysCommand(keys, [
      'create',
      '--name',
      'cli',
      '--scopes',
      'lists, orders',
      '--expires',
      '90d',
    ]);
    const [secret = ''] = made.split('\n');
    const caller = await keys.authenticate(secret);
    expect(caller?.scopes).toEqual(['lists', 'orders']);
    expect(made).toContain(caller?.apiKeyId);
    const day = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
    const line = (text: string) => text.split('\n').find((one) => one.includes(caller?.apiKeyId ?? '?'));
    expect(line(await keysCommand(keys, ['list']))).toContain(`until ${day}`);
    expect(await keysCommand(keys, ['revoke', secret.slice(0, 11)])).toMatch(/^Revoked pr_\S{8}… \(cli\)/);
    expect(line(await keysCommand(keys, ['list']))).toContain('revoked ');
  });

  test('all scopes when none are named', async () => {
    const [secret = ''] = (await keysCommand(keys, ['create', '--name', 'all'])).split('\n');
    expect((await keys.authenticate(secret))?.scopes).toEqual([...scopes]);
  });

  test.each([
    [[], 'say what to do'],
    [['destroy'], 'there is no "key destroy"'],
    [['create'], '--name is missing'],
    [['create', '--name', ''], '--name is missing'],
    [['create', '--name', 'x', '--scopes', 'root'], 'there is no scope "root"'],
    [['create', '--name', 'x', '--expires', 'soon'], '--expires soon'],
    [['create', '--name', 'x', '--expires', '2020-01-01'], 'has passed'],
    [['create', '--name', 'x', '--colour', 'red'], '--colour'],
    [['create', 'x'], 'x'],
    [['list', 'x'], 'x'],
    [['revoke'], 'say which key'],
    [['revoke', 'a', 'b'], '"b" is too much'],
    [['revoke', 'pr_none'], 'There is no API key pr_none'],
  ])('%j says what is wrong', async (argv, problem) => {
    await expect(keysCommand(keys, argv)).rejects.toThrow(problem);
    await expect(keysCommand(keys, argv)).rejects.toMatchObject({ name: 'UsageError' });
  });
});
