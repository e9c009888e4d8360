import { createHmac, timingSafeEqual } from 'node:crypto';
import { itemName, known, listAt, numberAt, objectAt, textAt, type Json } from './fields.js';
import type { StoreEvent, StorePlatform } from './store-platform.js';

/** https://docs.stripe.com/webhooks#verify-manually: five minutes is what Stripe's own libraries tolerate. */
const TOLERANCE_SECONDS = 300;

/** https://docs.stripe.com/currencies: amounts are whole numbers of the least unit, which these have none of. */
const NO_MINOR_UNIT = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const THREE_DIGITS = new Set('BHD JOD KWD OMR TND'.split(' '));

/**
 * Stripe tells of payments, not of orders: which order it is stands in the metadata (`order_id`, or `client_reference_id` of a Checkout
 * Session), and what was ordered in what the shop told before.
 */
export const stripe: StorePlatform = {
  source: 'stripe',
  secretName: 'STRIPE_WEBHOOK_SECRET',

  problemOf({ headers, raw }, secret, now) {
    const header = headers['stripe-signature'];
    if (typeof header !== 'string') return 'the header Stripe-Signature is missing';
    const parts = header.split(',').map((part) => part.trim().split('=', 2));
    const time = parts.find(([name]) => name === 't')?.[1];
    if (time === undefined || !/^\d{1,12}$/.test(time)) return 'Stripe-Signature has no time';
    const expected = createHmac('sha256', secret).update(`${time}.`).update(raw).digest();
    const isSigned = parts.some(([name, value]) => name === 'v1' && equals(expected, value ?? ''));
    if (!isSigned) return 'the signature does not match: is STRIPE_WEBHOOK_SECRET the one of this endpoint?';
    const age = Math.round(now.getTime() / 1000 - Number(time));
    if (Math.abs(age) <= TOLERANCE_SECONDS) return undefined;
    return age > 0
      ? `it was signed ${age} s ago, more than ${TOLERANCE_SECONDS}`
      : `it was signed ${-age} s in the future: is this machine's clock right?`;
  },

  eventsOf({ body }) {
    const event = objectAt(body);
    const object = objectAt(event, 'data', 'object');
    const id = textAt(event, 'id');
    const orderId = orderIdOf(object);
    if (!object || id === undefined || orderId === undefined) return [];
    const base = { id, occurredAt: momentOf(numberAt(event, 'created')), orderId };
    switch (textAt(event, 'type')) {
      case 'checkout.session.completed':
        return sessionEvents(base, object);
      case 'checkout.session.async_payment_succeeded':
        return [{ ...base, ...moneyOf(object, 'amount_total', orderId), type: 'order.paid' }];
      case 'checkout.session.async_payment_failed':
        return [{ ...base, ...moneyOf(object, 'amount_total', orderId), type: 'order.payment_failed' }];
      case 'payment_intent.succeeded':
        return [{ ...base, ...moneyOf(object, 'amount_received', orderId), type: 'order.paid' }];
      case 'payment_intent.payment_failed':
        return [failed(base, object)];
      case 'charge.refunded':
        return [
          refund(
            base,
            object,
            numberAt(objectAt(event, 'data', 'previous_attributes'), 'amount_refunded') ?? 0,
          ),
        ];
      default:
        return [];
    }
  },
};

/** @param seconds since 1970; what is no such time is taken for now */
function momentOf(seconds = Number.NaN): string {
  const moment = new Date(seconds * 1000);
  return (Number.isNaN(moment.getTime()) ? new Date() : moment).toISOString();
}

type Base = Pick<StoreEvent, 'id' | 'occurredAt' | 'orderId'>;

function orderIdOf(object: Json | undefined): string | undefined {
  return textAt(objectAt(object, 'metadata'), 'order_id', 'orderId') ?? textAt(object, 'client_reference_id');
}

