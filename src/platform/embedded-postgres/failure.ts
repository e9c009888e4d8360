import { existsSync, readFileSync } from 'node:fs';

/** PostgreSQL could not be started or stopped. The message names the cause and what the operator can do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** The code of a system error, such as ENOENT. Not by `instanceof`: under Jest these errors are of another realm. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}

/** What PostgreSQL writes when it cannot run, and what helps. The first match counts. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/No space left on device|Disk quota exceeded/, 'The disk is full: free some space and start again.'],
  [/could not bind|Address already in use/, 'Its port is taken by another program.'],
  [
    /database files are incompatible|initialized by PostgreSQL version/,
    'The database was made by another major version of PostgreSQL: dump it with that version, or set DATABASE_URL to a server of it.',
  ],
  [
    /error while loading shared libraries|GLIBC_|ENOENT/,
    'The PostgreSQL that comes with Postrider needs a Linux with glibc (Alpine has musl): set DATABASE_URL to a PostgreSQL of your own.',
  ],
  [
    /Cannot allocate memory|could not (create|map|resize) .*shared memory/,
    'There is not enough memory: give this machine or container more, or set DATABASE_URL to a PostgreSQL elsewhere.',
  ],
  [
    /Permission denied|EACCES|Operation not permitted|EPERM|has wrong ownership|has invalid permissions/,
    'Its files belong to another user or are closed to it: start as the user who started it before, or correct the owner.',
  ],
  [
    /could not locate a valid checkpoint record|invalid checkpoint/,
    'The database is damaged: restore it from a backup.',
  ],
];

/**
 * @param what the step that failed, in words
 * @param output what the program wrote
 * @param where the log file to read on, if there is one
 */
export function explainFailure(what: string, output: string, where?: string): EmbeddedPostgresError {
  const advice = ADVICE.find(([pattern]) => pattern.test(output))?.[1] ?? '';
  const lines = output.trimEnd().split('\n').slice(-15).join('\n');
  const more = where === undefined ? '' : `\n(the whole log: ${where})`;
  return new EmbeddedPostgresError([`${what}. ${advice}`.trim(), lines].join('\n') + more);
}

/** The end of a log file: at most 8 KB, from a position on (what an earlier run wrote says nothing of this one). */
export function readLogSince(file: string, position: number): string {
  if (!existsSync(file)) return '';
  return readFileSync(file).subarray(position).subarray(-8192).toString();
}
