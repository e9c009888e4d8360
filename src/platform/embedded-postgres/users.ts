import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isAlive } from './identity.js';

/**
 * The processes that use the server of a data folder, one line each. The last one to leave stops the server; a process
 * that was killed does not count. Both functions are to be called under the folder's lock.
 */
export function joinUsers(dataDir: string): void {
  write(dataDir, [...othersIn(dataDir), identityOf(process.pid)]);
}

/** @returns the pids of those who stay */
export function leaveUsers(dataDir: string): number[] {
  const others = othersIn(dataDir);
  write(dataDir, others);
  return others.map((line) => Number.parseInt(line, 10));
}

function othersIn(dataDir: string): string[] {
  const ourselves = identityOf(process.pid);
  return read(dataDir)
    .split('\n')
    .filter((line) => line !== '' && line !== ourselves && isAlive(line));
}

function read(dataDir: string): string {
  const file = fileIn(dataDir);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function write(dataDir: string, lines: readonly string[]): void {
  const content = lines.map((line) => `${line}\n`).join('');
  if (content !== read(dataDir)) writeFileSync(fileIn(dataDir), content);
}

function fileIn(dataDir: string): string {
  return join(dataDir, 'postgres.users');
}
