import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { EmbeddedPostgresError } from './failure.js';

/** The user that PostgreSQL runs as, where that is not ourselves. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root. So when we are root it runs as the owner of the existing database, else as the
 * system user `postgres`, else as `nobody`. As an ordinary user it runs as ourselves: undefined.
 */
export function accountFor(cluster: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = existsSync(cluster) ? statSync(cluster) : undefined;
  if (existing !== undefined && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  const account = systemUser('postgres') ?? systemUser('nobody');
  if (account === undefined) {
    throw new EmbeddedPostgresError(
      'PostgreSQL refuses to run as root, and this system has neither a user "postgres" nor "nobody": ' +
        'start Postrider as an ordinary user, or set DATABASE_URL.',
    );
  }
  return account;
}

/** Whether the account may pass through this folder. */
export function mayEnter(account: Account | undefined, folder: string): boolean {
  if (account === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], asAccount(account)).status === 0;
}

/**
 * Options for spawn: the account, a working folder that it can read, and no variable of ours (they hold secrets, and
 * PGPORT or PGDATA would mislead PostgreSQL).
 */
export function asAccount(account: Account | undefined) {
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  return { cwd: '/', env, ...account };
}

function systemUser(name: string): Account | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : Number.NaN;
  });
  return uid !== undefined && gid !== undefined && uid > 0 && gid >= 0 ? { uid, gid } : undefined;
}
