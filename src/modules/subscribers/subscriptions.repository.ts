import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import { newId } from '../../domain/index.js';
import type { Executor, Tables } from '../../platform/database/index.js';
import type { AudienceQuery, Leaving, Subscription } from './subscribers.types.js';

@Injectable()
export class SubscriptionsRepository {
  /** A confirmed one is returned as it is. */
  async ask(
    executor: Executor,
    personId: string,
    listIds: readonly string[],
    source: string | null,
  ): Promise<Subscription[]> {
    const rows = await executor
      .insertInto('subscriptions')
      .values(
        listIds.map((listId) => ({
          id: newId(),
          person_id: personId,
          list_id: listId,
          status: 'pending' as const,
          confirmed_at: null,
          left_at: null,
          source,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['person_id', 'list_id']).doUpdateSet({
          status: sql`CASE subscriptions.status WHEN 'confirmed' THEN 'confirmed' ELSE 'pending' END`,
          asked_at: sql<Date>`CASE subscriptions.status WHEN 'confirmed' THEN subscriptions.asked_at ELSE now() END`,
          source: sql<
            string | null
          >`CASE subscriptions.status WHEN 'confirmed' THEN subscriptions.source ELSE excluded.source END`,
          refused: null,
          updated_at: sql<Date>`now()`,
        }),
      )
      .returningAll()
      .execute();
    return rows.map(toSubscription);
  }

  /** Whoever comes back begins anew: no pause from before, no reason for having left. */
  async confirm(executor: Executor, ids: readonly string[]): Promise<Subscription[]> {
    if (ids.length === 0) return [];
    const rows = await executor
      .updateTable('subscriptions')
      .set({
        status: 'confirmed',
        confirmed_at: sql`now()`,
        left_at: null,
        left_reason: null,
        left_note: null,
        paused_until: null,
        updated_at: sql`now()`,
      })
      .where('id', 'in', ids)
      .where('status', '=', 'pending')
      .returningAll()
      .execute();
    return rows.map(toSubscription);
  }

  /** Ends those that no mail can reach; who had left before has left when they did. */
  async refuse(executor: Executor, ids: readonly string[], reason: string): Promise<Subscription[]> {
    if (ids.length === 0) return [];
    const rows = await executor
      .updateTable('subscriptions')
      .set({ status: 'unsubscribed', refused: reason, updated_at: sql`now()` })
      .where('id', 'in', ids)
      .where('status', '<>', 'unsubscribed')
      .returningAll()
      .execute();
    return rows.map(toSubscription);
  }

  async leave(executor: Executor, which: Leaving): Promise<Subscription[]> {
    const rows = await executor
      .updateTable('subscriptions')
      .set({ status: 'unsubscribed', left_at: sql`now()`, updated_at: sql`now()` })
      .where('status', '<>', 'unsubscribed')
      .where((eb) => {
        if ('id' in which) return eb('id', '=', which.id);
        const ofPerson = eb('person_id', '=', which.personId);
        return which.listIds === undefined ? ofPerson : ofPerson.and('list_id', 'in', which.listIds);
      })
      .returningAll()
      .execute();
    return rows.map(toSubscription);
  }

  async byIds(executor: Executor, ids: readonly string[]): Promise<Subscription[]> {
    if (ids.length === 0) return [];
    const rows = await executor.selectFrom('subscriptions').selectAll().where('id', 'in', ids).execute();
    return rows.map(toSubscription);
  }

  async ofPeople(executor: Executor, personIds: readonly string[]): Promise<Subscription[]> {
    if (personIds.length === 0) return [];
    const rows = await executor
      .selectFrom('subscriptions')
      .selectAll()
      .where('person_id', 'in', personIds)
      .orderBy('id')
      .execute();
    return rows.map(toSubscription);
  }

  audience(executor: Executor, listId: string, afterPersonId: string | null, limit: number): AudienceQuery {
    return executor
      .selectFrom('subscriptions')
      .innerJoin('people', 'people.id', 'subscriptions.person_id')
      .select([
        'subscriptions.person_id',
        sql<string>`people.address`.as('address'),
        sql<string>`split_part(people.canonical, '@', -1)`.as('recipient_domain'),
      ])
      .where('subscriptions.list_id', '=', listId)
      .where('subscriptions.status', '=', 'confirmed')
      .where('people.erased_at', 'is', null)
      .$if(afterPersonId !== null, (some) =>
        // Said of both sides, or a merge join reads people from the start for every chunk: 84–172 ms instead of 7–23 ms
        // at person 150,000.
        some.where('subscriptions.person_id', '>', afterPersonId!).where('people.id', '>', afterPersonId!),
      )
      .orderBy('subscriptions.person_id')
      .limit(limit);
  }
}

function toSubscription(row: Selectable<Tables['subscriptions']>): Subscription {
  return {
    id: row.id,
    personId: row.person_id,
    listId: row.list_id,
    status: row.status,
    askedAt: row.asked_at,
    confirmedAt: row.confirmed_at,
    leftAt: row.left_at,
    source: row.source,
    refused: row.refused,
  };
}
