import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isAlive } from './identity.js';

/**
 * Who uses the server of a data folder: one line for each handle, `<pid> <start time> <random>`. The last one to leave
 * stops the server; a process that was killed does not count. To be called under the folder's lock.
 */
export interface User {
  /** @returns the pids of those who stay */
  leave(): number[];
}

/**
 * @param isNew whether the server was started just now: then this process's earlier handles are of one that is gone
 */
export function register(dataDir: string, isNew: boolean): User {
  const file = join(dataDir, 'postgres.users');
  const ourselves = identityOf(process.pid);
  const me = `${ourselves} ${randomBytes(6).toString('hex')}`;
  const others = living(file).filter((line) => !(isNew && line.startsWith(`${ourselves} `)));
  write(file, [...others, me]);
  return {
    leave() {
      const others = living(file).filter((line) => line !== me);
      write(file, others);
      return others.map((line) => Number.parseInt(line, 10));
    },
  };
}

function living(file: string): string[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return lines.filter((line) => line !== '' && isAlive(line.slice(0, line.lastIndexOf(' '))));
}

function write(file: string, lines: readonly string[]): void {
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
}
