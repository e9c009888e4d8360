import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { countRows, inChunks } from '../../platform/personal-data/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import type { DeliverabilityFilter, DeliverabilityRow } from './deliverability.types.js';

@Injectable()
export class DeliverabilityRepository {
  constructor(private readonly db: Database) {}

  /** The total, every day, and the largest campaigns and domains, from one look at the days. */
  async read({ from, to, campaignId, domain, top }: DeliverabilityFilter): Promise<DeliverabilityRow[]> {
    const { rows } = await sql<DeliverabilityRow>`
      WITH heard AS (SELECT DISTINCT recipient_domain FROM deliverability_days WHERE complaints > 0),
      grouped AS (
        SELECT CASE GROUPING(x.day, x.stream, x.recipient_domain) WHEN 7 THEN 'total' WHEN 3 THEN 'day' WHEN 5 THEN 'campaign' ELSE 'domain' END AS kind,
               x.day::text, x.stream, x.campaign_id AS "campaignId", x.recipient_domain AS domain,
               coalesce(sum(sent), 0)::bigint AS sent, coalesce(sum(returned), 0)::bigint AS returned,
               coalesce(sum(confirmed), 0)::bigint AS confirmed, coalesce(sum(deferred), 0)::bigint AS deferred,
               coalesce(sum(hard), 0)::bigint AS hard, coalesce(sum(soft), 0)::bigint AS soft,
               coalesce(sum(blocked), 0)::bigint AS blocked, coalesce(sum(complaints), 0)::bigint AS complaints,
               coalesce(sum(sent - returned) FILTER (WHERE h.recipient_domain IS NOT NULL), 0)::bigint AS "heardDelivered",
               coalesce(bool_or(h.recipient_domain IS NOT NULL), false) AS "everHeard"
          FROM deliverability_days x LEFT JOIN heard h USING (recipient_domain)
         WHERE x.day BETWEEN ${from} AND ${to}
           AND (${campaignId ?? null}::uuid IS NULL OR x.campaign_id = ${campaignId ?? null})
           AND (${domain ?? null}::text IS NULL OR x.recipient_domain = ${domain ?? null})
         GROUP BY GROUPING SETS ((), (x.day), (x.stream, x.campaign_id), (x.recipient_domain))),
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
