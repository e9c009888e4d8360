import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import type { Executor, Tables } from '../../platform/database/index.js';

/** One mail that asks a person to confirm. Its id is the mail's id too. */
export interface OptInRequest {
  readonly id: string;
  readonly personId: string;
  readonly subscriptionIds: readonly string[];
  readonly confirmedAt: Date | null;
  /** By the database's clock. */
  readonly expired: boolean;
}

type Row = Selectable<Tables['opt_in_requests']> & { expired: boolean };

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

  /** The newest open request of these minutes that asks for all of the subscriptions. */
  async recent(
    executor: Executor,
    personId: string,
    subscriptionIds: readonly string[],
    minutes: number,
  ): Promise<OptInRequest | undefined> {
    const row = await select(executor)
      .where('person_id', '=', personId)
      .where('confirmed_at', 'is', null)
      .where('created_at', '>', sql<Date>`now() - make_interval(mins => ${minutes})`)
      .where(sql<boolean>`subscriptions @> ${subscriptionIds}::uuid[]`)
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && toRequest(row);
  }

  async byId(executor: Executor, id: string): Promise<OptInRequest | undefined> {
    const row = await select(executor).where('id', '=', id).executeTakeFirst();
    return row && toRequest(row);
  }

  /** The same, locked until the transaction ends: of two clicks at once the second sees what the first did. */
  async lock(executor: Executor, id: string): Promise<OptInRequest | undefined> {
    const row = await select(executor).where('id', '=', id).forUpdate().executeTakeFirst();
    return row && toRequest(row);
  }

  async markConfirmed(executor: Executor, id: string): Promise<void> {
    await executor
      .updateTable('opt_in_requests')
      .set({ confirmed_at: sql`now()` })
      .where('id', '=', id)
      .execute();
  }
}

function select(executor: Executor) {
  return executor
    .selectFrom('opt_in_requests')
    .selectAll()
    .select(sql<boolean>`expires_at <= now()`.as('expired'));
}

function toRequest(row: Row): OptInRequest {
  return {
    id: row.id,
    personId: row.person_id,
    subscriptionIds: row.subscriptions,
    confirmedAt: row.confirmed_at,
    expired: row.expired,
  };
}
