import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { monthOf } from '../../domain/index.js';
import type { Executor } from '../../platform/database/index.js';

/** Where reading is: the last event that was looked at, and when that was. */
export interface Position {
  readonly xid: string;
  readonly id: number;
  readonly readAt: Date;
}

export interface ReadEvent {
  readonly xid: string;
  readonly id: number;
  readonly bucket: string;
  readonly type: string;
  readonly at: Date;
}

const DAY_MS = 86_400_000;

/** The events in the order of their transactions, below the horizon of those that are still open. */
@Injectable()
export class EventReaderRepository {
  async position(executor: Executor): Promise<Position | undefined> {
    const { rows } = await sql<Position>`
      SELECT xid::text, id, read_at AS "readAt" FROM webhook_cursor`.execute(executor);
    return rows[0];
  }

  /** The position, locked for this transaction; undefined while another worker reads. */
  async lock(executor: Executor): Promise<Position | undefined> {
    const { rows } = await sql<Position>`
      SELECT xid::text, id, read_at AS "readAt" FROM webhook_cursor FOR UPDATE SKIP LOCKED`.execute(executor);
    return rows[0];
  }

  /**
   * The next group: of `limit` events those of the types that are wanted, and the last one whatever it is, because reading goes
   * on behind it. An event whose transaction is open, or has an open one before it, waits: ids and times are not in the order of
   * commits, transaction ids below the horizon are complete. What is older than a day before the last reading is no news: it came
   * with a backup of another server, whose transaction ids say nothing here.
   */
  async readNext(
    executor: Executor,
    { xid, id, readAt }: Position,
    types: readonly string[],
    limit: number,
  ): Promise<ReadEvent[]> {
    const oldest = new Date(readAt.getTime() - DAY_MS);
    // By its index, whatever the statistics of a table that is growing fast say.
    await sql`SET LOCAL enable_seqscan = off`.execute(executor);
    await sql`SET LOCAL enable_sort = off`.execute(executor);
    const { rows } = await sql<ReadEvent>`
      WITH next AS MATERIALIZED (
        SELECT xid, id, bucket, type, at FROM events
         WHERE (xid, id) > (${xid}::xid8, ${id}) AND xid < pg_snapshot_xmin(pg_current_snapshot())
           AND bucket >= ${monthOf(oldest)} AND at > ${oldest}
         ORDER BY xid, id LIMIT ${limit})
      SELECT xid::text, id, bucket, type, at FROM next
       WHERE type = ANY(${types}) OR id = (SELECT id FROM next ORDER BY xid DESC, id DESC LIMIT 1)
       ORDER BY next.xid, next.id`.execute(executor);
    return rows;
  }

  async moveTo(executor: Executor, { xid, id }: Pick<Position, 'xid' | 'id'>): Promise<void> {
    await sql`UPDATE webhook_cursor SET xid = ${xid}::xid8, id = ${id}, read_at = now()`.execute(executor);
  }

  /**
   * In a database that was restored into another server, transaction ids begin low again, and reading would wait for years.
   */
  async isAhead(executor: Executor): Promise<boolean> {
    const { rows } = await sql<{ ahead: boolean }>`
      SELECT xid > pg_snapshot_xmax(pg_current_snapshot()) AS ahead FROM webhook_cursor`.execute(executor);
    return rows[0]?.ahead ?? false;
  }

  /** Puts the position at the horizon. */
  async comeBack(executor: Executor): Promise<void> {
    await sql`UPDATE webhook_cursor SET xid = pg_snapshot_xmin(pg_current_snapshot()), id = 0`.execute(
      executor,
    );
  }
}
