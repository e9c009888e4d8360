import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { monthOf, newId } from '../../domain/index.js';
import type { Executor } from '../../platform/database/index.js';
import type { AlertKind, AlertRow, NewAlert } from './alerts.types.js';

export interface Position {
  readonly xid: string;
  readonly id: number;
  /** A mail was made less than the pause ago. */
  readonly mailedLately: boolean;
}

export interface AlertingEvent {
  readonly xid: string;
  readonly id: number;
  readonly type: 'email.failed' | 'email.bounced' | 'campaign.paused' | 'webhook.disabled';
  readonly at: Date;
  readonly messageId: string | null;
  readonly deliveryId: number | null;
  readonly campaignId: string | null;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** What happened longer ago, while no worker ran, is no news any more. */
const DAYS_BACK = 7;

/** Alerts, and how far events have been looked at. Whoever writes holds the lock of the position. */
@Injectable()
export class AlertsRepository {
  /**
   * The position, locked for this transaction; undefined while another worker holds it.
   * @param pauseSeconds between two mails
   */
  async lock(executor: Executor, pauseSeconds: number): Promise<Position | undefined> {
    const { rows } = await sql<Position>`
      SELECT xid::text, id, coalesce(mailed_at > now() - make_interval(secs => ${pauseSeconds}), false) AS "mailedLately"
        FROM alert_cursor FOR UPDATE SKIP LOCKED`.execute(executor);
    return rows[0];
  }

  /** In a database that was restored into another server transaction ids begin low again: reading goes on with what happens now. */
  async comeBack(executor: Executor): Promise<boolean> {
    const { rows } = await sql`
      UPDATE alert_cursor SET xid = pg_snapshot_xmin(pg_current_snapshot()), id = 0
       WHERE xid > pg_snapshot_xmax(pg_current_snapshot()) RETURNING xid`.execute(executor);
    return rows.length > 0;
  }

  /**
   * The next events that an alert may be about, in the order of their transactions and below the horizon of those that are open. The
   * condition is that of the index `events_alerting`, word for word.
   */
  async readNext(executor: Executor, { xid, id }: Position, limit: number): Promise<AlertingEvent[]> {
    const oldest = new Date(Date.now() - DAYS_BACK * 86_400_000);
    // By its index, whatever the statistics of a table that is growing fast say.
    await sql`SET LOCAL enable_seqscan = off`.execute(executor);
    await sql`SET LOCAL enable_sort = off`.execute(executor);
    const { rows } = await sql<AlertingEvent>`
      SELECT xid::text, id, type, at, message_id AS "messageId", delivery_id AS "deliveryId",
             campaign_id AS "campaignId", data
        FROM events
       WHERE ((message_id IS NOT NULL AND type IN ('email.failed', 'email.bounced'))
          OR type IN ('campaign.paused', 'webhook.disabled'))
         AND (xid, id) > (${xid}::xid8, ${id}) AND xid < pg_snapshot_xmin(pg_current_snapshot())
         AND bucket >= ${monthOf(oldest)} AND at > ${oldest}
       ORDER BY events.xid, events.id LIMIT ${limit}`.execute(executor);
    return rows;
  }

  async moveTo(executor: Executor, { xid, id }: Pick<Position, 'xid' | 'id'>): Promise<void> {
    await sql`UPDATE alert_cursor SET xid = ${xid}::xid8, id = ${id}`.execute(executor);
  }

  /** One array a column, as thousands may fail at once. @returns those that are new; an alert that stands is not raised again */
  async raise(executor: Executor, alerts: readonly NewAlert[]): Promise<AlertRow[]> {
    if (alerts.length === 0) return [];
    const column = <T>(pick: (alert: NewAlert) => T) => alerts.map(pick);
    const { rows } = await sql<AlertRow>`
      INSERT INTO alerts (id, kind, subject, at, message_id, delivery_id, campaign_id, data)
      SELECT * FROM unnest(
        ${column(() => newId())}::uuid[], ${column(({ kind }) => kind)}::text[],
        ${column(({ subject }) => subject)}::text[], ${column(({ at }) => at)}::timestamptz[],
        ${column(({ messageId }) => messageId ?? null)}::uuid[],
        ${column(({ deliveryId }) => deliveryId ?? null)}::bigint[],
        ${column(({ campaignId }) => campaignId ?? null)}::uuid[],
        ${column(({ data }) => JSON.stringify(data))}::jsonb[])
      ON CONFLICT (kind, subject) WHERE over_at IS NULL DO NOTHING
      RETURNING *`.execute(executor);
    return rows;
  }

  /** What stands of a kind. */
  async standing(executor: Executor, kind: AlertKind): Promise<string[]> {
    const rows = await executor
      .selectFrom('alerts')
      .select('subject')
      .where('kind', '=', kind)
      .where('over_at', 'is', null)
      .execute();
    return rows.map(({ subject }) => subject);
  }

  async over(executor: Executor, kind: AlertKind, subjects: readonly string[]): Promise<void> {
    await executor
      .updateTable('alerts')
      .set({ over_at: sql`now()` })
      .where('kind', '=', kind)
      .where('subject', '=', sql<string>`ANY(${[...subjects]}::text[])`)
      .where('over_at', 'is', null)
      .execute();
  }

  async hasUntold(executor: Executor): Promise<boolean> {
    const row = await executor
      .selectFrom('alerts')
      .select('id')
      .where('told_at', 'is', null)
      .limit(1)
      .execute();
    return row.length > 0;
  }

  /**
   * Marks all that nobody was told of.
   * @param toldIn the mail that tells it; null where there is nobody to tell
   * @returns their number, and the oldest of them
   */
  async tell(
    executor: Executor,
    toldIn: string | null,
    limit: number,
  ): Promise<{ total: number; oldest: AlertRow[] }> {
    const oldest = await executor
      .selectFrom('alerts')
      .selectAll()
      .where('told_at', 'is', null)
      .orderBy('id')
      .limit(limit)
      .execute();
    const { numUpdatedRows } = await executor
      .updateTable('alerts')
      .set({ told_at: sql`now()`, told_in: toldIn })
      .where('told_at', 'is', null)
      .executeTakeFirstOrThrow();
    return { total: Number(numUpdatedRows), oldest };
  }

  async mailed(executor: Executor): Promise<void> {
    await executor
      .updateTable('alert_cursor')
      .set({ mailed_at: sql`now()` })
      .execute();
  }
}
