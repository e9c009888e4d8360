/**
 * The life of an order as its events tell it, and which of them sends a mail. Events come late, twice and out of order, through
 * more than one channel; one that no longer makes sense to the customer is kept and sends nothing.
 */

export const orderEventTypes = [
  'order.placed',
  'order.paid',
  'order.payment_failed',
  'order.processing',
  'order.on_hold',
  'order.backordered',
  'order.partially_shipped',
  'order.shipped',
  'order.out_for_delivery',
  'order.delivered',
  'order.fulfilled',
  'order.cancelled',
  'order.partially_refunded',
  'order.refunded',
] as const;
export type OrderEventType = (typeof orderEventTypes)[number];

/** How far the goods are; each is further than the one before it. */
const fulfilment = [
  'placed',
  'processing',
  'partially_shipped',
  'shipped',
  'out_for_delivery',
  'delivered',
] as const;
type Fulfilment = (typeof fulfilment)[number];

/** Where an order stands: what a timeline shows. */
export type OrderState = 'new' | Fulfilment | 'on_hold' | 'backordered' | 'cancelled' | 'refunded';

/** Why an order event sent no mail. */
export type OrderSkipReason =
  | 'late' // the order is further than this event
  | 'duplicate' // the same thing was told by another event: one mail per order, type and shipment or refund
  | 'cancelled' // the order was cancelled: what else happens to it is no news to the customer
  | 'refunded'; // the money is back, and with it the order is over
export const orderSkipReasons = [
  'late',
  'duplicate',
  'cancelled',
  'refunded',
] as const satisfies OrderSkipReason[];

interface LifeRule {
  /** What the order is after it, where it says anything about that. */
  readonly state?: Exclude<OrderState, 'new'>;
  /** Any of these, taken before, makes it late. */
  readonly lateAfter?: readonly OrderEventType[];
  /** The same, but only where they happened at the same time or after it: they can also come before it in an order's life. */
  readonly lateAfterNewer?: readonly OrderEventType[];
  /** It has its mail even where the order was cancelled or refunded. */
  readonly always?: true;
}

const underway = [
  'order.partially_shipped',
  'order.shipped',
  'order.out_for_delivery',
  'order.delivered',
] as const;
const handedOver = [...underway, 'order.fulfilled'] as const;

const life: Record<OrderEventType, LifeRule> = {
  // The confirmation names what was ordered, so it is sent after a payment that was quicker, but not after the parcel.
  'order.placed': { state: 'placed', lateAfter: handedOver },
  // A receipt is owed whenever the money came, also after the parcel (an invoice that is paid later).
  'order.paid': {},
  'order.payment_failed': { lateAfterNewer: ['order.paid'] },
  'order.processing': { state: 'processing', lateAfter: handedOver },
  'order.on_hold': { state: 'on_hold', lateAfter: handedOver, lateAfterNewer: ['order.processing'] },
  'order.backordered': {
    state: 'backordered',
    lateAfter: ['order.shipped', 'order.out_for_delivery', 'order.delivered'],
  },
  // All of the order has left, or this very parcel was told of.
  'order.partially_shipped': { state: 'partially_shipped', lateAfter: ['order.shipped', 'order.delivered'] },
  'order.shipped': { state: 'shipped', lateAfter: ['order.delivered'] },
  'order.out_for_delivery': { state: 'out_for_delivery', lateAfter: ['order.delivered'] },
  'order.delivered': { state: 'delivered' },
  // Digital goods: a licence key is owed even where the parcel of the same order was quicker.
  'order.fulfilled': { state: 'delivered' },
  'order.cancelled': { state: 'cancelled', lateAfter: ['order.delivered'], always: true },
  'order.partially_refunded': { lateAfterNewer: ['order.refunded'], always: true },
  'order.refunded': { state: 'refunded', always: true },
};

/** Which parcel or refund an event speaks of; '' for the whole order. */
export interface OrderEventFacts {
  readonly type: OrderEventType;
  readonly part: string;
  readonly occurredAt: Date;
}

/** An event that was taken before. */
export interface ReceivedOrderEvent extends OrderEventFacts {
  readonly mailed: boolean;
}

/** Parcels have lives of their own: one that was delivered makes nothing late for another. */
const ofParcel = new Set<OrderEventType>(underway);

/** Why the next event of an order sends no mail, or undefined when it does. */
export function whyNoOrderMail(
  received: readonly ReceivedOrderEvent[],
  next: OrderEventFacts,
): OrderSkipReason | undefined {
  const told = received.some(({ type, part, mailed }) => mailed && type === next.type && part === next.part);
  if (told) return 'duplicate';
  const { lateAfter = [], lateAfterNewer = [], always = false } = life[next.type];
  if (!always && received.some(({ type }) => type === 'order.cancelled')) return 'cancelled';
  if (!always && received.some(({ type }) => type === 'order.refunded')) return 'refunded';
  const isLate = received.some((before) => {
    if (isOtherParcel(before, next)) return false;
    const isNewer = before.occurredAt.getTime() >= next.occurredAt.getTime();
    return lateAfter.includes(before.type) || (isNewer && lateAfterNewer.includes(before.type));
  });
  return isLate ? 'late' : undefined;
}

/** Both speak of a parcel, and not of the same one. An event that names no parcel speaks of all. */
function isOtherParcel(one: OrderEventFacts, other: OrderEventFacts): boolean {
  const bothOfParcels = ofParcel.has(one.type) && ofParcel.has(other.type);
  return bothOfParcels && one.part !== '' && other.part !== '' && one.part !== other.part;
}

/**
 * Where these events have brought an order, in whatever order they came: an end stays an end, goods do not travel back, and a hold
 * ends with the next step.
 */
export function orderState(received: readonly OrderEventFacts[]): OrderState {
  const byTime = received.toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
  return byTime.reduce<OrderState>((state, { type }) => {
    const next = life[type].state;
    return next === undefined || !follows(state, next) ? state : next;
  }, 'new');
}

function follows(state: OrderState, next: OrderState): boolean {
  if (next === 'refunded') return true;
  if (state === 'refunded' || state === 'cancelled') return false;
  if (next === 'cancelled') return state !== 'delivered';
  return rank(next) >= rank(state);
}

/** Waiting counts as far as the step before the parcel: on hold and back-ordered are left by any later step. */
function rank(state: OrderState): number {
  if (state === 'new') return -1;
  if (state === 'on_hold' || state === 'backordered') return fulfilment.indexOf('processing');
  return fulfilment.indexOf(state as Fulfilment);
}
