import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { firstIdAt } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { KeyRing } from '../../platform/crypto/index.js';
import type { Database, Executor, Work } from '../../platform/database/index.js';
import {
  countRows,
  daysAgo,
  inChunks,
  PersonalData,
  type PersonRef,
  type RetentionRule,
} from '../../platform/personal-data/index.js';

/**
 * Orders and what the shop told of them. An erasure leaves the shop's own ids, without which an event that is told once more would send a
 * second receipt, and takes everything else.
 */
@Injectable()
export class OrdersPersonalData extends PersonalData {
  readonly tables = ['orders', 'order_events'];
  override readonly retention: readonly RetentionRule[];

  constructor(
    private readonly keys: KeyRing,
    config: Config,
  ) {
    super();
    const { RETAIN_CONTENT_DAYS: days, RETAIN_METADATA_MONTHS: months } = config.env;
    this.retention = [
      {
        kind: 'bodies of order events',
        days,
        describe: 'What the shop sent (items, addresses) goes; that the event came, and its mail, stays.',
        count: (executor) => countRows(executor, oldBodies(executor, days)),
        purge: (db) => inChunks((limit) => dropBodies(db, days, limit)),
      },
      {
        kind: 'orders',
        days: Math.round((months * 365.25) / 12),
        describe: 'Orders that nothing was told of for so long go with their events.',
        count: (executor) => countRows(executor, oldOrders(executor, months)),
        purge: (db) => inChunks((limit) => dropOrders(db, months, limit)),
      },
    ];
  }

  async export(executor: Executor, person: PersonRef): Promise<Record<string, unknown>> {
    const orders = await executor
      .selectFrom('orders')
      .select(['order_id as orderId', 'number', 'created_at as createdAt', 'updated_at as updatedAt'])
      .where('person_id', '=', person.id)
      .orderBy('id')
      .execute();
    const events = await executor
      .selectFrom('order_events as e')
      .innerJoin('orders as o', 'o.id', 'e.order_ref')
      .where('o.person_id', '=', person.id)
      .orderBy('e.id')
      .select(['o.number as order', 'e.type', 'e.occurred_at as occurredAt', 'e.received_at as receivedAt'])
      .select(['e.status', 'e.reason', 'e.body'])
      .execute();
    return {
      orders,
      orderEvents: events.map(({ body, ...event }) => ({
        ...event,
        body: body === null ? null : this.keys.unsealJson('content', body),
      })),
    };
  }

  async erase({ trx }: Work, person: PersonRef): Promise<void> {
    await trx
      .updateTable('order_events')
      .set({ body: null })
      .where('order_ref', 'in', trx.selectFrom('orders').select('id').where('person_id', '=', person.id))
      .execute();
    await trx.updateTable('orders').set({ number: '' }).where('person_id', '=', person.id).execute();
  }
}

function oldBodies(executor: Executor, days: number) {
  return executor
    .selectFrom('order_events')
    .select('id')
    .where('body', 'is not', null)
    .where('id', '<', firstIdAt(daysAgo(days)))
    .orderBy('id');
}

async function dropBodies(db: Database, days: number, limit: number): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('order_events')
    .set({ body: null })
    .where('id', 'in', oldBodies(db, days).limit(limit))
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

function oldOrders(executor: Executor, months: number) {
  return executor
    .selectFrom('orders')
    .select('id')
    .where('updated_at', '<', sql<Date>`now() - make_interval(months => ${months})`);
}

/** An order whose next event is just being taken is left alone: its row is locked. */
async function dropOrders(db: Database, months: number, limit: number): Promise<number> {
  return db.work(async ({ trx }) => {
    const rows = await oldOrders(trx, months).limit(limit).forUpdate().skipLocked().execute();
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await trx.deleteFrom('order_events').where('order_ref', 'in', ids).execute();
    await trx.deleteFrom('orders').where('id', 'in', ids).execute();
    return ids.length;
  });
}
