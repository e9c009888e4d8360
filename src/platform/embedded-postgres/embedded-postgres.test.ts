import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './index.js';
import { readState } from './home.js';
import { findPostmaster } from './postmaster.js';

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? test : test.skip;
/** nobody: may not own anything here, and can be told from the account that root chooses. */
const ORDINARY_USER = { uid: 65_534, gid: 65_534 };

/** A checkout under a closed folder (/root) cannot be read by the user that this test becomes. */
const readable = closedFolderAbove(import.meta.dirname) === undefined;
const asOrdinaryUser = isRoot && readable ? test : test.skip;

function closedFolderAbove(path: string): string | undefined {
  if ((statSync(path).mode & 0o005) !== 0o005) return path;
  return dirname(path) === path ? undefined : closedFolderAbove(dirname(path));
}

let folder: string;
const lines: string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postrider postgres '));
  chmodSync(folder, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (dataDir: string) => startEmbeddedPostgres({ dataDir, log: (line) => lines.push(line) });

async function query<Row>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

const postmasterOf = (cluster: string) => findPostmaster(cluster)?.pid ?? 0;

/** Calls the module from a Node process of its own, which can be killed; it tells what it got as one line of JSON. */
const STARTER = `
  import { registerHooks } from 'node:module';
  registerHooks({ resolve: (name, context, next) =>
    next(name.startsWith('./') ? name.replace(/\\.js$/, '.ts') : name, context) });
  const { startEmbeddedPostgres } = await import(process.argv[1]);
  const postgres = await startEmbeddedPostgres({ dataDir: process.argv[2], log: () => {} });
  console.log(JSON.stringify({ url: postgres.url, adopted: postgres.adopted }));
  process.stdin.once('data', () => void postgres.stop().then(() => process.exit(0)));
`;

async function startInChild(
  dataDir: string,
  account = {},
): Promise<{ child: ChildProcess; url: string; adopted: boolean }> {
  const module = new URL('./index.ts', import.meta.url).href;
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', STARTER, module, dataDir],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      ...account,
    },
  );
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, ...(JSON.parse(line) as { url: string; adopted: boolean }) };
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function stopInChild(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.stdin?.write('stop\n');
  expect(await exit).toEqual([0, null]);
}

