import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, renameSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { asAccount } from './account.js';
import type { Binaries } from './binaries.js';
import { readLogSince } from './failure.js';
import type { Home } from './home.js';

/** A server that this process started. */
export interface Server {
  readonly pid: number;
  /** Why it ended, or undefined while it runs. */
  ended(): string | undefined;
  /** Calls back when it ends although nobody, here or elsewhere, asked it to shut down. */
  onUnexpectedEnd(callback: (reason: string) => void): void;
  /** What it logged since its start. */
  log(): string;
}

const MAX_LOG_BYTES = 5_000_000;

export function logFile(home: Home): string {
  return join(home.folder, 'postgres.log');
}

/**
 * Starts PostgreSQL in a session of its own: Ctrl-C in the terminal does not reach it, and it outlives us, however we
 * end; the next start adopts it.
 */
export function spawnServer(
  home: Home,
  binaries: Binaries,
  port: number,
  settings: Readonly<Record<string, string>>,
): Server {
  const file = logFile(home);
  const start = rotateLog(file);
  const output = openSync(file, 'a', 0o600);
  const options = Object.entries({ ...defaults(), ...settings, ...fixed(port) });
  const child = spawn(
    binaries.postgres,
    ['-D', home.cluster, ...options.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...asAccount(home.account), detached: true, stdio: ['ignore', output, output] },
  );
  closeSync(output);
  child.unref();

  let reason: string | undefined;
  let callback: ((reason: string) => void) | undefined;
  child.once('error', (error) => (reason = error.message));
  child.once('exit', (code, signal) => {
    reason = signal ? `it was ended by ${signal}` : `it exited with code ${code}`;
    // A shutdown that was asked for, fast or immediate, ends with 0.
    if (code !== 0) callback?.(reason);
  });
  return {
    pid: child.pid ?? 0,
    ended: () => reason,
    onUnexpectedEnd: (listener) => void (callback = listener),
    log: () => readLogSince(file, start),
  };
}

/** What nobody may change: who can connect, and that a commit is on the disk. */
function fixed(port: number): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
  };
}

/** For a small machine that runs all of Postrider. */
function defaults(): Record<string, string> {
  const megabytes = memoryBytes() / 1024 ** 2;
  const sharedBuffers = Math.round(Math.min(256, Math.max(32, megabytes / 8)));
  return {
    max_connections: '200',
    shared_buffers: `${sharedBuffers}MB`,
    effective_cache_size: `${Math.round(Math.max(128, megabytes / 2))}MB`,
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    random_page_cost: '1.1',
    max_wal_size: '1GB',
    min_wal_size: '128MB',
    checkpoint_timeout: '10min',
    log_timezone: 'UTC',
    timezone: 'UTC',
    log_checkpoints: 'off',
    // The details of an error repeat the row, and rows hold addresses.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
  };
}

/** What this process may use: in a container less than the machine has. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Bounds the log at each start to two files of 5 MB. @returns where the new run's lines begin */
function rotateLog(file: string): number {
  if (!existsSync(file)) return 0;
  const { size } = statSync(file);
  if (size <= MAX_LOG_BYTES) return size;
  renameSync(file, `${file}.1`);
  return 0;
}
