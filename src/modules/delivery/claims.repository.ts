import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { bucketOf, newId, type Stream } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import { checkedColumns, checkedFrom, toChecked, type CheckedRow } from './check.repository.js';
import type { BatchTurn, Claim, ClaimedDelivery } from './claim.types.js';
import type { Claimed } from './settlement.js';

/** Renewed while the worker lives; RFC 5321 allows ten minutes after the final dot. */
export const LEASE_SECONDS = 180;

/**
 * Batches `b` with the `first` of their rows that wait. The first row in the order of the index of waiting rows is asked for, not whether there
 * is any: without statistics PostgreSQL would look for that among all rows of the batch (39 ms at 40,000).
 */
const waitingRows = sql`batches b CROSS JOIN LATERAL (
         SELECT d.due_at FROM deliveries d
          WHERE d.bucket = b.bucket AND d.campaign_id = b.id AND d.state IN ('queued', 'deferred')
          ORDER BY d.campaign_id, d.due_at, d.id LIMIT 1) first`;

/** Those that have something to do. */
const waitingBatches = sql`${waitingRows}
       WHERE b.state IN ('open', 'stopped') AND b.finished_at IS NULL
         AND (first.due_at <= now() OR b.state = 'stopped')`;

/**
 * Rows that are looked up first, in every month: with the month beside it PostgreSQL, where it has no statistics, takes the month for a
 * rare one and reads its whole primary key (23 ms at 450,000 rows, for one order mail).
 */
function idsWhere(condition: ReturnType<typeof sql>): ReturnType<typeof sql> {
  return sql`id = ANY(ARRAY(SELECT m.id FROM deliveries m WHERE ${condition}))`;
}

@Injectable()
export class ClaimsRepository {
  constructor(private readonly db: Database) {}

  /** The due deliveries of one message. Another worker that asks at the same time gets the others, or none. */
  async claimMessage(token: string, messageId: string, limit: number): Promise<Claim> {
    return this.claim(token, bucketOf(messageId), idsWhere(sql`m.message_id = ${messageId}`), limit);
  }

  async claimBatch(token: string, batch: BatchTurn, limit: number): Promise<Claim> {
    const claim = await this.claim(token, batch.bucket, sql`campaign_id = ${batch.id}`, limit);
    const { retryHours } = batch;
    return retryHours === null
      ? claim
      : { ...claim, items: claim.items.map((item) => ({ ...item, retryHours })) };
  }

  private async claim(
    token: string,
    bucket: string,
    which: ReturnType<typeof sql>,
    limit: number,
  ): Promise<Claim> {
    const checkedAt = Date.now();
    const { rows } = await sql<ClaimedDelivery & CheckedRow>`
      WITH due AS (
        SELECT id FROM deliveries
         WHERE bucket = ${bucket} AND ${which} AND state IN ('queued', 'deferred') AND due_at <= now()
         ORDER BY due_at, id LIMIT ${limit} FOR UPDATE SKIP LOCKED),
      claimed AS (
        UPDATE deliveries d
           SET state = 'sending', lease_token = ${token}, lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
          FROM due WHERE d.bucket = ${bucket} AND d.id = due.id
        RETURNING d.*)
      SELECT d.id, d.stream, d.tries, d.person_id AS "personId", d.address, d.recipient_domain AS "recipientDomain",
             d.message_id AS "messageId", d.campaign_id AS "campaignId", d.due_at AS "dueAt",
             (extract(epoch FROM now() - coalesce(d.requeued_at, d.created_at)) * 1000)::float8 AS "ageMs",
             ${checkedColumns}
        FROM (SELECT * FROM claimed LIMIT ${limit}) d ${checkedFrom}`.execute(this.db);
    const checked = new Map(rows.map((row) => [row.id, toChecked(row)]));
    return { token, bucket, items: rows.sort((one, other) => one.id - other.id), checked, checkedAt };
  }

