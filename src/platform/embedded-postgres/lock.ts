import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from './failure.js';

/**
 * Runs `work` while no other process runs its own under the same lock file. The file names its holder by pid and start
 * time (a pid alone may be reused); a lock whose holder is gone is stale and is taken over.
 *
 * @param onWait is told once, with the pid of the holder
 */
export async function withLock<T>(
  file: string,
  onWait: (holder: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  let told = false;
  for (let holder = take(file); holder !== undefined; holder = take(file)) {
    if (!told && holder > 0) {
      onWait(holder);
      told = true;
    }
    await delay(50);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @returns undefined when the lock is ours now, else the pid of its holder (0: just given up, try again) */
function take(file: string): number | undefined {
  const ticket = `${file}.${process.pid}`;
  writeFileSync(ticket, identity(process.pid));
  try {
    // A link appears with its content, so nobody reads a lock that is still being written.
    linkSync(ticket, file);
    return undefined;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const found = read(file);
    const holder = Number.parseInt(found ?? '0', 10);
    if (found === undefined || identity(holder) === found) return holder;
    removeStale(file, found, `${ticket}.stale`);
    return 0;
  } finally {
    rmSync(ticket, { force: true });
  }
}

/** Another process may replace the stale lock by its own just before the rename: then that one is put back. */
function removeStale(file: string, found: string, aside: string): void {
  try {
    renameSync(file, aside);
    if (read(aside) !== found) linkSync(aside, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function identity(pid: number): string {
  return `${pid} ${startTime(pid)}`;
}

/** When the process began, in whatever unit the system tells; empty when there is none. */
function startTime(pid: number): string {
  if (process.platform === 'linux') {
    // proc_pid_stat(5): the fields after the name, which ends at the last ")"; starttime is the 22nd of all.
    return (
      read(`/proc/${pid}/stat`)
        ?.replace(/^.*\) /s, '')
        .split(' ')[19] ?? ''
    );
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
