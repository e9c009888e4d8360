import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import type { Executor, Tables } from '../../../platform/database/index.js';
import type { Audience } from '../../delivery/index.js';

export type Announcement = Selectable<Tables['policy_announcements']>;
type NewAnnouncement = Pick<Announcement, 'id' | 'policy_id' | 'audience' | 'list_ids' | 'acceptance'>;

@Injectable()
export class AnnouncementsRepository {
  /** @returns whether it was added: not where there is one of this policy */
  async insert(executor: Executor, announcement: NewAnnouncement): Promise<boolean> {
    const added = await executor
      .insertInto('policy_announcements')
      .values(announcement)
      .onConflict((conflict) => conflict.column('policy_id').doNothing())
      .executeTakeFirst();
    return Number(added.numInsertedOrUpdatedRows ?? 0) > 0;
  }

  async ofPolicy(executor: Executor, policyId: string): Promise<Announcement | undefined> {
    return executor
      .selectFrom('policy_announcements')
      .selectAll()
      .where('policy_id', '=', policyId)
      .executeTakeFirst();
  }

  async lock(executor: Executor, id: string): Promise<Announcement | undefined> {
    return executor
      .selectFrom('policy_announcements')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
  }

  async unfilled(executor: Executor): Promise<string[]> {
    const rows = await executor
      .selectFrom('policy_announcements')
      .select('id')
      .where('filled_at', 'is', null)
      .orderBy('id')
      .execute();
    return rows.map(({ id }) => id);
  }

  async filledUpTo(executor: Executor, id: string, personId: string): Promise<void> {
    await executor
      .updateTable('policy_announcements')
      .set({ fill_after: personId })
      .where('id', '=', id)
      .execute();
  }

  async filled(executor: Executor, id: string): Promise<void> {
    await executor
      .updateTable('policy_announcements')
      .set({ filled_at: sql<Date>`now()` })
      .where('id', '=', id)
      .execute();
  }

  /** The last of the next `limit` people who are concerned; undefined where nobody is left. */
  async boundary(executor: Executor, announcement: Announcement, limit: number): Promise<string | undefined> {
    const chunk = this.concerned(executor, announcement).orderBy('p.id').limit(limit);
    const { rows } = await sql<{ last: string | null }>`
      SELECT person_id AS last FROM (${chunk}) c ORDER BY person_id DESC LIMIT 1`.execute(executor);
    return rows[0]?.last ?? undefined;
  }

  /** All who are concerned, from where the last chunk ended up to this person: whoever joins in between is in it too. */
  chunk(executor: Executor, announcement: Announcement, last: string): Audience {
    return this.concerned(executor, announcement).where('p.id', '<=', last).orderBy('p.id');
  }

  async accepted(executor: Executor, policyId: string): Promise<number> {
    const { rows } = await sql<{ n: number }>`
      SELECT count(*) AS n FROM policy_acceptances WHERE policy_id = ${policyId}`.execute(executor);
    return rows[0]?.n ?? 0;
  }

  private concerned(executor: Executor, { audience, list_ids, fill_after }: Announcement) {
    return executor
      .selectFrom('people as p')
      .select([
        'p.id as person_id',
        sql<string>`p.address`.as('address'),
        sql<string>`split_part(p.canonical, '@', -1)`.as('recipient_domain'),
      ])
      .where('p.erased_at', 'is', null)
      .$if(fill_after !== null, (some) => some.where('p.id', '>', fill_after!))
      .where(whoIs(audience, list_ids));
  }
}

/** Whose address was typed into a form, and never confirmed, is no contact of the shop: they get nothing. */
function whoIs(audience: Announcement['audience'], listIds: readonly string[]) {
  if (audience === 'everyone') {
    return sql<boolean>`(
      NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.person_id = p.id)
      OR EXISTS (SELECT 1 FROM subscriptions s WHERE s.person_id = p.id AND s.status <> 'pending')
      OR EXISTS (SELECT 1 FROM orders o WHERE o.person_id = p.id))`;
  }
  const lists = audience === 'lists' ? sql`AND s.list_id = ANY(${listIds}::uuid[])` : sql``;
  return sql<boolean>`EXISTS (
    SELECT 1 FROM subscriptions s WHERE s.person_id = p.id AND s.status = 'confirmed' ${lists})`;
}
