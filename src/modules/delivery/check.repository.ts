import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { newsOnlyReasons } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import type { Checked, Claim } from './claim.types.js';

export type CheckedRow = Omit<Checked, 'list'> & { slug: string | null; listName: string | null };

/**
 * What consent says of deliveries `d` (promise 3). News needs a confirmed subscription to the list that it goes through, that is not
 * paused and had not its share of mail; order and service mail, of which a notice is some, is stopped only by a suppression of
 * everything and by erasure. What a suppression stops is enumerated in domain/suppression.
 * Stands before `checkedFrom`.
 */
export const checkedColumns = sql`
  CASE
    WHEN p.erased_at IS NOT NULL THEN 'erased'
    WHEN d.stream <> 'news' OR b.kind = 'notice' THEN CASE WHEN EXISTS (
      SELECT 1 FROM suppressions x
       WHERE x.canonical = p.canonical AND x.released_at IS NULL AND x.scope = 'all'
         AND x.reason NOT IN (${sql.join(newsOnlyReasons.map((reason) => sql.lit(reason)))}))
      THEN 'suppressed' END
    WHEN s.status = 'unsubscribed' THEN 'unsubscribed'
    WHEN s.status IS DISTINCT FROM 'confirmed' THEN 'not_confirmed'
    WHEN l.archived_at IS NOT NULL THEN 'list_archived'
    WHEN EXISTS (
      SELECT 1 FROM suppressions x
       WHERE x.canonical = p.canonical AND x.released_at IS NULL
         AND (x.scope IN ('all', 'news') OR x.list_id = d.via_list_id))
      THEN 'suppressed'
    WHEN s.paused_until > now() THEN 'paused'
    WHEN s.min_days_between IS NOT NULL AND got_news_lately(
      d.person_id, d.via_list_id, s.min_days_between, d.campaign_id, d.lease_token) THEN 'frequency'
  END AS skip,
  coalesce(b.state <> 'open', false) AS held,
  p.name, p.locale, p.timezone, s.id AS "subscriptionId", l.slug, l.name AS "listName"`;

/** `OFFSET 0` keeps PostgreSQL from joining: it would read all people for the 250 of a claim, whose number it does not know (2 s). */
export const checkedFrom = sql`
  CROSS JOIN LATERAL (SELECT * FROM people WHERE id = d.person_id OFFSET 0) p
  LEFT JOIN batches b ON b.id = d.campaign_id
  LEFT JOIN lists l ON l.id = d.via_list_id
  LEFT JOIN LATERAL (
    SELECT id, status, paused_until, min_days_between FROM subscriptions
     WHERE person_id = d.person_id AND list_id = d.via_list_id OFFSET 0) s ON true`;

export function toChecked(row: CheckedRow): Checked {
  const { id, skip, held, name, locale, timezone, subscriptionId, slug, listName } = row;
  const list = slug !== null && listName !== null ? { slug, name: listName } : null;
  return { id, skip, held, name, locale, timezone, subscriptionId, list };
}

@Injectable()
export class CheckRepository {
  constructor(private readonly db: Database) {}

  /**
   * One query for all of a claim that is still open. A delivery that no longer carries the claim is not in the answer: it is not
   * ours to send. (The state is looked at here and not in the WHERE, where PostgreSQL would read the whole index of leased rows
   * for it, dead ones too: 63 against 7 µs a row.)
   */
  async check(claim: Claim, ids: readonly number[]): Promise<Map<number, Checked>> {
    const { rows } = await sql<CheckedRow & { ours: boolean }>`
      SELECT d.id, d.state = 'sending' AS ours, ${checkedColumns} FROM deliveries d ${checkedFrom}
       WHERE d.bucket = ${claim.bucket} AND d.id = ANY(${ids}::bigint[])
         AND d.lease_token = ${claim.token}`.execute(this.db);
    return new Map(rows.filter((row) => row.ours).map((row) => [row.id, toChecked(row)]));
  }
}
