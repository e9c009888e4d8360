import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Database } from '../../platform/database/index.js';
import { detailsOf } from '../../platform/http/index.js';
import type { ImportRun } from './import-run.service.js';
import { errorsCsv } from './imports.controller.js';
import { newImportQuery, type NewImport } from './imports.schemas.js';
import type { Imports } from './imports.service.js';
import type { Import } from './imports.types.js';
import { UsageError } from './usage-error.js';

const LOOK_EVERY_MS = 2_000;

export interface ImportTools {
  readonly db: Database;
  readonly imports: Imports;
  readonly run: ImportRun;
  readonly say: (line: string) => void;
}

/** The options, and what the API calls the same. */
const options = {
  list: { type: 'string', multiple: true },
  'consent-text': { type: 'string' },
  'consent-source': { type: 'string' },
  'consent-date': { type: 'string' },
  'consent-confirmed': { type: 'boolean' },
  'email-column': { type: 'string' },
  'name-column': { type: 'string' },
  'locale-column': { type: 'string' },
  'agreed-at-column': { type: 'string' },
  attribute: { type: 'string', multiple: true },
  'on-existing': { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const;

/**
 * `import FILE --list SLUG … [--dry-run]`: stores the file and reads it in this process. Where that is killed, a worker goes on.
 * @returns the exit code: 1 where the file could not be read to its end, or rows of it could not
 * @throws UsageError, ApiError
 */
export async function importCommand({ db, imports, run, say }: ImportTools, argv: string[]): Promise<0 | 1> {
  const { file, said } = read(argv);
  const stored = await imports.store(said, createReadStream(file));
  await db.work((work) => imports.release(work, stored));
  const { id } = stored;
  let one: Import;
  const working = run.run(id);
  await Promise.race([working, sleep(LOOK_EVERY_MS)]);
  // A worker may have been faster than this process: so the row is looked at.
  while ((one = await imports.known(db, id)).finishedAt === null) {
    say(`${one.counts.rows} rows, ${percent(one)} %`);
    await sleep(LOOK_EVERY_MS);
  }
  await working;
  for (const line of told(one)) say(line);
  if (one.counts.failed > 0) {
    const errors = `${file}.errors.csv`;
    await pipeline(Readable.from(errorsCsv(imports.errors(id))), createWriteStream(errors));
    say(`Which rows, and what is wrong with them: ${errors}`);
  }
  return one.state === 'finished' && one.counts.failed === 0 ? 0 : 1;
}

function read(args: string[]): { file: string; said: NewImport } {
  const { values, positionals } = parsed(args);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError('say which file to import, one at a time');
  const given = Object.entries(values).map(([name, value]) => [
    name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    typeof value === 'boolean' ? String(value) : value,
  ]);
  const said = newImportQuery.safeParse(Object.fromEntries(given));
  if (said.success) return { file, said: said.data };
  const problems = detailsOf(said.error.issues).map(
    ({ field = '', message }) => `${optionOf(field)} ${message}`,
  );
  throw new UsageError(problems.join('\n'));
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `consentText` → `--consent-text` */
function optionOf(field: string): string {
  return `--${field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function percent({ octets, octetsDone }: Import): number {
  return octets === 0 ? 100 : Math.floor((100 * octetsDone) / octets);
}

function told({ state, problem, counts, settings }: Import): string[] {
  const { rows, added, updated, unchanged, skipped, failed } = counts;
  const { left, refused, erased } = skipped;
  return [
    `${settings.dryRun ? 'Dry run, nothing was changed: ' : ''}${state}${problem === null ? '' : `: ${problem}`}`,
    `${rows} rows: ${added} added, ${updated} updated, ${unchanged} unchanged, ${failed} with errors`,
    `stayed out: ${left} who left, ${refused} whom no mail can reach, ${erased} who were erased`,
  ];
}
