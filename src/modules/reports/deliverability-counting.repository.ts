import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { blockedReasons, hardReasons, monthOf, SANDBOX_RELAY } from '../../domain/index.js';
import type { Executor } from '../../platform/database/index.js';

/** How far counting is: the last event that was looked at, and when that was. */
export interface CountingPosition {
  readonly xid: string;
  readonly id: number;
  readonly readAt: Date;
}

/** What one turn counted, for the metrics. */
export interface Counted {
  readonly events: number;
  readonly hard: number;
  readonly soft: number;
  readonly blocked: number;
  readonly complaints: number;
  /** Suppressions that were added, by reason. */
  readonly suppressions: Readonly<Record<string, number>>;
}

const DAY_MS = 86_400_000;

/** Counts events into days, in the order of their transactions, below the horizon of those that are still open (as webhooks read). */
@Injectable()
export class DeliverabilityCountingRepository {
  /** Locked for this transaction; undefined while another worker counts. */
  async lock(executor: Executor): Promise<CountingPosition | undefined> {
    const { rows } = await sql<CountingPosition>`
      SELECT xid::text, id, read_at AS "readAt" FROM deliverability_cursor FOR UPDATE SKIP LOCKED`.execute(
      executor,
    );
    return rows[0];
  }

  /**
   * In a database that was restored into another server, transaction ids begin low again: reading goes on at the horizon.
   * @returns whether it was so
   */
  async comeBack(executor: Executor): Promise<boolean> {
    const { rows } = await sql`
      UPDATE deliverability_cursor SET xid = pg_snapshot_xmin(pg_current_snapshot()), id = 0
       WHERE xid > pg_snapshot_xmax(pg_current_snapshot()) RETURNING xid`.execute(executor);
    return rows.length > 0;
  }

  /**
   * Counts the next events and moves on. Each is counted on the day of its mail's hand-over; a bounce of a mail that the relay refused
   * before is counted no second time. Deliveries are looked up one by one: with a table that was just filled PostgreSQL would read the
   * whole month for a join. What is older than a day before the last reading came with a backup, and was counted there.
   */
  async countNext(
    executor: Executor,
    { xid, id, readAt }: CountingPosition,
    limit: number,
  ): Promise<Counted> {
    const oldest = new Date(Math.max(0, readAt.getTime() - DAY_MS));
    await sql`SET LOCAL enable_seqscan = off`.execute(executor);
    await sql`SET LOCAL enable_sort = off`.execute(executor);
    const hard = [...hardReasons];
    const blocked = [...blockedReasons];
    const { rows } = await sql<Counted>`
      WITH next AS MATERIALIZED (
        SELECT xid, id, at, type, campaign_id, message_id, delivery_id, data->>'reason' AS reason,
               CASE type WHEN 'email.failed' THEN (data->>'replyCode')::int >= 500 ELSE (data->>'hard')::boolean END AS is_final
          FROM events
         WHERE (xid, id) > (${xid}::xid8, ${id}) AND xid < pg_snapshot_xmin(pg_current_snapshot())
           AND bucket >= ${monthOf(oldest)} AND at > ${oldest}
         ORDER BY xid, id LIMIT ${limit}),
      told AS MATERIALIZED (
        SELECT type, d.state = 'sent' AS was_sent, d.stream, d.campaign_id, d.recipient_domain,
               ((CASE type WHEN 'email.deferred' THEN at ELSE coalesce(d.settled_at, at) END) AT TIME ZONE 'UTC')::date AS day,
               CASE WHEN is_final AND reason = ANY(${hard}::text[]) THEN 'hard'
                    WHEN reason = ANY(${blocked}::text[]) THEN 'blocked' ELSE 'soft' END AS class
          FROM (SELECT *, CASE WHEN campaign_id IS NOT NULL THEN (SELECT b.bucket FROM batches b WHERE b.id = campaign_id)
                          ELSE ${monthOfMessage} END AS bucket
                  FROM next
                 WHERE type IN ('email.sent', 'email.deferred', 'email.failed', 'email.delivered', 'email.bounced', 'email.complained')
                   AND delivery_id IS NOT NULL) n,
               LATERAL (SELECT state, stream, campaign_id, recipient_domain, settled_at, relay FROM deliveries
                         WHERE bucket = n.bucket AND id = n.delivery_id LIMIT 1) d
         WHERE d.relay IS DISTINCT FROM ${SANDBOX_RELAY}),
      failures AS (
        SELECT *, type = 'email.failed' OR (type = 'email.bounced' AND was_sent) AS is_failure FROM told),
      added AS (
        INSERT INTO deliverability_days AS x
          (day, stream, campaign_id, recipient_domain, sent, confirmed, deferred, hard, soft, blocked, returned, complaints)
        SELECT day, stream, campaign_id, recipient_domain,
               count(*) FILTER (WHERE type = 'email.sent'), count(*) FILTER (WHERE type = 'email.delivered'),
               count(*) FILTER (WHERE type = 'email.deferred'), count(*) FILTER (WHERE is_failure AND class = 'hard'),
               count(*) FILTER (WHERE is_failure AND class = 'soft'), count(*) FILTER (WHERE is_failure AND class = 'blocked'),
               count(*) FILTER (WHERE type = 'email.bounced' AND was_sent), count(*) FILTER (WHERE type = 'email.complained')
          FROM failures GROUP BY day, stream, campaign_id, recipient_domain
        ON CONFLICT (day, campaign_id, recipient_domain, stream) DO UPDATE SET
          sent = x.sent + excluded.sent, confirmed = x.confirmed + excluded.confirmed, deferred = x.deferred + excluded.deferred,
          hard = x.hard + excluded.hard, soft = x.soft + excluded.soft, blocked = x.blocked + excluded.blocked,
          returned = x.returned + excluded.returned, complaints = x.complaints + excluded.complaints),
      moved AS (
        UPDATE deliverability_cursor c SET xid = last.xid, id = last.id, read_at = now()
          FROM (SELECT xid, id FROM next ORDER BY xid DESC, id DESC LIMIT 1) last)
      SELECT (SELECT count(*) FROM next) AS events,
             count(*) FILTER (WHERE is_failure AND class = 'hard') AS hard, count(*) FILTER (WHERE is_failure AND class = 'soft') AS soft,
             count(*) FILTER (WHERE is_failure AND class = 'blocked') AS blocked,
             count(*) FILTER (WHERE type = 'email.complained') AS complaints,
             (SELECT coalesce(jsonb_object_agg(reason, n), '{}') FROM (
               SELECT reason, count(*) AS n FROM next WHERE type = 'suppression.added' AND reason IS NOT NULL GROUP BY reason) s) AS suppressions
        FROM failures`.execute(executor);
    return rows[0] ?? { events: 0, hard: 0, soft: 0, blocked: 0, complaints: 0, suppressions: {} };
  }
}

/** As `bucketOf`: the first 48 bits of a UUIDv7 are milliseconds (RFC 9562 §5.7). PostgreSQL reads them itself from 18 on. */
const monthOfMessage = sql`
  date_trunc('month', to_timestamp(('x' || left(replace(message_id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) AT TIME ZONE 'UTC')::date`;
