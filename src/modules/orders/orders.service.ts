import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  canonicalJson,
  currencyDigits,
  expectedTotal,
  millionthsOf,
  whyNoOrderMail,
  type OrderSkipReason,
  type OrderSums,
} from '../../domain/index.js';
import { KeyRing } from '../../platform/crypto/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { conflict, invalid, type Answer } from '../../platform/http/index.js';
import { Messages, Sandbox } from '../delivery/index.js';
import { People, type Person } from '../subscribers/index.js';
import { orderMail, partOf, templateOf } from './order-mail.js';
import { OrdersRepository } from './orders.repository.js';
import type { OrderEvent, OrderEventAnswer } from './orders.schemas.js';

/** The channel that told of an event: event ids are unique within it. Two API keys are one channel. */
export type OrderSource = 'api' | 'stripe' | 'shopify';
const DEFAULT_LOCALE = 'en';
const DEFAULT_SHOP = 'default';

/** The order and the customer of an event, as they were sent. */
export interface Told {
  readonly order: Readonly<Record<string, unknown>>;
  readonly customer: Readonly<Record<string, unknown>>;
}

@Injectable()
export class Orders {
  constructor(
    private readonly repository: OrdersRepository,
    private readonly people: People,
    private readonly messages: Messages,
    private readonly keys: KeyRing,
    private readonly sandbox: Sandbox,
  ) {}

  /**
   * Takes an event, once: the event, the customer and the mail commit together. The same event again gets the answer of the first time.
   * @param body the event as it was sent: kept sealed, and compared when its id comes again
   * @throws 409 when the id was used with another body, 422 where the order's total is not what its parts give, or less than what is refunded
   */
  async receive(
    work: Work,
    event: OrderEvent,
    body: unknown,
    source: OrderSource = 'api',
  ): Promise<Answer<OrderEventAnswer>> {
    const { trx } = work;
    const bodyHash = createHash('sha256').update(canonicalJson(body)).digest();
    await this.repository.lockEvent(trx, source, event.id);
    const known = await this.repository.event(trx, source, event.id);
    if (known) {
      if (known.body_hash.equals(bodyHash)) return { status: 200, body: answerOf(known) };
      throw conflict(
        'event_id_reused',
        `The event ${event.id} was received before with another body; a new event needs an id of its own`,
      );
    }
    refuseWrongTotal(event.order);
    if (source === 'api') refuseLargeRefund(event);
    const person = await this.person(work, event);
    const orderRef = await this.repository.lockOrder(trx, {
      shop: event.shop,
      source,
      orderId: event.order.id,
      number: event.order.number,
      personId: person.id,
    });
    const { type, occurredAt } = event;
    const part = partOf(event);
    const received = await this.repository.received(trx, orderRef);
    const reason = whyNoOrderMail(received, { type, part, occurredAt });
    const messageId = reason === undefined ? await this.mail(work, event, person) : null;
    const outcome = {
      message_id: messageId,
      status: messageId === null ? ('skipped' as const) : ('queued' as const),
      reason: reason ?? null,
    };
    await this.repository.insertEvent(trx, {
      ...outcome,
      source,
      event_id: event.id,
      order_ref: orderRef,
      type,
      part,
      occurred_at: occurredAt,
      body_hash: bodyHash,
      body: this.keys.sealJson('content', withoutFile(body)),
    });
    await appendEvents(trx, [
      {
        type: 'order.received',
        personId: person.id,
        messageId,
        data: { type, status: outcome.status, reason: outcome.reason, orderRef },
      },
    ]);
    return { status: 202, body: answerOf(outcome) };
  }

  /** What can be made ready for an event before its transaction begins. */
  async makeReady(type: OrderEvent['type'], locale: unknown): Promise<void> {
    await this.messages.makeReady(templateOf(type), typeof locale === 'string' ? locale : DEFAULT_LOCALE);
  }

  /** Whether a channel told of this event before. */
  async isKnownEvent(executor: Executor, source: OrderSource, eventId: string): Promise<boolean> {
    return (await this.repository.event(executor, source, eventId)) !== undefined;
  }

  /**
   * What was last told of an order: the order and its customer as they were sent. Undefined where nothing is known of it, or no more.
   * @param orderId the shop's own id, in the default shop
   */
  async lastTold(executor: Executor, orderId: string): Promise<Told | undefined> {
    const body = await this.repository.lastBody(executor, DEFAULT_SHOP, orderId);
    return body && (this.keys.unsealJson('content', body) as Told);
  }

  private async person({ trx }: Work, { customer }: OrderEvent): Promise<Person> {
    this.sandbox.refuseUnknown('customer.email', customer.email);
    return this.people.upsert(trx, {
      address: customer.email,
      ...(customer.name && { name: customer.name }),
      ...(customer.locale && { locale: customer.locale }),
    });
  }

  private async mail(work: Work, event: OrderEvent, person: Person): Promise<string> {
    const { customer } = event;
    const name = customer.name ?? person.name;
    const locale = customer.locale ?? person.locale ?? DEFAULT_LOCALE;
    const { id } = await this.messages.accept(work, {
      stream: 'orders',
      locale,
      content: orderMail(event, { name, locale }),
      recipients: [{ personId: person.id, address: customer.email, role: 'to', name }],
      automatic: true,
      tags: [event.type],
      attachments: 'invoice' in event && event.invoice ? [event.invoice] : [],
    });
    return id;
  }
}

/** The octets of an invoice are kept once, with the mail; here stays what it was. */
function withoutFile(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('invoice' in body)) return body;
  const { invoice, ...rest } = body;
  if (typeof invoice !== 'object' || invoice === null || !('content' in invoice)) return body;
  const { content: _, ...facts } = invoice;
  return { ...rest, invoice: facts };
}

/** Asked after the event's id: the same id with a changed total is first of all the same id. */
function refuseWrongTotal(order: OrderEvent['order']): void {
  const expected = expectedTotal(order as OrderSums, currencyDigits(order.currency));
  if (expected === undefined) return;
  throw invalid(
    'order.total',
    `does not match its parts, which give ${expected}; what is charged besides goes into fees`,
  );
}

/** What a platform says has been paid back has been, also of an order whose total it has lowered since. */
function refuseLargeRefund(event: OrderEvent): void {
  const amount = 'refund' in event ? event.refund?.amount : undefined;
  const { total, currency } = event.order;
  if (amount === undefined || amount === null || millionthsOf(amount) <= millionthsOf(total)) return;
  throw invalid('refund.amount', `is more than the order's total, ${total} ${currency}`);
}

function answerOf(row: {
  message_id: string | null;
  status: 'queued' | 'skipped';
  reason: string | null;
}): OrderEventAnswer {
  return {
    emailId: row.message_id,
    status: row.status,
    ...(row.reason !== null && { reason: row.reason as OrderSkipReason }),
  };
}
