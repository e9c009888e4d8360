import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { deliveryStates, withRecipients, type DeliveryState } from '../../domain/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import { Batches } from './batches.service.js';
import {
  sampleWords,
  type BatchReport,
  type DomainLine,
  type OtherDomains,
  type OutcomeCounts,
  type ReplyLine,
  type SkipLine,
} from './report.js';

/** The enhanced status in a kept reply (`550 5.1.1 No such user`); the column `reply_code` has only the first number. */
export const enhancedStatus = sql<
  string | null
>`substring(d.reply from '^\\d{3} ([245]\\.\\d{1,3}\\.\\d{1,3})(?: |$)')`;

type DomainRow = Record<DeliveryState, number> &
  OutcomeCounts & { readonly domain: string | null; readonly domains: number };

/**
 * What became of a batch. Nothing is counted while mail goes out, for that would cost every mail; it is counted when somebody asks.
 * At 1,000,000 recipients of 47,000 domains: 0.6 s by domain, 0.2 s by reply (50,000 that did not go out), 20 ms by skip reason.
 */
@Injectable()
export class BatchReports {
  constructor(
    private readonly db: Database,
    private readonly batches: Batches,
  ) {}

  /** One snapshot, so that it adds up while mail goes out. @param top how many domains get a line of their own */
  async read(id: string, top: number): Promise<BatchReport> {
    return this.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => {
        const { rows } = await sql<{ at: Date }>`SELECT now() AS at`.execute(trx);
        const byDomain = await this.byDomain(trx, id, top);
        return {
          at: rows[0]?.at ?? new Date(),
          counts: (await this.batches.counts(trx, [id])).get(id) ?? withRecipients(none(deliveryStates)),
          ...byDomain,
          replies: await this.replies(trx, id),
          skips: await this.skips(trx, id),
        };
      });
  }

  private async byDomain(
    trx: Executor,
    id: string,
    top: number,
  ): Promise<Pick<BatchReport, 'domains' | 'others' | 'outcomes'>> {
    const columns = [...deliveryStates, ...outcomes];
    const counted = [
      ...deliveryStates.map(
        (state) => sql`count(*) FILTER (WHERE d.state = ${sql.lit(state)}) AS ${sql.ref(state)}`,
      ),
      ...outcomes.map(
        (name) => sql`count(*) FILTER (WHERE d.outcome = ${sql.lit(name)}) AS ${sql.ref(name)}`,
      ),
    ];
    const { rows } = await sql<DomainRow>`
      WITH counted AS (
        SELECT d.recipient_domain, count(*) AS recipients, ${sql.join(counted)}
          FROM deliveries d JOIN batches b ON b.id = d.campaign_id AND b.bucket = d.bucket
         WHERE d.campaign_id = ${id} GROUP BY d.recipient_domain),
      ranked AS (
        SELECT *, row_number() OVER (ORDER BY recipients DESC, recipient_domain) AS rank FROM counted)
      SELECT CASE WHEN rank <= ${top} THEN recipient_domain END AS domain, count(*) AS domains,
             ${sql.join(columns.map((column) => sql`sum(${sql.ref(column)})::bigint AS ${sql.ref(column)}`))}
        FROM ranked GROUP BY 1 ORDER BY min(rank)`.execute(trx);
    const lines = rows.map((row) => ({
      domain: row.domain,
      domains: row.domains,
      counts: withRecipients(pick(deliveryStates, row)),
      outcomes: pick(outcomes, row),
    }));
    const rest = lines.find(({ domain }) => domain === null);
    const others: OtherDomains = rest
      ? { domains: rest.domains, counts: rest.counts, outcomes: rest.outcomes }
      : { domains: 0, counts: withRecipients(none(deliveryStates)), outcomes: none(outcomes) };
    return {
      domains: lines.flatMap(({ domain, counts, outcomes: after }): DomainLine[] =>
        domain === null ? [] : [{ domain, counts, outcomes: after }],
      ),
      others,
      outcomes: lines.reduce(
        (sum, line) => ({
          delivered: sum.delivered + line.outcomes.delivered,
          bounced: sum.bounced + line.outcomes.bounced,
          complained: sum.complained + line.outcomes.complained,
        }),
        none(outcomes),
      ),
    };
  }

  private async replies(trx: Executor, id: string): Promise<ReplyLine[]> {
    const { rows } = await sql<ReplyLine & { address: string }>`
      WITH grouped AS (
        SELECT d.bucket, d.state, d.reason, d.reply_code, ${enhancedStatus} AS enhanced,
               count(*) AS count, min(d.id) AS one
          FROM deliveries d JOIN batches b ON b.id = d.campaign_id AND b.bucket = d.bucket
         WHERE d.campaign_id = ${id} AND d.state IN ('failed', 'unknown', 'deferred')
         GROUP BY 1, 2, 3, 4, 5)
      SELECT g.state, g.reason, g.reply_code AS "replyCode", g.enhanced, g.count, d.reply AS sample, d.address
        FROM grouped g JOIN deliveries d ON d.bucket = g.bucket AND d.id = g.one
       ORDER BY g.count DESC, g.one`.execute(trx);
    return rows.map(({ address, sample, ...line }) => ({
      ...line,
      sample: sample === null ? null : sampleWords(sample, address),
    }));
  }

  private async skips(trx: Executor, id: string): Promise<SkipLine[]> {
    const { rows } = await sql<SkipLine>`
      SELECT d.reason, count(*) AS count
        FROM deliveries d JOIN batches b ON b.id = d.campaign_id AND b.bucket = d.bucket
       WHERE d.campaign_id = ${id} AND d.state = 'skipped'
       GROUP BY d.reason ORDER BY count DESC, d.reason`.execute(trx);
    return rows;
  }
}

const outcomes = ['delivered', 'bounced', 'complained'] as const satisfies (keyof OutcomeCounts)[];

function none<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}

function pick<K extends string>(keys: readonly K[], row: Record<K, number>): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, row[key]])) as Record<K, number>;
}
