import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Several ticks of the clock of a thread, which may count in steps of 4 ms or 10. */
const ENOUGH_MS = 20;
const ROUNDS = 4;

/**
 * How many times as much CPU the second work takes: for an input 16 times as large about 16 where it is linear, 256 where it is square.
 * Of this thread alone and the least of some rounds, so that neither a busy machine nor the collector's threads count.
 */
export function growth(small: () => unknown, large: () => unknown): number {
  const least = (work: () => unknown): number =>
    Math.min(...Array.from({ length: ROUNDS }, () => cpuOf(work)));
  return least(large) / least(small);
}

/** CPU of this thread in milliseconds, for one time of many. */
function cpuOf(work: () => unknown): number {
  const before = process.threadCpuUsage();
  for (let times = 1; ; times += 1) {
    work();
    const { user, system } = process.threadCpuUsage(before);
    if (user + system >= ENOUGH_MS * 1_000) return (user + system) / 1_000 / times;
  }
}

/** What `test/conformance/growth.ts` tells of each, in a process with a heap of its own. */
export async function growthIn(what: 'mails' | 'replies'): Promise<Record<string, number[]>> {
  const [loader, script] = ['./typescript.ts', '../conformance/growth.ts'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', loader!, script!, what]);
  return JSON.parse(stdout) as Record<string, number[]>;
}
