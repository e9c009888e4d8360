import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Executor } from '../../platform/database/index.js';

/** A subscription that a choice has changed. */
export interface ChosenRow {
  readonly id: string;
  readonly personId: string;
  readonly listId: string;
}

const changed = ['id', 'person_id as personId', 'list_id as listId'] as const;

/** What people chose besides being on a list. Each statement changes only what is not so yet, and says what it changed. */
@Injectable()
export class ChoicesRepository {
  async ofPerson(executor: Executor, personId: string) {
    return executor
      .selectFrom('subscriptions')
      .select(['id', 'list_id as listId', 'min_days_between as minDaysBetween'])
      .select(sql<Date | null>`CASE WHEN paused_until > now() THEN paused_until END`.as('pausedUntil'))
      .where('person_id', '=', personId)
      .where('status', '=', 'confirmed')
      .execute();
  }

  async trackingAgreedAt(executor: Executor, personId: string): Promise<Date | null> {
    const row = await executor
      .selectFrom('people')
      .select('tracking_agreed_at')
      .where('id', '=', personId)
      .executeTakeFirst();
    return row?.tracking_agreed_at ?? null;
  }

  /** @param days from now; null ends a pause */
  async pause(executor: Executor, ids: readonly string[], days: number | null): Promise<ChosenRow[]> {
    return executor
      .updateTable('subscriptions')
      .set({
        paused_until: days === null ? null : sql<Date>`now() + make_interval(days => ${days})`,
        updated_at: sql`now()`,
      })
      .where('id', 'in', ids)
      .where('status', '=', 'confirmed')
      .$if(days === null, (update) => update.where('paused_until', '>', sql<Date>`now()`))
      .returning(changed)
      .execute();
  }

  async setFrequency(
    executor: Executor,
    ids: readonly string[],
    minDaysBetween: number | null,
  ): Promise<ChosenRow[]> {
    return executor
      .updateTable('subscriptions')
      .set({ min_days_between: minDaysBetween, updated_at: sql`now()` })
      .where('id', 'in', ids)
      .where('status', '=', 'confirmed')
      .where('min_days_between', 'is distinct from', minDaysBetween)
      .returning(changed)
      .execute();
  }

  /** @returns false where it was so before, or the person is erased */
  async setTracking(executor: Executor, personId: string, agrees: boolean): Promise<boolean> {
    const row = await executor
      .updateTable('people')
      .set({ tracking_agreed_at: agrees ? sql<Date>`now()` : null, updated_at: sql`now()` })
      .where('id', '=', personId)
      .where('erased_at', 'is', null)
      .where('tracking_agreed_at', agrees ? 'is' : 'is not', null)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Only those that ended at `leftAt`, so that what ended in another way since stays ended. */
  async revive(executor: Executor, ids: readonly string[], leftAt: Date): Promise<ChosenRow[]> {
    return (
      executor
        .updateTable('subscriptions')
        .set({
          status: 'confirmed',
          left_at: null,
          left_reason: null,
          left_note: null,
          updated_at: sql`now()`,
        })
        .where('id', 'in', ids)
        .where('status', '=', 'unsubscribed')
        // A Date has milliseconds, the column microseconds.
        .where(sql<boolean>`date_trunc('milliseconds', left_at) = ${leftAt}`)
        .where('person_id', 'in', (eb) => eb.selectFrom('people').select('id').where('erased_at', 'is', null))
        .returning(changed)
        .execute()
    );
  }

  async setReason(
    executor: Executor,
    ids: readonly string[],
    reason: string | null,
    note: string | null,
  ): Promise<void> {
    await executor
      .updateTable('subscriptions')
      .set({ left_reason: reason, left_note: note })
      .where('id', 'in', ids)
      .where('status', '=', 'unsubscribed')
      .execute();
  }

  async exported(executor: Executor, personId: string) {
    return executor
      .selectFrom('subscriptions')
      .select(['list_id', 'paused_until', 'min_days_between', 'left_reason', 'left_note'])
      .where('person_id', '=', personId)
      .orderBy('id')
      .execute();
  }

  async forget(executor: Executor, personId: string): Promise<void> {
    await executor
      .updateTable('subscriptions')
      .set({ paused_until: null, min_days_between: null, left_reason: null, left_note: null })
      .where('person_id', '=', personId)
      .execute();
    await executor
      .updateTable('people')
      .set({ tracking_agreed_at: null })
      .where('id', '=', personId)
      .execute();
  }
}
