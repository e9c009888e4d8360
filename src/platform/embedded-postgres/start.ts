import { accessSync, constants, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { prepareBinaries, type Binaries } from './binaries.js';
import { checkVersion, createCluster } from './cluster.js';
import { ask, urlOf } from './connection.js';
import { EmbeddedPostgresError, explainFailure } from './failure.js';
import { ensureReachable, settle, stateFile, writeState, type Home, type State } from './home.js';
import { withLock } from './lock.js';
import { freePort } from './port.js';
import { disarmStalePidFile, findPostmaster, isGone, stopPostmaster, type Postmaster } from './postmaster.js';
import { logFile, spawnServer } from './server.js';
import { joinUsers, leaveUsers } from './users.js';

export interface EmbeddedPostgresOptions {
  /** Is made when missing. One database per folder. */
  readonly dataDir: string;
  /** Gets one line for people at a time. */
  readonly log: (line: string) => void;
  /** Settings of PostgreSQL beside or instead of the defaults; fsync and synchronous_commit stay on. */
  readonly settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  /** postgres://postrider:<password>@127.0.0.1:<port>/postrider */
  readonly url: string;
  /** Whether the server ran already, left by a process that was killed or kept by one that runs. */
  readonly adopted: boolean;
  /**
   * Stops the server, the adopted one too, and resolves when it is gone. While another living process uses it
   * (a command beside the service, or a service that takes over), it is left to that one.
   */
  stop(): Promise<void>;
}

type Log = EmbeddedPostgresOptions['log'];

/** A server that takes our connections. */
interface Running {
  readonly home: Home;
  readonly url: string;
  readonly pid: number;
  readonly adopted: boolean;
}

/** Until a started server says a first word. Crash recovery comes after that and has no limit. */
const FIRST_WORD_MS = 60_000;
/** A clean start takes 50 ms: what takes longer is recovery. */
const RECOVERY_MS = 500;
const REMIND_MS = 15_000;
const ATTEMPTS = 3;

/**
 * Runs a PostgreSQL server from npm-shipped binaries on a data folder, or adopts the one that runs there. Resolves when
 * a connection with the password works. The server outlives this process unless `stop` is called.
 *
 * @throws EmbeddedPostgresError that names the cause and what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = writableFolder(options.dataDir);
  return underLock(dataDir, options.log, async () => {
    const running = await findOrStart(dataDir, options);
    joinUsers(dataDir);
    let stopped: Promise<void> | undefined;
    return {
      url: running.url,
      adopted: running.adopted,
      stop: () => (stopped ??= underLock(dataDir, options.log, () => leave(running, options.log))),
    };
  });
}

function underLock<T>(dataDir: string, log: Log, work: () => Promise<T>): Promise<T> {
  const tell = (holder: number) =>
    log(`Waiting for process ${holder}, which starts or stops PostgreSQL on ${dataDir}`);
  return withLock(join(dataDir, 'postgres.lock'), tell, work);
}

async function leave(running: Running, log: Log): Promise<void> {
  const others = leaveUsers(running.home.dataDir);
  if (others.length > 0) {
    log(`PostgreSQL keeps running for process ${others.join(', ')}`);
    return;
  }
  await stopPostmaster(running.home.cluster, running.pid);
}

function writableFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return realpathSync(folder);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The data folder ${folder} cannot be written (${String(error)}): ` +
        'start as the user who owns it, or set DATA_DIR to another folder.',
    );
  }
}

async function findOrStart(dataDir: string, options: EmbeddedPostgresOptions): Promise<Running> {
  const { log } = options;
  const { home, state } = settle(dataDir);
  for (let attempt = 1; ; attempt += 1) {
    const running = findPostmaster(home.cluster);
    if (running && (await adopt(home, state, running, log))) {
      log(`PostgreSQL still runs on port ${running.port} (pid ${running.pid}): adopted`);
      return { home, url: urlOf(running.port, state.password), pid: running.pid, adopted: true };
    }
    ensureReachable(home);
    const binaries = prepareBinaries(home.account, home.folder);
    if (!existsSync(home.cluster)) {
      log(`Making a database in ${home.cluster} (first start)`);
      await createCluster(home, binaries, state.password);
    }
    checkVersion(home, binaries);
    const started = await tryStart(home, state, binaries, options);
    if ('url' in started) return started;
    if (attempt === ATTEMPTS || !isPassing(started.output)) {
      throw explainFailure(`PostgreSQL did not start: ${started.reason}`, started.output, logFile(home));
    }
    await delay(1000);
  }
}

/** Waits until the server that runs takes our connection. @returns false when it has shut down instead */
async function adopt(home: Home, state: State, { pid, port }: Postmaster, log: Log): Promise<boolean> {
  const answer = await waitFor(port, state.password, () => findPostmaster(home.cluster)?.pid !== pid, log);
  if (answer === 'ready') return true;
  if (answer === 'ended' || (answer === 'stopping' && (await isGone(home.cluster, pid, FIRST_WORD_MS))))
    return false;
  if (answer === 'refuses us') throw wrongPassword(home);
  throw new EmbeddedPostgresError(
    `PostgreSQL (pid ${pid}) runs on ${home.cluster} but does not answer: see ${logFile(home)}, or end that process.`,
  );
}

async function tryStart(
  home: Home,
  state: State,
  binaries: Binaries,
  { log, settings = {} }: EmbeddedPostgresOptions,
): Promise<Running | { reason: string; output: string }> {
  const port = await freePort(state.port);
  disarmStalePidFile(home.cluster);
  const server = spawnServer(home, binaries, port, settings);
  try {
    const answer = await waitFor(port, state.password, () => server.ended() !== undefined, log);
    if (answer === 'refuses us') throw wrongPassword(home);
    if (answer === 'ready') {
      writeState(home.dataDir, { ...state, port, initialized: true });
      log(`PostgreSQL ${binaries.version} runs on port ${port}`);
      server.onUnexpectedEnd((why) => log(`PostgreSQL ended unexpectedly: ${why}; see ${logFile(home)}`));
      return { home, url: urlOf(port, state.password), pid: server.pid, adopted: false };
    }
    const reason = server.ended() ?? 'it does not answer';
    await stopPostmaster(home.cluster, server.pid);
    return { reason, output: server.log() || reason };
  } catch (error) {
    await stopPostmaster(home.cluster, server.pid);
    throw error;
  }
}

/** The port was taken meanwhile; or a server that was killed still has backends, or one is just starting. */
function isPassing(output: string): boolean {
  return /Address already in use|pre-existing shared memory block|lock file "postmaster.pid" already exists/.test(
    output,
  );
}

/** Asks again and again, and tells when the server recovers from a crash. */
async function waitFor(port: number, password: string, hasEnded: () => boolean, log: Log) {
  const begin = Date.now();
  let remindAt = begin + RECOVERY_MS;
  for (; ; await delay(20)) {
    const answer = await ask(port, password);
    if (answer === 'ready' || answer === 'refuses us' || answer === 'stopping') return answer;
    if (hasEnded()) return 'ended';
    if (answer === 'silent' && Date.now() - begin > FIRST_WORD_MS) return answer;
    if (answer === 'starting' && Date.now() > remindAt) {
      log('PostgreSQL was not stopped cleanly the last time and recovers: please wait');
      remindAt = Date.now() + REMIND_MS;
    }
  }
}

function wrongPassword(home: Home): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The PostgreSQL on ${home.cluster} refuses the password in ${stateFile(home.dataDir)}: restore the file that ` +
      'belongs to this database.',
  );
}
