import { Injectable } from '@nestjs/common';
import { orderState, type OrderEventType, type OrderSkipReason } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import { notFound } from '../../platform/http/index.js';
import { Messages, type MessageView } from '../delivery/index.js';
import { OrdersRepository, type OrderEventRow } from './orders.repository.js';
import type { OrderMailView, OrderView } from './orders.schemas.js';

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
      ...(row.message_id === null ? { email: null, resends: [] } : await this.mails(row.message_id)),
    };
  }

  /** The mail of an event, and what repeats it. A resend of a resend hangs on the first mail too. */
  private async mails(id: string): Promise<{ email: OrderMailView | null; resends: OrderMailView[] }> {
    const email = await this.messages.find(id);
    const resends = await Promise.all((email?.resends ?? []).map((one) => this.messages.find(one)));
    return {
      email: toMailView(email),
      resends: resends.map(toMailView).filter((one) => one !== null),
    };
  }
}

/** An order's mail has one recipient. */
function toMailView(message: MessageView | undefined): OrderMailView | null {
  const [delivery] = message?.deliveries ?? [];
  if (!message || !delivery) return null;
  const { state, reply, settledAt, outcome } = delivery;
  return {
    id: message.id,
    subject: message.subject,
    state,
    reply,
    createdAt: message.createdAt.toISOString(),
    settledAt: settledAt?.toISOString() ?? null,
    outcome,
  };
}
