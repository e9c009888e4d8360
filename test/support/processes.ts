import { readdirSync, readFileSync } from 'node:fs';

/** The process ids, in order, of a process's children whose command line has this word: `api`, `worker`. */
export function childrenOf(parent: number, word: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((one, other) => one - other)
    .filter((pid) => {
      const ppid = /^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1];
      return Number(ppid) === parent && read(`/proc/${pid}/cmdline`).split('\0').includes(word);
    });
}

/** False for a zombie too: it only waits for someone to read its exit code. */
export function isRunning(pid: number): boolean {
  return /^State:\s+[^ZX\s]/m.test(read(`/proc/${pid}/status`));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
