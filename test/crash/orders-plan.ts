import { createHmac } from 'node:crypto';
import type { OrderEventType, OrderSkipReason } from '../../src/domain/index.js';

/** One call of the store, which may be made as often as one likes. */
export interface Call {
  readonly path: string;
  readonly body: string;
  /** Made anew for each call: signatures carry the time. */
  headers(): Record<string, string>;
}

/** One event as a channel tells it. */
export interface Step {
  readonly source: 'api' | 'stripe';
  readonly eventId: string;
  readonly orderId: string;
  readonly type: OrderEventType;
  readonly call: Call;
  /** Why it sends nothing; `twin` where either of two channels sends it and the other does not. */
  readonly skipped?: OrderSkipReason | 'twin';
  /** Its mail fails for good: there is no such customer. */
  readonly fails?: true;
}

/** What happens to one order: the steps of a group in any order, and only when those of the groups before are answered. */
export type Story = readonly (readonly Step[])[];

export const STRIPE_SECRET = 'whsec_crash_rounds_0123456789';

const TOTAL = '33.90';
const INVOICE = {
  filename: 'invoice.pdf',
  contentType: 'application/pdf',
  content: Buffer.from(`%PDF-1.4\n${'one line of an invoice\n'.repeat(1_000)}%%EOF\n`).toString('base64'),
};
const parcel = { shipment: { id: 'parcel-1', carrier: 'PostNord', trackingNumber: 'UJ428817395SE' } };
const refund = (id: string) => ({ refund: { id, amount: '14.50' } });

/**
 * Orders whose events make so many mails that arrive: one in five by whole lives, one in five by lives in any order, the others
 * by events that come late, through two channels or after the end, and a mass of single confirmations; and one in twenty more that
 * do not arrive.
 */
export function storiesOf(mails: number): Story[] {
  if (mails % 100 !== 0) throw new Error(`${mails} mails cannot be shared out: 100 or a multiple of it`);
  const share = (percent: number, story: (name: string, index: number) => Story): Story[] =>
    Array.from({ length: (mails * percent) / 100 }, (_, index) => story(`${story.name}-${index}`, index));
  return [
    ...share(4, wholeLife), // 5 mails each
    ...share(4, anyOrder), // 5
    ...share(2, parcelFirst), // 1
    ...share(2, cancelled), // 2
    ...share(5, twoChannels), // 2
    ...share(4, twoEvents), // 1
    ...share(40, single), // 1
    ...share(5, refused), // none that arrives
  ];
}

function wholeLife(order: string): Story {
  return [
    [told(order, 'order.placed')],
    [told(order, 'order.paid', { invoice: INVOICE })],
    [told(order, 'order.processing')],
    [told(order, 'order.shipped', parcel)],
    [told(order, 'order.delivered', parcel)],
  ];
}

/** None of these makes another one late. */
function anyOrder(order: string): Story {
  return [
    [
      told(order, 'order.placed'),
      told(order, 'order.paid'),
      told(order, 'order.processing'),
      told(order, 'order.partially_refunded', refund('refund-1')),
      told(order, 'order.partially_refunded', refund('refund-2'), {}, '-2'),
    ],
  ];
}

function parcelFirst(order: string): Story {
  return [
    [told(order, 'order.delivered', parcel)],
    [
      told(order, 'order.shipped', parcel, { skipped: 'late' }),
      told(order, 'order.placed', {}, { skipped: 'late' }),
    ],
  ];
}

function cancelled(order: string): Story {
  return [
    [told(order, 'order.placed')],
    [told(order, 'order.cancelled')],
    [told(order, 'order.shipped', parcel, { skipped: 'cancelled' })],
  ];
}

/** One payment, told by the shop and by its payment provider. */
function twoChannels(order: string): Story {
  return [
    [told(order, 'order.placed')],
    [told(order, 'order.paid', {}, { skipped: 'twin' }), paidByStripe(order)],
  ];
}

/** The shop's own two programs tell of the same thing under ids of their own. */
function twoEvents(order: string): Story {
  const twin = { skipped: 'twin' } as const;
  return [[told(order, 'order.placed', {}, twin), told(order, 'order.placed', {}, twin, '-again')]];
}

function single(order: string, index: number): Story {
  return [[told(order, 'order.placed', index % 10 === 0 ? { invoice: INVOICE } : {})]];
}

function refused(order: string): Story {
  return [[told(order, 'order.placed', {}, { fails: true })]];
}

/** Whether a recipient of these stories takes no mail. */
export const isRefused = (recipient: string): boolean => recipient.startsWith('refused-');

function told(
  orderId: string,
  type: OrderEventType,
  about: object = {},
  expected: Pick<Step, 'skipped' | 'fails'> = {},
  suffix = '',
): Step {
  const eventId = `evt-${orderId}-${type}${suffix}`;
  const event = {
    id: eventId,
    type,
    occurredAt: '2026-11-22T09:41:00Z',
    order: {
      id: orderId,
      number: orderId,
      currency: 'EUR',
      items: [{ name: 'Linen notebook', quantity: 2, unitPrice: '14.50' }],
      shipping: '4.90',
      total: TOTAL,
    },
    customer: { email: `${orderId.toLowerCase()}@example.com`, name: 'Ada' },
    ...about,
  };
  const call = { path: '/v1/order-events', body: JSON.stringify(event), headers: () => ({}) };
  return { source: 'api', eventId, orderId, type, call, ...expected };
}

function paidByStripe(orderId: string): Step {
  const eventId = `evt_stripe_${orderId}`;
  const intent = {
    id: `pi_${orderId}`,
    amount_received: 3390,
    currency: 'eur',
    metadata: { order_id: orderId },
  };
  const body = JSON.stringify({
    id: eventId,
    type: 'payment_intent.succeeded',
    created: 1_795_340_460,
    data: { object: intent },
  });
  const headers = () => {
    const time = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', STRIPE_SECRET).update(`${time}.${body}`).digest('hex');
    return { 'Stripe-Signature': `t=${time},v1=${signature}` };
  };
  const call = { path: '/hooks/store/stripe', body, headers };
  return { source: 'stripe', eventId, orderId, type: 'order.paid', call, skipped: 'twin' };
}