  /** Back to where they were, when it is certain that none was handed over. */
  async release(bucket: string, token: string): Promise<void> {
    await sql`
      UPDATE deliveries SET state = 'queued', lease_token = NULL, lease_until = NULL
       WHERE bucket = ${bucket} AND ${idsWhere(sql`m.lease_token = ${token} AND m.state = 'sending'`)}
         AND lease_token = ${token} AND state = 'sending'`.execute(this.db);
  }

  async renew(claim: Claim): Promise<void> {
    await sql`
      UPDATE deliveries SET lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
       WHERE bucket = ${claim.bucket} AND lease_token = ${claim.token} AND state = 'sending'
         AND id = ANY(${claim.items.map((item) => item.id)}::bigint[])`.execute(this.db);
  }

  /**
   * The batch that waited longest for its turn and has something to do. All hands take their turns from the same few rows, so
   * the commit does not wait for the disk: a turn that a crash of the database forgets is no loss.
   */
  async nextTurn(): Promise<BatchTurn | undefined> {
    const { rows } = await sql<BatchTurn>`
      WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
      UPDATE batches SET last_turn_at = clock_timestamp()
        FROM quick
       WHERE id = (
         SELECT b.id FROM ${waitingBatches}
          ORDER BY b.last_turn_at LIMIT 1)
      RETURNING id, bucket, state, sender_id AS "senderId", revision_id AS "revisionId", name,
        retry_hours AS "retryHours", kind, variables`.execute(this.db);
    return rows[0];
  }

  /** Messages of a stream that are due and that nobody has taken for a second. */
  async dueMessages(stream: Stream, limit: number): Promise<string[]> {
    const { rows } = await sql<{ messageId: string }>`
      SELECT DISTINCT message_id AS "messageId" FROM (
        SELECT message_id FROM deliveries
         WHERE stream = ${stream} AND message_id IS NOT NULL AND state IN ('queued', 'deferred')
           AND due_at <= now() - interval '1 second'
         ORDER BY due_at LIMIT ${limit}) due`.execute(this.db);
    return rows.map((row) => row.messageId);
  }

  /** Open batches that have something to send or to skip, the longest waiting first. */
  async dueBatches(limit: number): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      SELECT b.id FROM ${waitingBatches}
       ORDER BY b.last_turn_at LIMIT ${limit}`.execute(this.db);
    return rows.map((row) => row.id);
  }

  /**
   * Deliveries whose lease has ended without evidence of what became of them: unknown, never queued again by itself.
   * Run it after the journals of this machine have been replayed.
   */
  async expireLeases(): Promise<number> {
    const { rows } = await sql`
      UPDATE deliveries SET state = 'unknown', reason = 'lease_ended', lease_until = NULL, settled_at = now()
       WHERE state = 'sending' AND lease_until < now() RETURNING id`.execute(this.db);
    return rows.length;
  }

  /** Deliveries of a journal that still carry its claim, and whether its lease still runs. */
  async heldBy(bucket: string, token: string): Promise<(Claimed & { leased: boolean })[]> {
    const { rows } = await sql<Claimed & { leased: boolean }>`
      SELECT d.id, d.stream, d.tries, b.retry_hours AS "retryHours", coalesce(d.lease_until > now(), false) AS leased,
             (extract(epoch FROM now() - coalesce(d.requeued_at, d.created_at)) * 1000)::float8 AS "ageMs"
        FROM deliveries d LEFT JOIN batches b ON b.id = d.campaign_id
       WHERE d.bucket = ${bucket} AND d.lease_token = ${token} AND d.state IN ('sending', 'unknown')`.execute(
      this.db,
    );
    return rows;
  }

  /** Milliseconds until the first row of any open batch is due; 0 where one is, undefined where none waits. */
  async nextDueIn(): Promise<number | undefined> {
    const { rows } = await sql<{ waitMs: number | null }>`
      SELECT (extract(epoch FROM min(first.due_at) - now()) * 1000)::float8 AS "waitMs" FROM ${waitingRows}
       WHERE b.state = 'open' AND b.finished_at IS NULL`.execute(this.db);
    const waitMs = rows[0]?.waitMs ?? undefined;
    return waitMs === undefined ? undefined : Math.max(0, waitMs);
  }

  newToken(): string {
    return newId();
  }
}
