/**
 * The life of an order as its events tell it, and which of them sends a mail. Events come late and out of order; one
 * that no longer makes sense to the customer is kept and sends nothing.
 */

export const orderEventTypes = ['order.placed', 'order.shipped'] as const;
export type OrderEventType = (typeof orderEventTypes)[number];

export type OrderState = 'new' | 'placed' | 'shipped';

/** Why an order event sent no mail. */
export type OrderSkipReason =
  | 'late' // the order is further than this event
  | 'duplicate'; // the same thing was told by another event: one mail per order, type and shipment

interface OrderStep {
  readonly next: OrderState;
  readonly skip?: OrderSkipReason;
}

const life: Record<OrderState, Record<OrderEventType, OrderStep>> = {
  new: {
    'order.placed': { next: 'placed' },
    // The customer waits for the parcel, whatever became of the event before.
    'order.shipped': { next: 'shipped' },
  },
  placed: {
    'order.placed': { next: 'placed', skip: 'duplicate' },
    'order.shipped': { next: 'shipped' },
  },
  shipped: {
    'order.placed': { next: 'shipped', skip: 'late' },
    // Another shipment of the same order; the same one again is a duplicate by its id.
    'order.shipped': { next: 'shipped' },
  },
};

/** Where these events, in the order in which they were received, have brought an order. */
export function orderState(received: readonly OrderEventType[]): OrderState {
  return received.reduce<OrderState>((state, type) => life[state][type].next, 'new');
}

/** An event that was taken before. `part` is the shipment it speaks of, '' where it speaks of the whole order. */
export interface ReceivedOrderEvent {
  readonly type: OrderEventType;
  readonly part: string;
  readonly mailed: boolean;
}

/** Why the next event of an order sends no mail, or undefined when it does. */
export function whyNoOrderMail(
  received: readonly ReceivedOrderEvent[],
  next: { type: OrderEventType; part: string },
): OrderSkipReason | undefined {
  const sameMail = received.some(
    ({ type, part, mailed }) => mailed && type === next.type && part === next.part,
  );
  if (sameMail) return 'duplicate';
  return life[orderState(received.map(({ type }) => type))][next.type].skip;
}
