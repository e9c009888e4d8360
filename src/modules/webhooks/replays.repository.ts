import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Executor, Tables } from '../../platform/database/index.js';
import type { EndpointRow } from './webhooks.types.js';

export type Replay = NonNullable<Tables['webhook_endpoints']['replay']['__select__']>;

export interface PastEvent {
  readonly id: number;
  readonly bucket: string;
  readonly type: string;
  readonly at: Date;
  readonly meant: boolean;
}

@Injectable()
export class ReplaysRepository {
  /** @returns false while another replay of this endpoint is under way */
  async start(executor: Executor, endpointId: string, replay: Replay): Promise<boolean> {
    const { numUpdatedRows } = await executor
      .updateTable('webhook_endpoints')
      .set({ replay: JSON.stringify(replay) })
      .where('id', '=', endpointId)
      .where('replay', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** An enabled endpoint whose replay is not through, locked; undefined when there is none that nobody works on. */
  async lockNext(executor: Executor): Promise<EndpointRow | undefined> {
    return executor
      .selectFrom('webhook_endpoints')
      .selectAll()
      .where('enabled', '=', true)
      .where('replay', 'is not', null)
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
  }

  async waits(executor: Executor): Promise<boolean> {
    const row = await executor
      .selectFrom('webhook_endpoints')
      .select('id')
      .where('enabled', '=', true)
      .where('replay', 'is not', null)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  async save(executor: Executor, endpointId: string, replay: Replay | null): Promise<void> {
    await executor
      .updateTable('webhook_endpoints')
      .set({ replay: replay && JSON.stringify(replay) })
      .where('id', '=', endpointId)
      .execute();
  }

  /** Of the next `limit` events by primary key those that are meant, and the last one whatever it is. @param months the last to look into */
  async pastEvents(
    executor: Executor,
    { since, until, bucket, after }: Replay,
    types: readonly string[],
    lastBucket: string,
    limit: number,
  ): Promise<PastEvent[]> {
    await sql`SET LOCAL enable_seqscan = off`.execute(executor);
    const { rows } = await sql<PastEvent>`
      WITH next AS MATERIALIZED (
        SELECT bucket, id, type, at FROM events
         WHERE (bucket, id) > (${bucket}::date, ${after}) AND bucket BETWEEN ${bucket}::date AND ${lastBucket}::date
         ORDER BY bucket, id LIMIT ${limit}),
      judged AS (
        SELECT *, type = ANY(${types}) AND at >= ${since}::timestamptz AND at <= ${until}::timestamptz AS meant FROM next)
      SELECT * FROM judged
       WHERE meant OR id = (SELECT id FROM next ORDER BY bucket DESC, id DESC LIMIT 1)
       ORDER BY bucket, id`.execute(executor);
    return rows;
  }
}
