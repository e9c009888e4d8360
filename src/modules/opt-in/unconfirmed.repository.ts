import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import type { Executor } from '../../platform/database/index.js';

/** Mails of an opt-in carry this tag: they alone are no reason to keep a person who never confirmed. */
export const OPT_IN_TAG = 'opt-in';

/** Asked for so long ago, and nothing that works is out: no answer will come. */
const isStale = (days: number): RawBuilder<boolean> => sql<boolean>`
  (s.status = 'pending' OR s.refused IS NOT NULL) AND s.asked_at < now() - make_interval(days => ${days})
  AND NOT EXISTS (SELECT FROM opt_in_requests r WHERE r.person_id = s.person_id AND r.confirmed_at IS NULL
                  AND r.expires_at > now() AND s.id = ANY (r.subscriptions))`;

@Injectable()
export class UnconfirmedRepository {
  async count(executor: Executor, days: number): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*)::int AS count FROM subscriptions s WHERE ${isStale(days)}`.execute(executor);
    return rows[0]?.count ?? 0;
  }

  async people(executor: Executor, days: number, limit: number): Promise<string[]> {
    const { rows } = await sql<{ person_id: string }>`
      SELECT DISTINCT person_id FROM (
        SELECT s.person_id FROM subscriptions s WHERE ${isStale(days)} LIMIT ${limit}) stale`.execute(
      executor,
    );
    return rows.map(({ person_id }) => person_id);
  }

  /** Who was never confirmed loses the row; who had been there before is what they were then: gone. @returns how many moved */
  async drop(executor: Executor, personId: string, days: number): Promise<number> {
    const gone = await sql`
      DELETE FROM subscriptions s WHERE s.person_id = ${personId} AND s.confirmed_at IS NULL AND s.left_at IS NULL
        AND ${isStale(days)}`.execute(executor);
    const back = await sql`
      UPDATE subscriptions s SET status = 'unsubscribed', refused = NULL, updated_at = now()
      WHERE s.person_id = ${personId} AND ${isStale(days)}`.execute(executor);
    await sql`
      DELETE FROM opt_in_requests WHERE person_id = ${personId} AND confirmed_at IS NULL
        AND created_at < now() - make_interval(days => ${days}) AND expires_at < now()`.execute(executor);
    return Number((gone.numAffectedRows ?? 0n) + (back.numAffectedRows ?? 0n));
  }

  /**
   * Whether anything else is known of a person: a subscription, an order, a suppression (which has to hold), a mail that was no part of an opt-in. When in doubt, yes. A mail
   * and its event are of one transaction, so of one month; where midnight of a month fell between them the person stays.
   */
  async isHeld(executor: Executor, personId: string): Promise<boolean> {
    const { rows } = await sql<{ held: boolean }>`
      SELECT EXISTS (SELECT FROM subscriptions WHERE person_id = ${personId})
          OR EXISTS (SELECT FROM opt_in_requests WHERE person_id = ${personId})
          OR EXISTS (SELECT FROM orders WHERE person_id = ${personId})
          OR EXISTS (SELECT FROM suppressions s JOIN people p USING (canonical) WHERE p.id = ${personId})
          OR EXISTS (SELECT FROM events e WHERE e.person_id = ${personId} AND e.type = 'email.accepted'
                     AND NOT EXISTS (SELECT FROM messages m WHERE m.bucket = e.bucket AND m.id = e.message_id AND ${OPT_IN_TAG} = ANY (m.tags)))
          AS held`.execute(executor);
    return rows[0]?.held ?? true;
  }

  async deletePerson(executor: Executor, personId: string): Promise<void> {
    await executor.deleteFrom('people').where('id', '=', personId).execute();
  }
}
