import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Executor } from '../../platform/database/index.js';
import { countRows, inChunks, PersonalData, type RetentionRule } from '../../platform/personal-data/index.js';

const ERRORS_DAYS = 30;
const UPLOAD_DAYS = 1;

/**
 * Files of imports, until they have been read. A file is sealed and cannot be searched for one person; it goes with the last of its rows,
 * and whoever is erased meanwhile is kept out by the hash of the address. Errors tell rows and columns and no values.
 */
@Injectable()
export class ImportsPersonalData extends PersonalData {
  readonly tables = ['imports', 'import_chunks', 'import_errors'];
  override readonly retention: readonly RetentionRule[] = [
    {
      kind: 'errors of imports',
      days: ERRORS_DAYS,
      describe: 'Which rows could not be read goes; when there was an import, its words and its counts stay.',
      count: (executor) => countRows(executor, oldErrors(executor)),
      purge: (db) => inChunks((limit) => removeErrors(db, limit)),
    },
    {
      kind: 'files whose upload broke off',
      days: UPLOAD_DAYS,
      describe: 'What had come of a file, where the connection or the process ended.',
      count: (executor) => countRows(executor, brokenOff(executor)),
      purge: (db) => inChunks((limit) => removeBrokenOff(db, limit)),
    },
  ];

  async export(): Promise<Record<string, unknown>> {
    return {};
  }

  async erase(): Promise<void> {
    // Nothing here can be told to be of one person.
  }
}

function oldErrors(executor: Executor) {
  return executor
    .selectFrom('import_errors as e')
    .innerJoin('imports as i', 'i.id', 'e.import_id')
    .select(['e.import_id', 'e.row_number', 'e.column_name'])
    .where('i.finished_at', '<', sql<Date>`now() - make_interval(days => ${ERRORS_DAYS})`);
}

async function removeErrors(executor: Executor, limit: number): Promise<number> {
  const { numDeletedRows } = await executor
    .deleteFrom('import_errors as e')
    .using(oldErrors(executor).limit(limit).as('old'))
    .whereRef('e.import_id', '=', 'old.import_id')
    .whereRef('e.row_number', '=', 'old.row_number')
    .whereRef('e.column_name', '=', 'old.column_name')
    .executeTakeFirst();
  return Number(numDeletedRows);
}

function brokenOff(executor: Executor) {
  return executor
    .selectFrom('imports')
    .select('id')
    .where('state', '=', 'uploading')
    .where('created_at', '<', sql<Date>`now() - make_interval(days => ${UPLOAD_DAYS})`);
}

async function removeBrokenOff(executor: Executor, limit: number): Promise<number> {
  const { numDeletedRows } = await executor
    .deleteFrom('imports')
    .where('id', 'in', brokenOff(executor).limit(limit))
    .executeTakeFirst();
  return Number(numDeletedRows);
}
