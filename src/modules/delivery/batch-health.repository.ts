import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import {
  authenticationReasons,
  hardBounceReasons,
  noBlastNumbers,
  SANDBOX_RELAY,
  type BlastNumbers,
} from '../../domain/index.js';
import type { Executor } from '../../platform/database/index.js';

export interface OpenBatch {
  readonly id: string;
  /** From the counters; `hardBounces` and `authentication` are not known yet. */
  readonly counted: Pick<BlastNumbers, 'tried' | 'failures' | 'complaints'>;
  /** The numbers when a person last let it go on. */
  readonly forgiven: BlastNumbers | null;
}

/** A campaign that somebody tries out on test addresses is not ill. */
const notOfSandbox = sql`d.relay IS DISTINCT FROM ${sql.lit(SANDBOX_RELAY)}`;

const counted = sql`
  (SELECT coalesce(sum(c.sent + c.failed + c.unknown), 0)::bigint FROM campaign_counts c WHERE c.campaign_id = b.id) AS tried,
  (SELECT coalesce(sum(c.failed), 0)::bigint FROM campaign_counts c WHERE c.campaign_id = b.id) + later.bounced AS failures,
  later.complaints`;
/** Without the month, or a table without statistics would be read by the index of all rows of the batch (70 ms at 300,000). */
const later = sql`
  LATERAL (
    SELECT count(*) FILTER (WHERE d.outcome = 'bounced' AND d.state <> 'failed') AS bounced,
           count(*) FILTER (WHERE d.outcome = 'complained') AS complaints
      FROM deliveries d
     WHERE d.campaign_id = b.id AND d.outcome IN ('bounced', 'complained') AND ${notOfSandbox}) later`;

@Injectable()
export class BatchHealthRepository {
  /** Every batch that sends. */
  async open(executor: Executor): Promise<OpenBatch[]> {
    const { rows } = await sql<OpenBatch['counted'] & Omit<OpenBatch, 'counted'>>`
      SELECT b.id, b.forgiven, ${counted} FROM batches b, ${later}
       WHERE b.state = 'open' AND b.finished_at IS NULL`.execute(executor);
    return rows.map(({ id, forgiven, ...numbers }) => ({ id, forgiven, counted: numbers }));
  }

  /** Reads every failure from a partial index: 70 ms for 40,000, up to 1 s for 500,000. */
  async numbers(executor: Executor, id: string): Promise<BlastNumbers> {
    const { rows } = await sql<BlastNumbers>`
      SELECT ${counted}, refused.hard + reported.hard AS "hardBounces",
             refused.authentication + reported.authentication AS authentication
        FROM batches b, ${later},
             LATERAL (
               SELECT count(*) FILTER (WHERE d.reason = ANY(${hardBounceReasons}::text[])) AS hard,
                      count(*) FILTER (WHERE d.reason = ANY(${authenticationReasons}::text[])) AS authentication
                 FROM deliveries d
                WHERE d.bucket = b.bucket AND d.campaign_id = b.id AND d.state = 'failed' AND d.reply_code >= 500
                  AND ${notOfSandbox}) refused,
             -- Told later by reports.
             LATERAL (
               SELECT count(*) FILTER (WHERE d.reason = ANY(${authenticationReasons}::text[])) AS authentication,
                      count(*) FILTER (WHERE d.reason = ANY(${hardBounceReasons}::text[])) AS hard
                 FROM deliveries d
                WHERE d.campaign_id = b.id AND d.outcome = 'bounced' AND d.state <> 'failed'
                  AND ${notOfSandbox}) reported
       WHERE b.id = ${id}`.execute(executor);
    return rows[0] ?? noBlastNumbers;
  }

  /** Forgets what has been so far: only what comes after this is judged. */
  async forgive(executor: Executor, id: string): Promise<void> {
    const forgiven = JSON.stringify(await this.numbers(executor, id));
    await executor.updateTable('batches').set({ forgiven }).where('id', '=', id).execute();
  }

  /**
   * Only while it is as it was judged: somebody who has resumed it in between has forgiven those numbers.
   * @returns whether it is paused by this call
   */
  async pause(executor: Executor, { id, forgiven }: OpenBatch, reason: string): Promise<boolean> {
    const { rows } = await sql`
      UPDATE batches SET state = 'paused', pause_reason = ${reason}
       WHERE id = ${id} AND state = 'open' AND forgiven IS NOT DISTINCT FROM ${forgiven && JSON.stringify(forgiven)}::jsonb
      RETURNING id`.execute(executor);
    return rows.length > 0;
  }
}
