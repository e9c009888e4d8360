import { spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asAccount } from './account.js';
import type { Binaries } from './binaries.js';
import { codeOf, EmbeddedPostgresError, explainFailure } from './failure.js';
import type { Home } from './home.js';

/** Role and database of the connection that Postrider gets. */
export const NAME = 'postrider';

/**
 * Makes an empty database. It gets its final name when it is complete: a killed initdb leaves a folder that the next
 * start removes.
 */
export async function createCluster(home: Home, binaries: Binaries, password: string): Promise<void> {
  for (const name of readdirSync(home.folder).filter((found) => found.startsWith('postgres.new'))) {
    await removeLeftover(join(home.folder, name));
  }
  const unfinished = join(home.folder, `postgres.new-${process.pid}`);
  const passwordFile = join(unfinished, 'password');
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (home.account) {
    for (const path of [unfinished, passwordFile]) chownSync(path, home.account.uid, home.account.gid);
  }
  const cluster = join(unfinished, 'cluster');
  const { code, output } = await run(binaries.initdb, home, [
    `--pgdata=${cluster}`,
    `--username=${NAME}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
    '--no-instructions',
  ]);
  if (code !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    throw explainFailure(`Making a database in ${home.folder} failed (initdb)`, output);
  }
  renameSync(cluster, home.cluster);
  rmSync(unfinished, { recursive: true, force: true });
}

/** PostgreSQL reads only data folders of its own major version. */
export function checkVersion(home: Home, binaries: Binaries): void {
  const file = join(home.cluster, 'PG_VERSION');
  const found = existsSync(file) ? readFileSync(file, 'utf8').trim() : 'an unknown version';
  if (found === binaries.version.split('.')[0]) return;
  throw new EmbeddedPostgresError(
    `The database in ${home.cluster} was made by PostgreSQL ${found}, and this Postrider brings ${binaries.version}: ` +
      'go back to the Postrider that made it and dump the database there, or set DATABASE_URL to a server of that version.',
  );
}

/** The initdb of a killed process may still write there, until it misses its files. */
async function removeLeftover(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 20 && existsSync(folder); attempt += 1) {
    if (attempt > 0) await delay(100);
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (codeOf(error) !== 'ENOTEMPTY') throw error;
    }
  }
}

function run(program: string, home: Home, args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...asAccount(home.account), stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
}
