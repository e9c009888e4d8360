import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import type { Executor, Tables } from '../../platform/database/index.js';
import type { NewSuppression, Suppression, SuppressionSearch } from './suppression.types.js';

type Row = Selectable<Tables['suppressions']>;

@Injectable()
export class SuppressionRepository {
  /** Inserts it, or finds the active one with the same address, scope and reason; `created` tells which. */
  async add(
    executor: Executor,
    id: string,
    suppression: NewSuppression,
  ): Promise<{ suppression: Suppression; created: boolean }> {
    const { address, scope, listId = null, reason, evidence = null } = suppression;
    // The update changes nothing: it makes the existing row come back, and waits for one that is just being inserted.
    const { rows } = await sql<Row>`
      INSERT INTO suppressions AS s (id, canonical, scope, list_id, reason, evidence)
      VALUES (${id}, ${address}, ${scope}, ${listId}, ${reason}, ${evidence})
      ON CONFLICT (canonical, scope, reason, coalesce(list_id, '00000000-0000-0000-0000-000000000000'))
        WHERE released_at IS NULL
        DO UPDATE SET canonical = s.canonical
      RETURNING *`.execute(executor);
    const row = rows[0]!;
    return { suppression: toSuppression(row), created: row.id === id };
  }

  async byId(executor: Executor, id: string): Promise<Suppression | undefined> {
    const row = await executor.selectFrom('suppressions').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toSuppression(row);
  }

  /** @returns undefined when it was released before, or never was */
  async release(executor: Executor, id: string, note: string): Promise<Suppression | undefined> {
    const row = await executor
      .updateTable('suppressions')
      .set({ released_at: sql`now()`, release_note: note })
      .where('id', '=', id)
      .where('released_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return row && toSuppression(row);
  }

  async active(executor: Executor, addresses: readonly string[]): Promise<Suppression[]> {
    const rows = await executor
      .selectFrom('suppressions')
      .selectAll()
      .where('canonical', 'in', addresses)
      .where('released_at', 'is', null)
      .orderBy('id')
      .execute();
    return rows.map(toSuppression);
  }

  /** The newest first. */
  async search(
    executor: Executor,
    { address, scope, listId, reason, active, limit, after }: SuppressionSearch,
  ): Promise<Suppression[]> {
    const rows = await executor
      .selectFrom('suppressions')
      .selectAll()
      .$if(address !== undefined, (query) => query.where('canonical', '=', address!))
      .$if(scope !== undefined, (query) => query.where('scope', '=', scope!))
      .$if(listId !== undefined, (query) => query.where('list_id', '=', listId!))
      .$if(reason !== undefined, (query) => query.where('reason', '=', reason!))
      .$if(active !== undefined, (query) => query.where('released_at', active ? 'is' : 'is not', null))
      .$if(after !== undefined, (query) => query.where('id', '<', after!))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toSuppression);
  }
}

function toSuppression(row: Row): Suppression {
  return {
    id: row.id,
    address: row.canonical,
    scope: row.scope,
    listId: row.list_id,
    reason: row.reason,
    evidence: row.evidence,
    createdAt: row.created_at,
    releasedAt: row.released_at,
    releaseNote: row.release_note,
  };
}
