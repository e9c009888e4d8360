import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import type { Executor, Tables } from '../../platform/database/index.js';
import type { NewSuppression, Suppression, SuppressionSearch } from './suppression.types.js';

type Row = Selectable<Tables['suppressions']>;

@Injectable()
export class SuppressionRepository {
  /**
   * Inserts them, or finds the active ones with the same address, scope and reason; `created` tells which. Those that are asked for
   * twice come back twice.
   */
  async add(
    executor: Executor,
    suppressions: readonly (NewSuppression & { readonly id: string })[],
  ): Promise<{ suppression: Suppression; created: boolean }[]> {
    const keyed = suppressions.map((one) => ({ one, key: keyOf(one) }));
    // In one order everywhere, so that two who add the same wait for each other and do not die of it; each once in a statement.
    const unique = [...new Map(keyed.map(({ one, key }) => [key, one])).values()].toSorted(byAddress);
    const column = <T>(pick: (one: NewSuppression & { readonly id: string }) => T) => unique.map(pick);
    // The update changes nothing: it makes the existing row come back, and waits for one that is just being inserted.
    const { rows } = await sql<Row>`
      INSERT INTO suppressions AS s (id, canonical, scope, list_id, reason, evidence)
      SELECT * FROM unnest(
        ${column(({ id }) => id)}::uuid[], ${column(({ address }) => address)}::text[],
        ${column(({ scope }) => scope)}::text[], ${column(({ listId }) => listId ?? null)}::uuid[],
        ${column(({ reason }) => reason)}::text[], ${column(({ evidence }) => evidence ?? null)}::text[])
      ON CONFLICT (canonical, scope, reason, coalesce(list_id, '00000000-0000-0000-0000-000000000000'))
        WHERE released_at IS NULL
        DO UPDATE SET canonical = s.canonical
      RETURNING *`.execute(executor);
    const found = new Map(rows.map((row) => [keyOf(toSuppression(row)), toSuppression(row)]));
    return keyed.map(({ one, key }) => {
      const suppression = found.get(key)!;
      return { suppression, created: suppression.id === one.id };
    });
  }

  /** Inserts many; those that are active already stay as they are. @returns how many were new */
  async import(
    executor: Executor,
    suppressions: readonly (NewSuppression & { readonly id: string })[],
  ): Promise<number> {
    const column = <T>(pick: (one: NewSuppression & { readonly id: string }) => T) => suppressions.map(pick);
    const { numAffectedRows } = await sql`
      INSERT INTO suppressions (id, canonical, scope, list_id, reason, evidence)
      SELECT * FROM unnest(
        ${column(({ id }) => id)}::uuid[], ${column(({ address }) => address)}::text[],
        ${column(({ scope }) => scope)}::text[], ${column(({ listId }) => listId ?? null)}::uuid[],
        ${column(({ reason }) => reason)}::text[], ${column(({ evidence }) => evidence ?? null)}::text[])
      ON CONFLICT DO NOTHING`.execute(executor);
    return Number(numAffectedRows ?? 0);
  }

  /** The oldest first, after one; nothing of erased people, whose addresses nobody can read. */
  async page(
    executor: Executor,
    after: string | null,
    limit: number,
    active: boolean,
  ): Promise<Suppression[]> {
    const rows = await executor
      .selectFrom('suppressions')
      .selectAll()
      .$if(after !== null, (query) => query.where('id', '>', after!))
      .$if(active, (query) => query.where('released_at', 'is', null))
      .where('canonical', 'not like', 'erased:%')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toSuppression);
  }

  async byId(executor: Executor, id: string): Promise<Suppression | undefined> {
    const row = await executor.selectFrom('suppressions').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toSuppression(row);
  }

  /** @returns those that were not released before */
  async release(executor: Executor, ids: readonly string[], note: string): Promise<Suppression[]> {
    if (ids.length === 0) return [];
    const rows = await executor
      .updateTable('suppressions')
      .set({ released_at: sql`now()`, release_note: note })
      .where('id', 'in', ids)
      .where('released_at', 'is', null)
      .returningAll()
      .execute();
    return rows.map(toSuppression);
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

const keyOf = ({ address, scope, reason, listId }: NewSuppression): string =>
  JSON.stringify([address, scope, reason, listId ?? null]);

const byAddress = (a: NewSuppression, b: NewSuppression): number => (keyOf(a) < keyOf(b) ? -1 : 1);

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
