import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../platform/config/index.js';
import { Database, type Work } from '../../../platform/database/index.js';
import { ApiError, conflict, detailsOf, invalidFields } from '../../../platform/http/index.js';
import { orderEvent } from '../orders.schemas.js';
import { Orders } from '../orders.service.js';
import { shopify } from './shopify.js';
import { balanced, isWhole, withoutMisfits } from './store-body.js';
import type { StoreEvent, StoreHook, StorePlatform } from './store-platform.js';
import { stripe } from './stripe.js';

/** A third one is a file of its own beside these, and a line here. */
const platforms: readonly StorePlatform[] = [stripe, shopify];

/** For so long something that cannot be taken is worth sending again, because the shop may tell of the order meanwhile. Milliseconds. */
const PATIENCE = 3_600_000;

export interface StoreHookAnswer {
  /** How many order events were taken: none where it speaks of something else. */
  readonly events: number;
}

/** Webhooks of shop platforms, as order events. */
@Injectable()
export class StoreHooks {
  private readonly logger = new Logger(StoreHooks.name);

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly orders: Orders,
  ) {}

  /**
   * Checks and takes a webhook. All of its events commit together, and before the answer; the same one again changes nothing. One that
   * still cannot be taken an hour after it happened is let go with a warning: a platform that hears "no" too often ends the subscription,
   * and with it the mails of all other orders.
   * @throws 404 for a platform that is unknown or not set up, 401 for a wrong signature, 409 where the order is not known yet, 422 where
   *   a field that is needed is wrong: the platform sends it again
   */
  async receive(name: string, hook: StoreHook): Promise<StoreHookAnswer> {
    const platform = this.genuine(name, hook);
    const events = platform.eventsOf(hook);
    for (const { type, customer } of events) await this.orders.makeReady(type, customer?.['locale']);
    try {
      return await this.db.work(async (work) => {
        let taken = 0;
        for (const event of events) taken += (await this.take(work, platform, event)) ? 1 : 0;
        return { events: taken };
      });
    } catch (error) {
      if (!(error instanceof ApiError) || events.some(isYoung)) throw error;
      const ids = events.map(({ id }) => id).join(', ');
      this.logger.warn(`Let go of ${ids} of ${name}, an hour after it happened: ${error.message}`);
      return { events: 0 };
    }
  }

  /** @throws 404, 401 */
  private genuine(name: string, hook: StoreHook): StorePlatform {
    const platform = platforms.find(({ source }) => source === name);
    if (!platform) {
      const names = platforms.map(({ source }) => source).join(', ');
      throw new ApiError(404, 'not_found', `There is no store platform "${name}"; there are ${names}`);
    }
    const secrets = this.config.env[platform.secretName];
    if (secrets === undefined) {
      throw new ApiError(404, 'not_found', `Webhooks of ${name} are not set up: set ${platform.secretName}`);
    }
    const now = new Date();
    const problems = secrets.split(',').map((secret) => platform.problemOf(hook, secret.trim(), now));
    if (!problems.includes(undefined))
      throw new ApiError(401, 'invalid_signature', `Not a webhook of ${name}: ${problems[0]}`);
    return platform;
  }

  /** @returns whether the order has it now */
  private async take(work: Work, { source }: StorePlatform, event: StoreEvent): Promise<boolean> {
    if (await this.orders.isKnownEvent(work.trx, source, event.id)) return true;
    const told = await this.orders.lastTold(work.trx, event.orderId);
    const order = event.order ?? told?.order ?? event.fallback;
    // The customer that the shop named stays: a payment provider may know another address of theirs.
    const customer = told?.customer ?? event.customer;
    // A whole order without an address (sold at a counter, or by telephone): nobody will name one later.
    if (event.order && !customer) return false;
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
    const body = { id, type, occurredAt, order: balanced(order), customer, ...about };
    const misfits = orderEvent.safeParse(body).error?.issues ?? [];
    const fitting = misfits.length > 0 ? withoutMisfits(body, misfits) : body;
    const parsed = orderEvent.safeParse(fitting);
    if (!parsed.success) throw invalidFields(detailsOf(parsed.error.issues));
    await this.orders.receive(work, parsed.data, fitting, source);
    return true;
  }
}

/** An event without a moment that can be read is young for ever: it was refused for that, and its platform is to hear of it. */
function isYoung({ occurredAt }: StoreEvent): boolean {
  return !(Date.now() - Date.parse(occurredAt) > PATIENCE);
}
