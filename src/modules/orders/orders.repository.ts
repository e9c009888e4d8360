import { Injectable } from '@nestjs/common';
import { sql, type Insertable, type Selectable } from 'kysely';
import { newId, type OrderEventType, type ReceivedOrderEvent } from '../../domain/index.js';
import type { Executor, Tables } from '../../platform/database/index.js';

export type OrderRow = Selectable<Tables['orders']>;
export type OrderEventRow = Selectable<Tables['order_events']>;

@Injectable()
export class OrdersRepository {
  /** Until the end of the transaction the event is ours: the same one, arriving twenty times at once, waits here. */
  async lockEvent(executor: Executor, source: string, eventId: string): Promise<void> {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`order-event ${source} ${eventId}`}, 0))`.execute(
      executor,
    );
  }

  async event(
    executor: Executor,
    source: string,
    eventId: string,
  ): Promise<Pick<OrderEventRow, 'body_hash' | 'message_id' | 'status' | 'reason'> | undefined> {
    return executor
      .selectFrom('order_events')
      .select(['body_hash', 'message_id', 'status', 'reason'])
      .where('source', '=', source)
      .where('event_id', '=', eventId)
      .executeTakeFirst();
  }

  /** The order's row, new or not, locked until the end of the transaction. @returns its id */
  async lockOrder(
    executor: Executor,
    order: { shop: string; source: string; orderId: string; number: string; personId: string },
  ): Promise<string> {
    const row = await executor
      .insertInto('orders')
      .values({
        id: newId(),
        shop: order.shop,
        source: order.source,
        order_id: order.orderId,
        number: order.number,
        person_id: order.personId,
      })
      .onConflict((conflict) =>
        conflict.columns(['shop', 'order_id']).doUpdateSet((row) => ({
          number: row.ref('excluded.number'),
          person_id: row.ref('excluded.person_id'),
          updated_at: sql`now()`,
        })),
      )
      .returning('id')
      .executeTakeFirstOrThrow();
    return row.id;
  }

  /** An order's events in the order in which they were received. */
  async received(executor: Executor, orderRef: string): Promise<ReceivedOrderEvent[]> {
    const rows = await executor
      .selectFrom('order_events')
      .select(['type', 'part', 'occurred_at', 'message_id'])
      .where('order_ref', '=', orderRef)
      .orderBy('id')
      .execute();
    return rows.map(({ type, part, occurred_at, message_id }) => ({
      type: type as OrderEventType,
      part,
      occurredAt: occurred_at,
      mailed: message_id !== null,
    }));
  }

  async order(executor: Executor, shop: string, orderId: string): Promise<OrderRow | undefined> {
    return executor
      .selectFrom('orders')
      .selectAll()
      .where('shop', '=', shop)
      .where('order_id', '=', orderId)
      .executeTakeFirst();
  }

  /** The sealed body of the newest event of an order that still has one. */
  async lastBody(executor: Executor, shop: string, orderId: string): Promise<Buffer | undefined> {
    const row = await executor
      .selectFrom('order_events')
      .innerJoin('orders', 'orders.id', 'order_events.order_ref')
      .select('order_events.body')
      .where('orders.shop', '=', shop)
      .where('orders.order_id', '=', orderId)
      .where('order_events.body', 'is not', null)
      .orderBy('order_events.id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row?.body ?? undefined;
  }

  /** In the order in which they were received. */
  async events(executor: Executor, orderRef: string): Promise<OrderEventRow[]> {
    return executor
      .selectFrom('order_events')
      .selectAll()
      .where('order_ref', '=', orderRef)
      .orderBy('id')
      .execute();
  }

  async insertEvent(
    executor: Executor,
    event: Omit<Insertable<Tables['order_events']>, 'id'>,
  ): Promise<void> {
    await executor
      .insertInto('order_events')
      .values({ id: newId(), ...event })
      .execute();
  }
}
