import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, EmbeddedPostgresError } from './failure.js';

/** A running PostgreSQL server, as its postmaster.pid tells of it. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

const FAST_SHUTDOWN_MS = 10_000;
const IMMEDIATE_SHUTDOWN_MS = 10_000;

/** The server that runs on this data folder. A pid file whose process is another program's tells nothing. */
export function findPostmaster(cluster: string): Postmaster | undefined {
  const lines = readPidFile(cluster);
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 && isPostgresOf(cluster, pid) ? { pid, port } : undefined;
}

/**
 * After a crash the pid in postmaster.pid may be another program's by now, and PostgreSQL would take that for a running
 * server and refuse to start. Removing the file would lose the key of the shared memory in it, by which PostgreSQL sees
 * that backends of the crashed server still run. So only the pid is replaced, by ours: PostgreSQL ignores its parent's.
 */
export function disarmStalePidFile(cluster: string): void {
  const [pid, ...rest] = readPidFile(cluster);
  if (pid === undefined || isPostgresOf(cluster, Number(pid))) return;
  writeFileSync(join(cluster, 'postmaster.pid'), [process.pid, ...rest].join('\n'));
}

/**
 * Fast shutdown (open transactions are rolled back, a checkpoint is written), and where that takes more than 10 s an
 * immediate one, which the next start has to recover from. Resolves when the server is gone.
 */
export async function stopPostmaster(cluster: string, pid: number): Promise<void> {
  for (const [signal, patience] of [
    ['SIGINT', FAST_SHUTDOWN_MS],
    ['SIGQUIT', IMMEDIATE_SHUTDOWN_MS],
  ] as const) {
    if (!isPostgresOf(cluster, pid)) return;
    signalIfThere(pid, signal);
    if (await isGone(cluster, pid, patience)) return;
  }
  throw new EmbeddedPostgresError(`PostgreSQL (pid ${pid}) on ${cluster} does not stop.`);
}

/** Waits until the server is gone, for a time in milliseconds. @returns whether it is */
export async function isGone(cluster: string, pid: number, patience: number): Promise<boolean> {
  for (const end = Date.now() + patience; Date.now() < end; await delay(20)) {
    if (!isPostgresOf(cluster, pid)) return true;
  }
  return false;
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function readPidFile(cluster: string): string[] {
  const file = join(cluster, 'postmaster.pid');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
}

function isPostgresOf(cluster: string, pid: number): boolean {
  if (process.platform === 'linux') {
    const [program = '', ...args] = commandLine(pid);
    return basename(program) === 'postgres' && args[args.indexOf('-D') + 1] === cluster;
  }
  return macCommand(pid).includes(`postgres -D ${cluster}`);
}

/** Empty for a process that does not exist or is a zombie. */
function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function macCommand(pid: number): string {
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
