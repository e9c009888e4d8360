import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Executor, SubscriptionStatus } from '../../../platform/database/index.js';

export interface ExportFilter {
  readonly listId?: string | undefined;
  readonly status?: SubscriptionStatus | undefined;
}

/** One person on one list. */
export interface ExportRow {
  readonly id: string;
  readonly address: string;
  readonly name: string | null;
  readonly locale: string | null;
  readonly timezone: string | null;
  readonly attributes: Record<string, unknown>;
  readonly list: string;
  readonly status: SubscriptionStatus;
  readonly askedAt: Date;
  readonly confirmedAt: Date | null;
  readonly leftAt: Date | null;
  readonly source: string | null;
}

@Injectable()
export class ExportRepository {
  /** The names of all attributes that anybody of them has, in order. */
  async attributeKeys(executor: Executor, filter: ExportFilter): Promise<string[]> {
    const { rows } = await sql<{ key: string }>`
      SELECT DISTINCT key FROM (${subscribed(executor, filter).select('p.attributes')}) p,
             jsonb_object_keys(p.attributes) key
       ORDER BY key`.execute(executor);
    return rows.map(({ key }) => key);
  }

  /** In the order of subscriptions. @param after the last one of the page before */
  async page(
    executor: Executor,
    filter: ExportFilter,
    after: string | undefined,
    limit: number,
  ): Promise<ExportRow[]> {
    return subscribed(executor, filter)
      .innerJoin('lists as l', 'l.id', 's.list_id')
      .select([
        's.id',
        sql<string>`p.address`.as('address'),
        'p.name',
        'p.locale',
        'p.timezone',
        sql<Record<string, unknown>>`p.attributes`.as('attributes'),
        'l.slug as list',
        's.status',
        's.asked_at as askedAt',
        's.confirmed_at as confirmedAt',
        's.left_at as leftAt',
        's.source',
      ])
      .$if(after !== undefined, (query) => query.where('s.id', '>', after!))
      .orderBy('s.id')
      .limit(limit)
      .execute();
  }
}

function subscribed(executor: Executor, { listId, status }: ExportFilter) {
  return executor
    .selectFrom('subscriptions as s')
    .innerJoin('people as p', 'p.id', 's.person_id')
    .where('p.erased_at', 'is', null)
    .$if(listId !== undefined, (query) => query.where('s.list_id', '=', listId!))
    .$if(status !== undefined, (query) => query.where('s.status', '=', status!));
}