describe('one data folder', () => {
  let dataDir: string;
  let cluster: string;
  let postgres: EmbeddedPostgres;

  beforeAll(() => {
    dataDir = join(folder, 'data of ünicode');
    cluster = join(dataDir, 'postgres');
  });

  afterAll(() => postgres.stop());

  test('the first start makes a database that only the password opens', async () => {
    postgres = await start(dataDir);
    expect(postgres.adopted).toBe(false);
    expect(new URL(postgres.url)).toMatchObject({
      hostname: '127.0.0.1',
      username: 'postrider',
      pathname: '/postrider',
    });
    const settings = await query<{ name: string; setting: string }>(
      postgres.url,
      `SELECT name, setting FROM pg_settings WHERE name IN ('data_checksums', 'fsync', 'synchronous_commit',
        'listen_addresses', 'unix_socket_directories', 'server_encoding', 'password_encryption')`,
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      data_checksums: 'on',
      fsync: 'on',
      synchronous_commit: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      server_encoding: 'UTF8',
      password_encryption: 'scram-sha-256',
    });
    await expect(query(postgres.url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(
      'password authentication',
    );
    expect(statSync(join(dataDir, 'postgres.json')).mode & 0o777).toBe(0o600);
    expect(statSync(cluster).mode & 0o777).toBe(0o700);
    await query(postgres.url, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)');
  });

  test('stop ends it, and may be called twice', async () => {
    const pid = postmasterOf(cluster);
    expect(pid).toBeGreaterThan(0);
    const again = await start(dataDir);
    expect(again).toMatchObject({ adopted: true, url: postgres.url });
    await Promise.all([again.stop(), again.stop()]);
    expect(postmasterOf(cluster)).toBe(0);
    expect(existsSync(join(cluster, 'postmaster.pid'))).toBe(false);
  });

  test('the second start is fast, on the same port, with the data', async () => {
    const { url } = postgres;
    const begin = Date.now();
    postgres = await start(dataDir);
    expect(Date.now() - begin).toBeLessThan(2000);
    expect(postgres.url).toBe(url);
    expect(await query(postgres.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
    await postgres.stop();
  });

  test('a port that is taken is exchanged for another', async () => {
    const { port } = new URL(postgres.url);
    const other = createServer().listen(Number(port), '127.0.0.1');
    await once(other, 'listening');
    postgres = await start(dataDir);
    other.close();
    expect(new URL(postgres.url).port).not.toBe(port);
    expect(readState(dataDir)?.port).toBe(Number(new URL(postgres.url).port));
    await postgres.stop();
  });

  test('a server whose starter was killed is adopted, and stopped', async () => {
    const { child, url } = await startInChild(dataDir);
    await kill(child);
    const pid = postmasterOf(cluster);
    postgres = await start(dataDir);
    expect(postgres).toMatchObject({ adopted: true, url });
    expect(postmasterOf(cluster)).toBe(pid);
    await postgres.stop();
    expect(postmasterOf(cluster)).toBe(0);
  });

  test('a server that was killed itself is started again and recovers', async () => {
    postgres = await start(dataDir);
    await query(postgres.url, 'INSERT INTO kept VALUES (43)');
    process.kill(postmasterOf(cluster), 'SIGKILL');
    while (postmasterOf(cluster)) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(existsSync(join(cluster, 'postmaster.pid'))).toBe(true);
    postgres = await start(dataDir);
    expect(postgres.adopted).toBe(false);
    expect(await query(postgres.url, 'SELECT n FROM kept ORDER BY n')).toEqual([{ n: 42 }, { n: 43 }]);
    expect(lines.filter((line) => line.startsWith('PostgreSQL ended unexpectedly'))).toHaveLength(1);
  });

  test('a pid file whose pid is another program by now is neither adopted nor in the way', async () => {
    const pidFile = readFileSync(join(cluster, 'postmaster.pid'), 'utf8');
    await postgres.stop();
    // Of the same user: PostgreSQL takes any process that it may signal for the server.
    const { uid, gid } = statSync(cluster);
    const other = spawn('sleep', ['60'], { cwd: '/', ...(isRoot && { uid, gid }) });
    await once(other, 'spawn');
    writeFileSync(join(cluster, 'postmaster.pid'), pidFile.replace(/^\d+/, String(other.pid)));
    chownSync(join(cluster, 'postmaster.pid'), uid, gid);
    postgres = await start(dataDir);
    expect(postgres.adopted).toBe(false);
    expect(other.exitCode).toBe(null);
    other.kill();
    await postgres.stop();
  });

  test('a copied data folder starts beside the original', async () => {
    postgres = await start(dataDir);
    const copy = join(folder, 'copy');
    cpSync(dataDir, copy, { recursive: true, preserveTimestamps: true });
    const { uid, gid } = statSync(cluster);
    for (const name of ['', ...(readdirSync(join(copy, 'postgres'), { recursive: true }) as string[])]) {
      chownSync(join(copy, 'postgres', name), uid, gid);
    }
    chmodSync(join(copy, 'postgres'), 0o700);
    const second = await start(copy);
    expect(second.adopted).toBe(false);
    expect(second.url).not.toBe(postgres.url);
    await Promise.all([second.stop(), postgres.stop()]);
  });

  test('each wrong data folder is named', async () => {
    const version = join(cluster, 'PG_VERSION');
    writeFileSync(version, '17\n');
    await expect(start(dataDir)).rejects.toThrow(/made by PostgreSQL 17, .* brings 18.*DATABASE_URL/);
    writeFileSync(version, '18\n');

    const state = join(dataDir, 'postgres.json');
    const original = readFileSync(state, 'utf8');
    rmSync(state);
    await expect(start(dataDir)).rejects.toThrow(/postgres\.json with its password is missing/);
    writeFileSync(state, original.replace(/"password": "./, '"password": "-wrong-'), { mode: 0o600 });
    await expect(start(dataDir)).rejects.toThrow(/refuses the password/);
    expect(postmasterOf(cluster)).toBe(0);
    writeFileSync(state, original, { mode: 0o600 });

    renameSync(cluster, `${cluster}.away`);
    await expect(start(dataDir)).rejects.toThrow(/The database in .* is gone/);
    renameSync(`${cluster}.away`, cluster);
    rmSync(join(cluster, 'global'), { recursive: true });
    await expect(start(dataDir)).rejects.toThrow(/did not start.*could not .*postgres\.log/s);
  });
});

test('of two processes that start at once, one starts it and the other adopts', async () => {
  const dataDir = join(folder, 'concurrent');
  const both = await Promise.all([startInChild(dataDir), startInChild(dataDir)]);
  expect(both.filter(({ adopted }) => adopted)).toHaveLength(1);
  expect(both[0].url).toBe(both[1].url);

  // Whoever leaves first must not stop it under the other, and a killed process is none.
  const postgres = await start(dataDir);
  expect(postgres.adopted).toBe(true);
  await kill(both[0].child);
  await stopInChild(both[1].child);
  expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await postgres.stop();
  expect(postmasterOf(join(dataDir, 'postgres'))).toBe(0);
});

test('what a killed first start leaves is cleared away', async () => {
  const dataDir = join(folder, 'half made');
  const child = startInChild(dataDir);
  child.catch(() => undefined);
  while (!existsSync(dataDir) || !readdirSync(dataDir).some((name) => name.startsWith('postgres.new-'))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const starter = Number(readFileSync(join(dataDir, 'postgres.lock'), 'utf8').split(' ')[0]);
  process.kill(starter, 'SIGKILL');
  const postgres = await start(dataDir);
  // A checkout that the server's account cannot enter has its binaries copied here.
  const left = readdirSync(dataDir).filter((name) => name !== 'postgres-binaries');
  expect(left.sort()).toEqual(['postgres', 'postgres.json', 'postgres.log', 'postgres.users']);
  await postgres.stop();
});

asRoot('root uses a data folder of mode 700 and runs the server as another user', async () => {
  const dataDir = mkdtempSync(join(folder, 'closed-'));
  const postgres = await start(dataDir);
  const { uid } = statSync(`/proc/${postmasterOf(join(dataDir, 'postgres'))}`);
  await postgres.stop();
  expect(uid).toBeGreaterThan(0);
  expect(statSync(dataDir).mode & 0o007).toBe(0);
});

asRoot(
  'under a folder of mode 700 root puts the database where PostgreSQL may enter, and remembers it',
  async () => {
    const parent = join(folder, 'like root');
    mkdirSync(parent, { mode: 0o700 });
    const dataDir = join(parent, 'data');
    const first = await start(dataDir);
    const home = readState(dataDir)?.home ?? '';
    try {
      await query(first.url, 'CREATE TABLE kept ()');
      await first.stop();
      expect(home).toMatch(/^\/var\/lib\/postrider\//);
      expect(readFileSync(join(home, 'data-folder'), 'utf8').trim()).toBe(dataDir);

      const second = await start(dataDir);
      expect(await query(second.url, 'SELECT * FROM kept')).toEqual([]);
      await second.stop();

      const copy = join(parent, 'copy');
      cpSync(dataDir, copy, { recursive: true });
      await expect(start(copy)).rejects.toThrow(/is a copy of/);
      renameSync(dataDir, join(parent, 'moved'));
      const moved = await start(join(parent, 'moved'));
      expect(moved.url).toBe(first.url);
      await moved.stop();
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
);

asOrdinaryUser('an ordinary user runs it as themselves', async () => {
  const dataDir = join(folder, 'of an ordinary user');
  mkdirSync(dataDir);
  chownSync(dataDir, ORDINARY_USER.uid, ORDINARY_USER.gid);
  const { child, url, adopted } = await startInChild(dataDir, ORDINARY_USER);
  expect(adopted).toBe(false);
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  const cluster = join(dataDir, 'postgres');
  expect(statSync(`/proc/${postmasterOf(cluster)}`).uid).toBe(ORDINARY_USER.uid);
  await stopInChild(child);
  expect(postmasterOf(cluster)).toBe(0);

  const byRoot = await start(dataDir);
  expect(statSync(`/proc/${postmasterOf(cluster)}`).uid).toBe(ORDINARY_USER.uid);
  await byRoot.stop();
});
