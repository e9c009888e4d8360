import { Injectable } from '@nestjs/common';
import { sql, type Updateable } from 'kysely';
import type { Executor, Tables } from '../../platform/database/index.js';
import { COUNT_LIMIT } from './webhooks.schemas.js';
import type { EndpointRow } from './webhooks.types.js';

export type EndpointChange = Updateable<Tables['webhook_endpoints']>;

@Injectable()
export class EndpointsRepository {
  async insert(
    executor: Executor,
    endpoint: Pick<EndpointRow, 'id' | 'url' | 'description' | 'events' | 'secret'>,
  ): Promise<EndpointRow> {
    return executor.insertInto('webhook_endpoints').values(endpoint).returningAll().executeTakeFirstOrThrow();
  }

  async count(executor: Executor): Promise<number> {
    const { count } = await executor
      .selectFrom('webhook_endpoints')
      .select(sql<number>`count(*)`.as('count'))
      .executeTakeFirstOrThrow();
    return count;
  }

  async byId(executor: Executor, id: string): Promise<EndpointRow | undefined> {
    return executor.selectFrom('webhook_endpoints').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** Nobody else changes it until the end of the transaction. */
  async lock(executor: Executor, id: string): Promise<EndpointRow | undefined> {
    const query = executor.selectFrom('webhook_endpoints').selectAll().where('id', '=', id);
    return query.forUpdate().executeTakeFirst();
  }

  async enabled(executor: Executor): Promise<EndpointRow[]> {
    return executor.selectFrom('webhook_endpoints').selectAll().where('enabled', '=', true).execute();
  }

  /** The oldest first. */
  async page(executor: Executor, limit: number, after: string | undefined): Promise<EndpointRow[]> {
    return executor
      .selectFrom('webhook_endpoints')
      .selectAll()
      .$if(after !== undefined, (query) => query.where('id', '>', after!))
      .orderBy('id')
      .limit(limit)
      .execute();
  }

  /** @returns undefined when there is none */
  async update(executor: Executor, id: string, change: EndpointChange): Promise<EndpointRow | undefined> {
    return executor
      .updateTable('webhook_endpoints')
      .set({ ...change, updated_at: sql`now()` })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
  }

  /** Its messages and attempts go with retention: nobody can reach them any more. */
  async remove(executor: Executor, id: string): Promise<boolean> {
    const { numDeletedRows } = await executor
      .deleteFrom('webhook_endpoints')
      .where('id', '=', id)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Messages by state, counted up to COUNT_LIMIT. */
  async counts(executor: Executor, id: string): Promise<{ waiting: number; failed: number }> {
    const upTo = (state: 'waiting' | 'failed') =>
      sql<number>`(SELECT count(*) FROM (SELECT FROM webhook_messages
        WHERE endpoint_id = ${id} AND state = ${sql.lit(state)} LIMIT ${COUNT_LIMIT}) counted)`;
    const { rows } = await sql<{ waiting: number; failed: number }>`
      SELECT ${upTo('waiting')} AS waiting, ${upTo('failed')} AS failed`.execute(executor);
    return rows[0]!;
  }

  /**
   * While no endpoint is enabled nobody reads the events, so the first one starts at the present. Nothing is lost by it: what is
   * committed from now on has this horizon's transaction id or a later one.
   */
  async startReadingHere(executor: Executor): Promise<void> {
    await sql`
      UPDATE webhook_cursor SET xid = pg_snapshot_xmin(pg_current_snapshot()), id = 0, read_at = now()
       WHERE NOT EXISTS (SELECT FROM webhook_endpoints WHERE enabled)`.execute(executor);
  }
}
