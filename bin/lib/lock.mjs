import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure, say } from './failure.mjs';

/**
 * Runs `work` while no other launcher runs its own under the same lock file.
 *
 * The file has one line per process that works under it: pid and start time (a pid alone may be reused). A lock whose
 * processes are all gone is stale and is taken over. `work` gets `lock.include(pid)`, for a child that could outlive
 * a killed launcher: until it has ended, its half-done work must be left alone.
 *
 * @template T
 * @param {string} file
 * @param {(lock: { include(pid: number): void }) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, work) {
  let told = false;
  while (!take(file)) {
    if (!told) say('waiting for another launcher that prepares the same folder');
    told = true;
    await delay(100);
  }
  try {
    return await work({ include: (pid) => appendFileSync(file, holder(pid)) });
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  const ticket = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(ticket, holder(process.pid));
  } catch (error) {
    throw new Failure(
      `cannot write in ${dirname(file)} (${error.code}): start as the user who owns the project`,
    );
  }
  try {
    // A link appears with its content, so nobody reads a lock that is still being written.
    linkSync(ticket, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const found = read(file);
    if (found !== undefined && !isHeld(found)) removeStale(file, found, ticket);
    return false;
  } finally {
    rmSync(ticket, { force: true });
  }
}

/** Another launcher may replace the stale lock by its own just before the rename: then that one is put back. */
function removeStale(file, found, ticket) {
  const aside = `${ticket}.stale`;
  try {
    renameSync(file, aside);
    if (read(aside) !== found) linkSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function holder(pid) {
  return `${pid} ${startTime(pid)}\n`;
}

function isHeld(content) {
  return content
    .trim()
    .split('\n')
    .some((line) => {
      const [pid, ...time] = line.split(' ');
      return startTime(Number(pid)) === time.join(' ');
    });
}

/** When the process began, in whatever unit the system tells; `gone` when there is none (or a zombie). */
function startTime(pid) {
  if (process.platform === 'linux') {
    // proc_pid_stat(5): the fields after the name, which ends at the last ")": state is 3rd, starttime 22nd of all.
    const fields = read(`/proc/${pid}/stat`)
      ?.replace(/^.*\) /s, '')
      .split(' ');
    return fields === undefined || fields[0] === 'Z' ? 'gone' : fields[19];
  }
  return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim() || 'gone';
}
