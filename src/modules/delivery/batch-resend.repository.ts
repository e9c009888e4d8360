import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { statesBefore } from '../../domain/index.js';
import type { Executor } from '../../platform/database/index.js';

/** Which settled deliveries of a batch a person sends once more. */
export interface ResendChoice {
  readonly states: readonly ('failed' | 'unknown')[];
  /** Any of these; null: whatever it was. */
  readonly reasons: readonly string[] | null;
  readonly domain: string | null;
  /** A moment as the database writes it, with all its digits. What was settled later is not meant: it failed again. */
  readonly before: string;
}

export interface RequeueStep {
  readonly queued: number;
  /** The last person that was looked at; null: there are no more. */
  readonly last: string | null;
}

/** The move `retry` of domain/delivery-life, for many rows: tries and the retry clock start again, the Message-ID stays. */
@Injectable()
export class BatchResend {
  async count(executor: Executor, id: string, choice: ResendChoice): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) AS count FROM deliveries d
       WHERE d.campaign_id = ${id} AND d.state = ANY(${choice.states}::text[]) AND d.state IN ('failed', 'unknown')
         AND ${meant(choice)}`.execute(executor);
    return rows[0]?.count ?? 0;
  }

  /**
   * Queues the next of them, in the order of people, which is that of the index: `deliveries_rare`.
   * @param state one at a time, for the index has one order per state
   * @param after the last person of the step before
   */
  async requeue(
    executor: Executor,
    id: string,
    choice: ResendChoice,
    state: 'failed' | 'unknown',
    after: string | null,
    limit: number,
  ): Promise<RequeueStep> {
    if (!statesBefore('retry').includes(state)) throw new Error(`A delivery that is ${state} has no retry`);
    const { rows } = await sql<RequeueStep>`
      WITH batch AS (SELECT bucket FROM batches WHERE id = ${id}),
      chosen AS MATERIALIZED (
        SELECT d.id, d.person_id FROM deliveries d
         WHERE d.bucket = (SELECT bucket FROM batch) AND d.campaign_id = ${id} AND d.state = ${sql.lit(state)}
           AND (${after}::uuid IS NULL OR d.person_id > ${after}::uuid) AND ${meant(choice)}
         ORDER BY d.person_id LIMIT ${limit} FOR UPDATE),
      moved AS (
        UPDATE deliveries d
           SET state = 'queued', reason = NULL, outcome = NULL, tries = 0, due_at = now(), requeued_at = now(),
               settled_at = NULL, lease_token = NULL, relay = NULL, relay_id = NULL, reply_code = NULL, reply = NULL
          FROM chosen WHERE d.bucket = (SELECT bucket FROM batch) AND d.id = chosen.id
        RETURNING d.person_id)
      SELECT (SELECT count(*) FROM moved) AS queued,
             (SELECT person_id FROM moved ORDER BY person_id DESC LIMIT 1) AS last`.execute(executor);
    const step = rows[0] ?? { queued: 0, last: null };
    return step.queued < limit ? { ...step, last: null } : step;
  }
}

function meant({ reasons, domain, before }: ResendChoice): RawBuilder<SqlBool> {
  return sql<SqlBool>`d.settled_at <= ${before}::timestamptz
    AND (${reasons}::text[] IS NULL OR d.reason = ANY(${reasons}::text[]))
    AND (${domain}::text IS NULL OR d.recipient_domain = ${domain})`;
}
