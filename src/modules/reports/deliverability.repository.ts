import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { countRows, inChunks } from '../../platform/personal-data/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import type { DeliverabilityFilter, DeliverabilityRow } from './deliverability.types.js';

const counted = [
  'sent',
  'returned',
  'confirmed',
  'deferred',
  'hard',
  'soft',
  'blocked',
  'complaints',
] as const;
const sums = sql.join(
  counted.map((name) => sql`coalesce(sum(${sql.ref(name)}), 0)::bigint AS ${sql.ref(name)}`),
);

@Injectable()
export class DeliverabilityRepository {
  constructor(private readonly db: Database) {}

  /**
   * The total, every day, and the largest campaigns and domains. Each row is added up twice, by campaign and by domain, and the rest is
   * made of these few: at 705,000 rows (15 days of 47,000 domains) on a machine with ten times its load 2.5 to 3.6 s, where one
   * GROUPING SETS over all rows, which PostgreSQL does not do in parallel, took 3.6 to 4.5 s.
   */
  async read({ from, to, campaignId, domain, top }: DeliverabilityFilter): Promise<DeliverabilityRow[]> {
    const asked = sql`day BETWEEN ${from} AND ${to}
      AND (${campaignId ?? null}::uuid IS NULL OR campaign_id = ${campaignId ?? null})
      AND (${domain ?? null}::text IS NULL OR recipient_domain = ${domain ?? null})`;
    const { rows } = await sql<DeliverabilityRow>`
      WITH heard AS NOT MATERIALIZED (SELECT DISTINCT recipient_domain FROM deliverability_days WHERE complaints > 0),
      parts AS (
        SELECT day, stream, campaign_id, h.recipient_domain IS NOT NULL AS heard, ${sums}
          FROM deliverability_days LEFT JOIN heard h USING (recipient_domain) WHERE ${asked} GROUP BY 1, 2, 3, 4),
      by_domain AS (
        SELECT recipient_domain, ${sums} FROM deliverability_days WHERE ${asked} GROUP BY 1),
      grouped AS (
        SELECT CASE GROUPING(day, stream) WHEN 3 THEN 'total' WHEN 1 THEN 'day' ELSE 'campaign' END AS kind,
               day::text AS day, stream, campaign_id AS "campaignId", NULL AS domain, ${sums},
               coalesce(sum(sent - returned) FILTER (WHERE heard), 0)::bigint AS "heardDelivered",
               coalesce(bool_or(heard), false) AS "everHeard"
          FROM parts GROUP BY GROUPING SETS ((), (day), (stream, campaign_id))
        UNION ALL
        SELECT 'domain', NULL, NULL, NULL, recipient_domain, ${sql.join(counted.map((name) => sql.ref(name)))},
               CASE WHEN h.recipient_domain IS NULL THEN 0 ELSE sent - returned END, h.recipient_domain IS NOT NULL
          FROM by_domain LEFT JOIN heard h USING (recipient_domain)),
      ranked AS (
        SELECT *, count(*) OVER (PARTITION BY kind) AS lines,
               row_number() OVER (PARTITION BY kind ORDER BY sent + hard + soft + blocked - returned DESC, domain, "campaignId", stream) AS rank
          FROM grouped)
      SELECT * FROM ranked WHERE rank <= ${top} OR kind = 'day' ORDER BY kind, day, rank`.execute(this.db);
    return rows;
  }

  /** Up to when everything is counted; null where nothing ever was. */
  async countedAt(): Promise<Date | null> {
    const { rows } = await sql<{ at: Date | null }>`
      SELECT nullif(read_at, 'epoch') AS at FROM deliverability_cursor`.execute(this.db);
    return rows[0]?.at ?? null;
  }

  async countBefore(executor: Executor, days: number): Promise<number> {
    return countRows(
      executor,
      executor.selectFrom('deliverability_days').select('day').where('day', '<', ago(days)),
    );
  }

  async purgeBefore(db: Database, days: number): Promise<number> {
    return inChunks(async (limit) => {
      const { numAffectedRows } = await sql`
        DELETE FROM deliverability_days WHERE ctid IN (
          SELECT ctid FROM deliverability_days WHERE day < ${ago(days)} LIMIT ${limit})`.execute(db);
      return Number(numAffectedRows ?? 0);
    });
  }
}

const ago = (days: number) =>
  sql<string>`((now() - make_interval(days => ${days})) AT TIME ZONE 'UTC')::date`;
