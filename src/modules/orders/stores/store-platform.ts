import type { IncomingHttpHeaders } from 'node:http';
import type { OrderEventType } from '../../../domain/index.js';
import type { OrderSource } from '../orders.service.js';

/** A webhook as it came. */
export interface StoreHook {
  readonly headers: IncomingHttpHeaders;
  /** What the signature is over. */
  readonly raw: Buffer;
  readonly body: unknown;
}

/**
 * What a webhook says of an order, in the fields of `POST /v1/order-events`. A platform tells only a part in each call; what it leaves
 * out is taken from what was told of the order before.
 */
export interface StoreEvent {
  /** Unique within the platform, and the same when the webhook comes again. */
  readonly id: string;
  readonly type: OrderEventType;
  /** ISO 8601 with its offset. */
  readonly occurredAt: string;
  readonly orderId: string;
  readonly order?: Readonly<Record<string, unknown>> | undefined;
  /** Stands in for `order` where nothing is known of it. */
  readonly fallback?: Readonly<Record<string, unknown>> | undefined;
  readonly customer?: Readonly<Record<string, unknown>> | undefined;
  /** `payment`, `shipment`, `refund` …: what the event speaks of. */
  readonly about?: Readonly<Record<string, unknown>> | undefined;
}

/** One platform, one file: how its webhooks are signed, and what they mean. */
export interface StorePlatform {
  readonly source: Exclude<OrderSource, 'api'>;
  /** The setting that holds its secret. */
  readonly secretName: 'STRIPE_WEBHOOK_SECRET' | 'SHOPIFY_WEBHOOK_SECRET';
  /**
   * Checks the signature over the raw bytes, in constant time, and the age where it is signed.
   * @returns what is wrong, in words for whoever set it up; undefined for a genuine webhook
   */
  problemOf(hook: StoreHook, secret: string, now: Date): string | undefined;
  /** Everything that a genuine webhook tells of orders; none where it speaks of something else. */
  eventsOf(hook: StoreHook): StoreEvent[];
}
