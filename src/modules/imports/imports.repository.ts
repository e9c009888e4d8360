import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import type { Copy, Executor, Tables } from '../../platform/database/index.js';
import {
  NO_COUNTS,
  type Import,
  type ImportCounts,
  type ImportSettings,
  type RowError,
} from './imports.types.js';

/** How long a worker that stops answering is waited for. Each group takes far less. */
const LEASE = sql`interval '20 seconds'`;

@Injectable()
export class ImportsRepository {
  async open(executor: Executor, id: string, settings: ImportSettings): Promise<void> {
    await executor
      .insertInto('imports')
      .values({
        id,
        state: 'uploading',
        settings: JSON.stringify(settings),
        counts: JSON.stringify(NO_COUNTS),
      })
      .execute();
  }

  async addChunk(executor: Executor, importId: string, number: number, sealed: Buffer): Promise<void> {
    await executor.insertInto('import_chunks').values({ import_id: importId, number, sealed }).execute();
  }

  /** The file is there in full. @param octets its length */
  async release(executor: Executor, id: string, octets: number): Promise<void> {
    await executor
      .updateTable('imports')
      .set({ state: 'waiting', octets })
      .where('id', '=', id)
      .where('state', '=', 'uploading')
      .execute();
  }

  async remove(executor: Executor, id: string): Promise<void> {
    await executor.deleteFrom('imports').where('id', '=', id).execute();
  }

  async byId(executor: Executor, id: string): Promise<Import | undefined> {
    const row = await executor.selectFrom('imports').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toImport(row);
  }

  /** The newest first, without those whose file is still coming. */
  async page(executor: Executor, limit: number, after: string | undefined): Promise<Import[]> {
    const rows = await executor
      .selectFrom('imports')
      .selectAll()
      .where('state', '<>', 'uploading')
      .$if(after !== undefined, (query) => query.where('id', '<', after!))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toImport);
  }

  /** Imports that nobody works on. */
  async due(executor: Executor): Promise<string[]> {
    const rows = await executor
      .selectFrom('imports')
      .select('id')
      .where('state', 'in', ['waiting', 'running'])
      .where((eb) => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<', sql<Date>`now()`)]))
      .orderBy('id')
      .execute();
    return rows.map(({ id }) => id);
  }

  /** Takes an import that nobody works on. @param lease names this run */
  async claim(executor: Executor, id: string, lease: string): Promise<Import | undefined> {
    const row = await executor
      .updateTable('imports')
      .set({
        state: 'running',
        lease,
        leased_until: sql<Date>`now() + ${LEASE}`,
        started_at: sql<Date>`coalesce(started_at, now())`,
      })
      .where('id', '=', id)
      .where('state', 'in', ['waiting', 'running'])
      .where((eb) => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<', sql<Date>`now()`)]))
      .returningAll()
      .executeTakeFirst();
    return row && toImport(row);
  }

  /** Locks it for a group. @returns undefined where it was cancelled, or another run has it */
  async lock(executor: Executor, id: string, lease: string): Promise<Import | undefined> {
    const row = await executor
      .selectFrom('imports')
      .selectAll()
      .where('id', '=', id)
      .where('lease', '=', lease)
      .where('state', '=', 'running')
      .forUpdate()
      .executeTakeFirst();
    return row && toImport(row);
  }

  async advance(
    executor: Executor,
    id: string,
    done: { position: number; octets: number; counts: ImportCounts },
  ): Promise<void> {
    await executor
      .updateTable('imports')
      .set({
        position: done.position,
        octets_done: done.octets,
        counts: JSON.stringify(done.counts),
        // Not now(), which is when the transaction began.
        leased_until: sql<Date>`clock_timestamp() + ${LEASE}`,
      })
      .where('id', '=', id)
      .execute();
  }

  /** @returns false where another run has it, or it has ended */
  async renew(executor: Executor, id: string, lease: string): Promise<boolean> {
    const row = await executor
      .updateTable('imports')
      .set({ leased_until: sql<Date>`now() + ${LEASE}` })
      .where('id', '=', id)
      .where('lease', '=', lease)
      .where('state', '=', 'running')
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Lets another worker go on at once. */
  async giveBack(executor: Executor, id: string, lease: string): Promise<void> {
    await executor
      .updateTable('imports')
      .set({ leased_until: null })
      .where('id', '=', id)
      .where('lease', '=', lease)
      .execute();
  }

  /** Its end; the file goes. @returns false where it had ended before */
  async end(
    executor: Executor,
    id: string,
    state: 'finished' | 'failed' | 'cancelled',
    problem: string | null = null,
  ): Promise<boolean> {
    const row = await executor
      .updateTable('imports')
      .set({ state, problem, leased_until: null, finished_at: sql<Date>`now()` })
      .where('id', '=', id)
      .where('state', 'in', ['waiting', 'running'])
      .returning('id')
      .executeTakeFirst();
    if (!row) return false;
    await executor.deleteFrom('import_chunks').where('import_id', '=', id).execute();
    return true;
  }

  async chunk(executor: Executor, importId: string, number: number): Promise<Buffer | undefined> {
    const row = await executor
      .selectFrom('import_chunks')
      .select('sealed')
      .where('import_id', '=', importId)
      .where('number', '=', number)
      .executeTakeFirst();
    return row?.sealed;
  }

  async addErrors(copy: Copy, importId: string, errors: readonly RowError[]): Promise<void> {
    if (errors.length === 0) return;
    await copy(
      'import_errors (import_id, row_number, column_name, problem)',
      errors.map(({ row, column, problem }) => [importId, row, column, problem]),
    );
  }

  /** In the order of the file. @param after the last one of the page before */
  async errors(
    executor: Executor,
    importId: string,
    after: Pick<RowError, 'row' | 'column'> | undefined,
    limit: number,
  ): Promise<RowError[]> {
    return executor
      .selectFrom('import_errors')
      .select(['row_number as row', 'column_name as column', 'problem'])
      .where('import_id', '=', importId)
      .$if(after !== undefined, (query) =>
        query.where(sql<boolean>`(row_number, column_name) > (${after?.row}, ${after?.column})`),
      )
      .orderBy('row_number')
      .orderBy('column_name')
      .limit(limit)
      .execute();
  }
}

function toImport(row: Selectable<Tables['imports']>): Import {
  return {
    id: row.id,
    state: row.state,
    settings: row.settings as ImportSettings,
    octets: row.octets,
    octetsDone: row.octets_done,
    position: row.position,
    counts: row.counts as ImportCounts,
    problem: row.problem,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}
