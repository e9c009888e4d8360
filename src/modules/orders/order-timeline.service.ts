import { Injectable } from '@nestjs/common';
import { orderState, type OrderEventType, type OrderSkipReason } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import { notFound } from '../../platform/http/index.js';
import { Messages } from '../delivery/index.js';
import { OrdersRepository, type OrderEventRow } from './orders.repository.js';
import type { OrderView } from './orders.schemas.js';

/** What happened to an order, and what its customer got. */
@Injectable()
export class OrderTimeline {
  constructor(
    private readonly db: Database,
    private readonly repository: OrdersRepository,
    private readonly messages: Messages,
  ) {}

  /** @param orderId the shop's own id @throws 404 */
  async of(shop: string, orderId: string): Promise<OrderView> {
    const order = await this.repository.order(this.db, shop, orderId);
    if (!order) throw notFound('order', orderId);
    const events = await this.repository.events(this.db, order.id);
    return {
      id: order.order_id,
      shop: order.shop,
      number: order.number,
      state: orderState(
        events.map(({ type, part, occurred_at }) => ({
          type: type as OrderEventType,
          part,
          occurredAt: occurred_at,
        })),
      ),
      subscriberId: order.person_id,
      createdAt: order.created_at.toISOString(),
      updatedAt: order.updated_at.toISOString(),
      events: await Promise.all(events.map((event) => this.event(event))),
    };
  }

  private async event(row: OrderEventRow): Promise<OrderView['events'][number]> {
    return {
      id: row.event_id,
      type: row.type as OrderEventType,
      source: row.source,
      part: row.part === '' ? null : row.part,
      occurredAt: row.occurred_at.toISOString(),
      receivedAt: row.received_at.toISOString(),
      status: row.status,
      reason: row.reason as OrderSkipReason | null,
      email: row.message_id === null ? null : await this.email(row.message_id),
    };
  }

  private async email(id: string): Promise<OrderView['events'][number]['email']> {
    const message = await this.messages.find(id);
    const [delivery] = message?.deliveries ?? [];
    if (!message || !delivery) return null;
    const { state, reply, settledAt, outcome } = delivery;
    return {
      id,
      subject: message.subject,
      state,
      reply,
      settledAt: settledAt?.toISOString() ?? null,
      outcome,
    };
  }
}
