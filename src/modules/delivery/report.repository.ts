import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
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

/**
 * The enhanced status in a kept reply (`550 5.1.1 No such user`); the column `reply_code` has only the first number. Not by a regular
 * expression that captures: of 500,000 replies that takes 4 s, this 0.5 s.
 */
export const enhancedStatus = sql<string | null>`
  CASE WHEN d.reply ~ '^\\d{3} [245]\\.\\d{1,3}\\.\\d{1,3}( |$)' THEN split_part(d.reply, ' ', 2) END`;

type DomainRow = Record<DeliveryState, number> &
  OutcomeCounts & { readonly domain: string | null; readonly domains: number };

/**
 * What became of a batch. Nothing is counted while mail goes out, for that would cost every mail; it is counted when somebody asks.
 * The month is a constant in each query, so that PostgreSQL reads one partition, with several hands. At 1,000,000 recipients of 47,000
 * domains: 0.7 s by domain, 0.2 s by reply where 50,000 did not go out, 0.9 s where 500,000 did not.
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
        const { rows } = await sql<{ at: Date; bucket: string | null }>`
          SELECT now() AS at, (SELECT bucket FROM batches WHERE id = ${id})`.execute(trx);
        const { at, bucket } = rows[0] ?? { at: new Date(), bucket: null };
        const counts = (await this.batches.counts(trx, [id])).get(id) ?? withRecipients(none(deliveryStates));
        // Not sent yet.
        if (bucket === null) return { at, counts, ...toDomains([]), replies: [], skips: [] };
        const rowsOf = sql`deliveries d WHERE d.bucket = ${bucket} AND d.campaign_id = ${id}`;
        return {
          at,
          counts,
          ...toDomains(await this.byDomain(trx, rowsOf, top)),
          replies: await this.replies(trx, bucket, rowsOf),
          skips: await this.skips(trx, rowsOf),
        };
      });
  }

  private async byDomain(trx: Executor, rowsOf: RawBuilder<unknown>, top: number): Promise<DomainRow[]> {
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
        SELECT d.recipient_domain, count(*) AS recipients, ${sql.join(counted)} FROM ${rowsOf} GROUP BY d.recipient_domain),
      ranked AS (
        SELECT *, row_number() OVER (ORDER BY recipients DESC, recipient_domain) AS rank FROM counted)
      SELECT CASE WHEN rank <= ${top} THEN recipient_domain END AS domain, count(*) AS domains,
             ${sql.join(columns.map((column) => sql`sum(${sql.ref(column)})::bigint AS ${sql.ref(column)}`))}
        FROM ranked GROUP BY 1 ORDER BY min(rank)`.execute(trx);
    return rows;
  }

  private async replies(trx: Executor, bucket: string, rowsOf: RawBuilder<unknown>): Promise<ReplyLine[]> {
    const { rows } = await sql<ReplyLine & { address: string }>`
      WITH grouped AS (
        SELECT d.state, d.reason, d.reply_code, ${enhancedStatus} AS enhanced, count(*) AS count, min(d.id) AS one
          FROM ${rowsOf} AND d.state IN ('failed', 'unknown', 'deferred')
         GROUP BY 1, 2, 3, 4)
      SELECT g.state, g.reason, g.reply_code AS "replyCode", g.enhanced, g.count, d.reply AS sample, d.address
        FROM grouped g JOIN deliveries d ON d.bucket = ${bucket} AND d.id = g.one
       ORDER BY g.count DESC, g.one`.execute(trx);
    return rows.map(({ address, sample, ...line }) => ({
      ...line,
      sample: sample === null ? null : sampleWords(sample, address),
    }));
  }

  private async skips(trx: Executor, rowsOf: RawBuilder<unknown>): Promise<SkipLine[]> {
    const { rows } = await sql<SkipLine>`
      SELECT d.reason, count(*) AS count FROM ${rowsOf} AND d.state = 'skipped'
       GROUP BY d.reason ORDER BY count DESC, d.reason`.execute(trx);
    return rows;
  }
}

const outcomes = ['delivered', 'bounced', 'complained'] as const satisfies (keyof OutcomeCounts)[];

/** The row without a domain is all that have no line of their own. */
function toDomains(rows: readonly DomainRow[]): Pick<BatchReport, 'domains' | 'others' | 'outcomes'> {
  const domains: DomainLine[] = [];
  let others: OtherDomains = {
    domains: 0,
    counts: withRecipients(none(deliveryStates)),
    outcomes: none(outcomes),
  };
  for (const row of rows) {
    const line = { counts: withRecipients(pick(deliveryStates, row)), outcomes: pick(outcomes, row) };
    if (row.domain === null) others = { domains: row.domains, ...line };
    else domains.push({ domain: row.domain, ...line });
  }
  const sum = (name: keyof OutcomeCounts) => rows.reduce((total, row) => total + row[name], 0);
  return {
    domains,
    others,
    outcomes: { delivered: sum('delivered'), bounced: sum('bounced'), complained: sum('complained') },
  };
}

function none<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}

function pick<K extends string>(keys: readonly K[], row: Record<K, number>): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, row[key]])) as Record<K, number>;
}
