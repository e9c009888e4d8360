import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from './failure.js';
import { identityOf, isAlive } from './identity.js';

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
  writeFileSync(ticket, identityOf(process.pid));
  try {
    // A link appears with its content, so nobody reads a lock that is still being written.
    linkSync(ticket, file);
    return undefined;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const found = read(file);
    if (found === undefined) return 0;
    if (isAlive(found)) return Number.parseInt(found, 10);
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

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
