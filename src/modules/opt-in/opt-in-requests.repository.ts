import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import type { Executor, Tables } from '../../platform/database/index.js';

/** One mail that asks a person to confirm. Its id is the mail's id too. */
export interface OptInRequest {
  readonly id: string;
  readonly personId: string;
  /** What the button would confirm: what the mail listed, and what was asked for since. */
  readonly subscriptionIds: readonly string[];
  readonly createdAt: Date;
  readonly confirmedAt: Date | null;
  /** By the database's clock. */
  readonly expired: boolean;
  /** Since its link last went out, reminder or not. */
  readonly secondsOut: number;
}

type Row = Selectable<Tables['opt_in_requests']> & { expired: boolean; seconds_out: number };

@Injectable()
export class OptInRequestsRepository {
  async insert(
    executor: Executor,
    request: { id: string; personId: string; subscriptionIds: readonly string[] },
    days: number,
  ): Promise<void> {
    await executor
      .insertInto('opt_in_requests')
      .values({
        id: request.id,
        person_id: request.personId,
        subscriptions: [...request.subscriptionIds],
        expires_at: sql`now() + make_interval(days => ${days})`,
        confirmed_at: null,
      })
      .execute();
  }

  /** The request whose mail went out last of those that nobody answered and whose link works. */
  async unanswered(executor: Executor, personId: string): Promise<OptInRequest | undefined> {
    const row = await select(executor)
      .where('person_id', '=', personId)
      .where('confirmed_at', 'is', null)
      .where('expires_at', '>', sql<Date>`now()`)
      .orderBy('seconds_out')
      .limit(1)
      .executeTakeFirst();
    return row && toRequest(row);
  }

  async join(executor: Executor, id: string, subscriptionIds: readonly string[]): Promise<void> {
    await executor
      .updateTable('opt_in_requests')
      .set({
        subscriptions: sql`ARRAY(SELECT DISTINCT unnest(subscriptions || ${[...subscriptionIds]}::uuid[]))`,
      })
      .where('id', '=', id)
      .execute();
  }

  async byId(executor: Executor, id: string): Promise<OptInRequest | undefined> {
    const row = await select(executor).where('id', '=', id).executeTakeFirst();
    return row && toRequest(row);
  }

  /** All that were ever sent to a person, the oldest first. */
  async ofPerson(executor: Executor, personId: string): Promise<OptInRequest[]> {
    const rows = await select(executor).where('person_id', '=', personId).orderBy('created_at').execute();
    return rows.map(toRequest);
  }

  async markConfirmed(executor: Executor, id: string): Promise<void> {
    await executor
      .updateTable('opt_in_requests')
      .set({ confirmed_at: sql`now()` })
      .where('id', '=', id)
      .execute();
  }

  /** Its mail was never sent, so it holds back no other. */
  async close(executor: Executor, id: string): Promise<void> {
    await executor
      .updateTable('opt_in_requests')
      .set({ expires_at: sql`now()` })
      .where('id', '=', id)
      .execute();
  }

  /**
   * Takes the oldest request that is to be reminded of: out for so many days, unanswered, its link works, something in it still waits for a
   * list that reminds, and the person had no other confirmation mail in these hours.
   * @returns its id, locked until the transaction ends
   */
  async takeForReminder(
    executor: Executor,
    { days, quietHours }: { days: number; quietHours: number },
  ): Promise<string | undefined> {
    const { rows } = await sql<{ id: string }>`
      SELECT r.id FROM opt_in_requests r
      WHERE r.confirmed_at IS NULL AND r.reminded_at IS NULL AND r.expires_at > now()
        AND r.created_at < now() - make_interval(days => ${days})
        AND EXISTS (SELECT FROM subscriptions s JOIN lists l ON l.id = s.list_id
                    WHERE s.id = ANY (r.subscriptions) AND s.status = 'pending' AND l.reminder AND l.archived_at IS NULL)
        AND NOT EXISTS (SELECT FROM opt_in_requests o WHERE o.person_id = r.person_id AND o.id <> r.id
                        AND greatest(o.created_at, o.reminded_at) > now() - make_interval(hours => ${quietHours}))
      ORDER BY r.created_at LIMIT 1 FOR UPDATE OF r SKIP LOCKED`.execute(executor);
    return rows[0]?.id;
  }

  async markReminded(executor: Executor, id: string): Promise<void> {
    await executor
      .updateTable('opt_in_requests')
      .set({ reminded_at: sql`now()` })
      .where('id', '=', id)
      .execute();
  }

  async deleteOfPerson(executor: Executor, personId: string): Promise<void> {
    await executor.deleteFrom('opt_in_requests').where('person_id', '=', personId).execute();
  }
}

function select(executor: Executor) {
  return executor
    .selectFrom('opt_in_requests')
    .selectAll()
    .select([
      sql<boolean>`expires_at <= now()`.as('expired'),
      sql<number>`extract(epoch FROM now() - greatest(created_at, reminded_at))::float8`.as('seconds_out'),
    ]);
}

function toRequest(row: Row): OptInRequest {
  return {
    id: row.id,
    personId: row.person_id,
    subscriptionIds: row.subscriptions,
    createdAt: row.created_at,
    confirmedAt: row.confirmed_at,
    expired: row.expired,
    secondsOut: row.seconds_out,
  };
}
