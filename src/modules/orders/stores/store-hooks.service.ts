import { Injectable } from '@nestjs/common';
import { currencyDigits, expectedTotal, isCurrency, type OrderSums } from '../../../domain/index.js';
import { Config } from '../../../platform/config/index.js';
import { Database, type Work } from '../../../platform/database/index.js';
import { ApiError, conflict, detailsOf, invalidFields } from '../../../platform/http/index.js';
import { orderEvent } from '../orders.schemas.js';
import { Orders } from '../orders.service.js';
import { shopify } from './shopify.js';
import type { StoreEvent, StoreHook, StorePlatform } from './store-platform.js';
import { stripe } from './stripe.js';

/** A third one is a file of its own beside these, and a line here. */
const platforms: readonly StorePlatform[] = [stripe, shopify];

export interface StoreHookAnswer {
  /** How many order events were in it: none where it speaks of something else. */
  readonly events: number;
}

/** Webhooks of shop platforms, as order events. */
@Injectable()
export class StoreHooks {
  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly orders: Orders,
  ) {}

  /**
   * Checks and takes a webhook. All of its events commit together, and before the answer; the same one again changes nothing.
   * @throws 404 for a platform that is unknown or not set up, 401 for a wrong signature, 409 where the order is not known yet: the
   *   platform sends it again
   */
  async receive(name: string, hook: StoreHook): Promise<StoreHookAnswer> {
    const platform = platforms.find(({ source }) => source === name);
    if (!platform) {
      const names = platforms.map(({ source }) => source).join(', ');
      throw new ApiError(404, 'not_found', `There is no store platform "${name}"; there are ${names}`);
    }
    const secret = this.config.env[platform.secretName];
    if (secret === undefined) {
      throw new ApiError(404, 'not_found', `Webhooks of ${name} are not set up: set ${platform.secretName}`);
    }
    const problem = platform.problemOf(hook, secret, new Date());
    if (problem !== undefined)
      throw new ApiError(401, 'invalid_signature', `Not a webhook of ${name}: ${problem}`);
    const events = platform.eventsOf(hook);
    await this.db.work(async (work) => {
      for (const event of events) await this.take(work, platform, event);
    });
    return { events: events.length };
  }

  private async take(work: Work, { source }: StorePlatform, event: StoreEvent): Promise<void> {
    if (await this.orders.isKnownEvent(work.trx, source, event.id)) return;
    const told = await this.orders.lastTold(work.trx, event.orderId);
    const order = event.order ?? told?.order ?? event.fallback;
    const customer = event.customer ?? told?.customer;
    if (!order || !customer) {
      throw conflict(
        'order_unknown',
        `Nothing is known of the order ${event.orderId} yet; send this again later`,
      );
    }
    const { id, occurredAt } = event;
    const about = { ...event.about };
    const type =
      event.type === 'order.partially_refunded' && isWhole(about['refund'], order)
        ? 'order.refunded'
        : event.type;
    // The customer that the shop named stays: a payment provider may know another address of theirs.
    const body = {
      id,
      type,
      occurredAt,
      order: balanced(order),
      customer: told?.customer ?? customer,
      ...about,
    };
    const parsed = orderEvent.safeParse(body);
    if (!parsed.success) throw invalidFields(detailsOf(parsed.error.issues));
    await this.orders.receive(work, parsed.data, body, source);
  }
}

function isWhole(refund: unknown, order: Readonly<Record<string, unknown>>): boolean {
  const amount = (refund as { amount?: string } | undefined)?.amount;
  return amount !== undefined && Number(amount) === Number(order['total']);
}

/** Platforms leave out tips, duties and gift cards. Sums that do not add up are not shown: the total is what was charged. */
function balanced(order: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const currency = String(order['currency']);
  const sums = order as unknown as OrderSums;
  if (!isCurrency(currency) || !Array.isArray(sums.items) || typeof sums.total !== 'string') return order;
  if (expectedTotal(sums, currencyDigits(currency)) === undefined) return order;
  const { subtotal: _1, shipping: _2, tax: _3, discount: _4, fees: _5, ...rest } = order;
  return { ...rest, items: sums.items.map(({ unitPrice: _6, total: _7, ...item }) => item) };
}
