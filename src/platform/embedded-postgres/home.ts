import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { accountFor, mayEnter, type Account } from './account.js';
import { codeOf, EmbeddedPostgresError } from './failure.js';

/** What we must remember of a database, in `<dataDir>/postgres.json`, readable for its owner only. */
export interface State {
  readonly password: string;
  readonly port?: number;
  /** The folder of the database when it is not the data folder itself. */
  readonly home?: string;
  /** True once the database exists: from then on a missing folder is a loss and not a first start. */
  readonly initialized: boolean;
}

/** Where one database lives. */
export interface Home {
  readonly dataDir: string;
  readonly folder: string;
  /** PostgreSQL's own data folder. */
  readonly cluster: string;
  readonly account: Account | undefined;
}

/** Where root puts databases whose data folder is closed to the account of PostgreSQL, such as one under /root. */
const SYSTEM_FOLDER = '/var/lib/postrider';

export function readState(dataDir: string): State | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(dataDir), 'utf8')) as State;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new EmbeddedPostgresError(
      `${stateFile(dataDir)}, which holds the password of the database, cannot be read: ${String(error)}. ` +
        'Start as the user who started it before, or restore the file.',
    );
  }
}

export function writeState(dataDir: string, state: State): void {
  const unfinished = `${stateFile(dataDir)}.new`;
  writeFileSync(unfinished, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(unfinished, stateFile(dataDir));
}

/** Finds the database's place, or chooses one at the first start. */
export function settle(dataDir: string): { home: Home; state: State } {
  const state = readState(dataDir) ?? firstState(dataDir);
  const folder = state.home ?? dataDir;
  const cluster = join(folder, 'postgres');
  const account = accountFor(cluster);
  if (state.initialized && !existsSync(cluster)) {
    throw new EmbeddedPostgresError(
      `The database in ${cluster} is gone. Restore it; or, to begin with an empty one, remove ${stateFile(dataDir)}.`,
    );
  }
  if (state.home !== undefined) claim(state.home, dataDir);
  return { home: { dataDir, folder, cluster, account }, state };
}

/** A folder that was open at the first start may have been closed since. */
export function ensureReachable({ folder, account }: Home): void {
  if (mayPass(folder, account)) return;
  throw new EmbeddedPostgresError(
    `The user that PostgreSQL runs as (uid ${account?.uid}) may not enter ${folder}, where its database is: ` +
      'allow it to pass (chmod o+x) through that folder and those above it.',
  );
}

export function stateFile(dataDir: string): string {
  return join(dataDir, 'postgres.json');
}

function firstState(dataDir: string): State {
  const cluster = join(dataDir, 'postgres');
  if (existsSync(cluster)) {
    throw new EmbeddedPostgresError(
      `${cluster} holds a database, but ${stateFile(dataDir)} with its password is missing. ` +
        'Restore that file; or, to begin with an empty database, move the folder away.',
    );
  }
  const state = { password: randomBytes(32).toString('base64url'), initialized: false };
  if (mayPass(dataDir, accountFor(cluster))) {
    writeState(dataDir, state);
    return state;
  }
  // Not by the path alone: a clone that was removed and made again must not meet the old one's database.
  const name = `${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}-${randomBytes(4).toString('hex')}`;
  const elsewhere = { ...state, home: join(SYSTEM_FOLDER, name) };
  writeState(dataDir, elsewhere);
  return elsewhere;
}

/**
 * Whether the account may enter the data folder. Where only the folder itself is closed (mode 700, as mkdtemp and
 * careful operators make it) and it has no group of its own, the account's group is allowed to pass, not to list.
 */
function mayPass(dataDir: string, account: Account | undefined): boolean {
  if (account === undefined || mayEnter(account, dataDir)) return true;
  const { uid, gid, mode } = statSync(dataDir);
  if (gid !== 0 || !mayEnter(account, dirname(dataDir))) return false;
  chownSync(dataDir, uid, account.gid);
  chmodSync(dataDir, (mode & 0o7777) | 0o010);
  return mayEnter(account, dataDir);
}

/** Makes the folder elsewhere and notes whose it is. A copied data folder must not run on the original's database. */
function claim(folder: string, dataDir: string): void {
  const note = join(folder, 'data-folder');
  for (const part of [dirname(folder), folder]) {
    mkdirSync(part, { recursive: true });
    chmodSync(part, 0o755);
  }
  const owner = existsSync(note) ? readFileSync(note, 'utf8').trim() : dataDir;
  if (owner !== dataDir && existsSync(owner) && readState(owner)?.home === folder) {
    throw new EmbeddedPostgresError(
      `${dataDir} is a copy of ${owner}, whose database in ${folder} it cannot share. ` +
        `To begin with an empty database, remove ${stateFile(dataDir)}.`,
    );
  }
  if (owner !== dataDir || !existsSync(note)) writeFileSync(note, `${dataDir}\n`);
}
