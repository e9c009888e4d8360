import type { CallOptions, Client } from '../client.js';
import type { Order, OrderEvent, OrderEventAnswer, OrderEventBatchAnswer } from '../openapi.js';

type EventType = OrderEvent['type'];
/** An event without its type, which is the name of the method. */
export type OrderEventOf<Type extends EventType> = Omit<Extract<OrderEvent, { type: Type }>, 'type'>;

/**
 * What happens to an order, and with it the mail to its customer. The same event again (its `id`) gets the same answer and sends
 * nothing. `emailId` is null where nothing is to be sent; `reason` says why.
 */
export class Orders {
  readonly placed = this.of('order.placed');
  readonly paid = this.of('order.paid');
  readonly paymentFailed = this.of('order.payment_failed');
  readonly processing = this.of('order.processing');
  readonly onHold = this.of('order.on_hold');
  readonly backordered = this.of('order.backordered');
  readonly partiallyShipped = this.of('order.partially_shipped');
  readonly shipped = this.of('order.shipped');
  readonly outForDelivery = this.of('order.out_for_delivery');
  readonly delivered = this.of('order.delivered');
  readonly fulfilled = this.of('order.fulfilled');
  readonly cancelled = this.of('order.cancelled');
  readonly partiallyRefunded = this.of('order.partially_refunded');
  readonly refunded = this.of('order.refunded');

  constructor(private readonly client: Client) {}

  /** Any event. @throws PostriderError 409 where its id came with another content, 422 where a field is wrong */
  event(event: OrderEvent, options?: CallOptions): Promise<OrderEventAnswer> {
    return this.client.call({ method: 'POST', path: ['v1', 'order-events'], body: event }, options);
  }

  /** Up to 100 events. Each has an answer of its own, in this order; a mistake in one does not cost the others. */
  events(events: readonly OrderEvent[], options?: CallOptions): Promise<OrderEventBatchAnswer> {
    return this.client.call(
      { method: 'POST', path: ['v1', 'order-events', 'batch'], body: { events } },
      options,
    );
  }

  /** The order's events, its mails, and what became of them. @param shop where there are several */
  get(id: string, { shop, ...options }: CallOptions & { readonly shop?: string } = {}): Promise<Order> {
    return this.client.call({ method: 'GET', path: ['v1', 'orders', id], query: { shop } }, options);
  }

  private of<Type extends EventType>(type: Type) {
    return (event: OrderEventOf<Type>, options?: CallOptions): Promise<OrderEventAnswer> =>
      this.event({ ...event, type } as OrderEvent, options);
  }
}