/** A Checkout Session that ends is an order, and where it was paid at once, a payment too. */
function sessionEvents(base: Base, session: Json): StoreEvent[] {
  const { orderId } = base;
  const currency = currencyOf(session);
  const amount = (from: Json | undefined, key: string) => decimal(numberAt(from, key), currency);
  const details = objectAt(session, 'total_details');
  const items = listAt(session, 'line_items', 'data').map((line) =>
    known({
      name: itemName(textAt(line, 'description')) ?? orderId,
      quantity: numberAt(line, 'quantity') ?? 1,
      unitPrice: amount(objectAt(line, 'price'), 'unit_amount'),
      total: amount(line, 'amount_total'),
    }),
  );
  const delivery =
    objectAt(session, 'collected_information', 'shipping_details') ?? objectAt(session, 'shipping_details');
  const sums = known({
    id: orderId,
    number: textAt(objectAt(session, 'metadata'), 'order_number') ?? orderId,
    currency,
    total: amount(session, 'amount_total'),
    subtotal: amount(session, 'amount_subtotal'),
    shipping: amount(details, 'amount_shipping'),
    tax: amount(details, 'amount_tax'),
    discount: amount(details, 'amount_discount'),
    shippingAddress: delivery && addressOf(delivery),
  });
  const { customer, about, fallback } = moneyOf(session, 'amount_total', orderId);
  // Line items are in a webhook only where the shop put them there; without, the one line is the order itself.
  const order = items.length > 0 ? { order: { ...sums, items } } : { fallback: { ...fallback, ...sums } };
  const placed: StoreEvent = { ...base, ...order, customer, type: 'order.placed' };
  const isPaid = textAt(session, 'payment_status') === 'paid';
  return isPaid
    ? [placed, { ...base, ...order, customer, about, id: `${base.id}-paid`, type: 'order.paid' }]
    : [placed];
}

function failed(base: Base, intent: Json): StoreEvent {
  const { customer, fallback, about } = moneyOf(intent, 'amount', base.orderId);
  const reason = textAt(objectAt(intent, 'last_payment_error'), 'message');
  const payment = { ...objectAt(about, 'payment'), ...known({ reason }) };
  return { ...base, type: 'order.payment_failed', customer, fallback, about: { payment } };
}

/** A charge tells what was refunded in all; the event tells what it was before. */
function refund(base: Base, charge: Json, before: number): StoreEvent {
  const currency = currencyOf(charge);
  const all = numberAt(charge, 'amount_refunded') ?? 0;
  const { customer, fallback } = moneyOf(charge, 'amount', base.orderId);
  const isAll = charge['refunded'] === true;
  return {
    ...base,
    type: isAll ? 'order.refunded' : 'order.partially_refunded',
    customer,
    fallback,
    about: {
      refund: known({
        id: `${textAt(charge, 'id') ?? base.id}-${all}`,
        amount: decimal(all - before, currency),
        method: methodOf(charge),
      }),
    },
  };
}

/** Who paid how much, and an order of one line for where nothing else is known of it. */
function moneyOf(object: Json, key: string, orderId: string) {
  const currency = currencyOf(object);
  const total = decimal(numberAt(object, key), currency);
  const person = objectAt(object, 'customer_details') ?? objectAt(object, 'billing_details');
  const email = textAt(object, 'receipt_email', 'customer_email') ?? textAt(person, 'email');
  const name = textAt(objectAt(object, 'metadata'), 'order_number') ?? orderId;
  const locale = textAt(object, 'locale');
  return {
    customer:
      email === undefined
        ? undefined
        : known({ email, name: textAt(person, 'name'), locale: locale === 'auto' ? undefined : locale }),
    fallback: known({
      id: orderId,
      number: name,
      currency,
      total,
      items: [known({ name: itemName(textAt(object, 'description')) ?? name, quantity: 1, total })],
    }),
    about: {
      payment: known({
        id: textAt(object, 'payment_intent', 'id'),
        amount: total,
        method: methodOf(object),
        receiptUrl: textAt(object, 'receipt_url'),
      }),
    },
  };
}

/** "Visa, •••• 4242", where the card is in the event. */
function methodOf(object: Json): string | undefined {
  const details =
    objectAt(object, 'payment_method_details') ?? objectAt(object, 'latest_charge', 'payment_method_details');
  const card = objectAt(details, 'card');
  const brand = textAt(card, 'brand');
  const last = textAt(card, 'last4');
  return brand && last ? `${brand[0]?.toUpperCase()}${brand.slice(1)}, •••• ${last}` : undefined;
}

function addressOf(delivery: Json): Json {
  const address = objectAt(delivery, 'address');
  return known({
    name: textAt(delivery, 'name'),
    line1: textAt(address, 'line1'),
    line2: textAt(address, 'line2'),
    city: textAt(address, 'city'),
    state: textAt(address, 'state'),
    postalCode: textAt(address, 'postal_code'),
    country: textAt(address, 'country'),
  });
}

function currencyOf(object: Json): string {
  return (textAt(object, 'currency') ?? '').toUpperCase();
}

/** 1999 EUR → "19.99". */
function decimal(amount: number | undefined, currency: string): string | undefined {
  if (amount === undefined || !Number.isSafeInteger(amount)) return undefined;
  const digits = NO_MINOR_UNIT.has(currency) ? 0 : THREE_DIGITS.has(currency) ? 3 : 2;
  if (digits === 0) return String(amount);
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  return `${amount < 0 ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function equals(expected: Buffer, hex: string): boolean {
  const given = Buffer.from(hex, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
