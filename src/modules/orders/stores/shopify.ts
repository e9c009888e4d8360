import { createHmac, timingSafeEqual } from 'node:crypto';
import type { OrderEventType } from '../../../domain/index.js';
import { itemName, known, listAt, numberAt, objectAt, textAt, type Json } from './fields.js';
import type { StoreEvent, StoreHook, StorePlatform } from './store-platform.js';

/**
 * Shopify's webhooks, by topic. They are signed, but neither their time nor their id is: who replays one under another id finds that
 * there is one mail an order, type, shipment and refund.
 */
export const shopify: StorePlatform = {
  source: 'shopify',
  secretName: 'SHOPIFY_WEBHOOK_SECRET',

  /** https://shopify.dev/docs/apps/build/webhooks/subscribe/https: base64 of HMAC-SHA256 over the raw body. */
  problemOf({ headers, raw }, secret) {
    const header = headers['x-shopify-hmac-sha256'];
    if (typeof header !== 'string') return 'the header X-Shopify-Hmac-Sha256 is missing';
    const expected = createHmac('sha256', secret).update(raw).digest();
    const given = Buffer.from(header, 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected)
      ? undefined
      : 'the signature does not match: is SHOPIFY_WEBHOOK_SECRET the one of this shop or app?';
  },

  eventsOf(hook) {
    const { headers, body } = hook;
    const object = objectAt(body);
    const topic = headers['x-shopify-topic'];
    const id = idOf(hook);
    if (!object || typeof topic !== 'string' || id === undefined) return [];
    switch (topic) {
      case 'orders/create':
        return [orderEvent(id, 'order.placed', object, textAt(object, 'processed_at', 'created_at'))];
      case 'orders/paid':
        return [orderEvent(id, 'order.paid', object, textAt(object, 'updated_at'), paymentOf(object))];
      case 'orders/cancelled':
        return [
          orderEvent(id, 'order.cancelled', object, textAt(object, 'cancelled_at'), cancellationOf(object)),
        ];
      case 'orders/fulfilled':
        return [orderEvent(id, 'order.shipped', object, textAt(object, 'updated_at'), parcelOf(object))];
      case 'orders/partially_fulfilled':
        return [
          orderEvent(id, 'order.partially_shipped', object, textAt(object, 'updated_at'), parcelOf(object)),
        ];
      case 'fulfillment_events/create':
        return parcelEvents(id, object);
      case 'refunds/create':
        return refundEvents(id, object);
      default:
        return [];
    }
  },
};

/** The event's id is the same for all deliveries of it; the webhook's only for retries of one. */
function idOf({ headers }: StoreHook): string | undefined {
  const id = headers['x-shopify-event-id'] ?? headers['x-shopify-webhook-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function orderEvent(
  id: string,
  type: OrderEventType,
  order: Json,
  at: string | undefined,
  about?: StoreEvent['about'],
): StoreEvent {
  return {
    id,
    type,
    occurredAt: at ?? new Date().toISOString(),
    orderId: textAt(order, 'id') ?? '',
    order: orderOf(order),
    customer: customerOf(order),
    about,
  };
}

/** Of an order that was told before: its id is all that these webhooks know of it. */
function ofOrder(id: string, object: Json, type: OrderEventType, about: StoreEvent['about']): StoreEvent[] {
  const orderId = textAt(object, 'order_id');
  if (orderId === undefined) return [];
  const occurredAt = textAt(object, 'happened_at', 'updated_at', 'created_at') ?? new Date().toISOString();
  return [{ id, type, occurredAt, orderId, about }];
}

/**
 * As the customer sees it now: without lines that were taken out, in the currency that was shown and paid (Shopify: presentment). Of a
 * cancelled order, as it was: of its lines and its total nothing is left.
 */
function orderOf(order: Json): Json {
  const { currency, amount } = moneyOf(order);
  const isCancelled = textAt(order, 'cancelled_at') !== undefined;
  const now = (name: string) =>
    (isCancelled ? undefined : amount(order, `current_${name}`)) ?? amount(order, name);
  const lines = listAt(order, 'line_items');
  const left = isCancelled ? [] : lines.filter((line) => numberAt(line, 'current_quantity') !== 0);
  return known({
    id: textAt(order, 'id'),
    number: textAt(order, 'name', 'order_number', 'id'),
    currency,
    items: (left.length > 0 ? left : lines).map((line) =>
      known({
        name: nameOf(line),
        quantity: quantityOf(line, isCancelled || left.length === 0 ? 'quantity' : 'current_quantity'),
        unitPrice: amount(line, 'price'),
        sku: textAt(line, 'sku'),
      }),
    ),
    total: now('total_price'),
    subtotal: now('subtotal_price'),
    shipping: amount(order, 'total_shipping_price'),
    tax: now('total_tax'),
    discount: now('total_discounts'),
    url: textAt(order, 'order_status_url'),
    placedAt: textAt(order, 'processed_at', 'created_at'),
    note: textAt(order, 'note'),
    shippingAddress: addressOf(objectAt(order, 'shipping_address')),
    billingAddress: addressOf(objectAt(order, 'billing_address')),
  });
}

/** Shopify tells most amounts in the shop's currency, and in a `…_set` beside each in the customer's. */
function moneyOf(order: Json) {
  const own = textAt(order, 'currency');
  const shown = textAt(order, 'presentment_currency') ?? own;
  const inSet = (from: Json, name: string, which: string) =>
    textAt(objectAt(from, `${name}_set`, which), 'amount');
  return {
    currency: shown,
    amount: (from: Json, name: string) =>
      shown === own
        ? (textAt(from, name) ?? inSet(from, name, 'shop_money'))
        : inSet(from, name, 'presentment_money'),
  };
}

function nameOf(line: Json | undefined): string {
  return itemName(textAt(line, 'name', 'title')) ?? '·';
}

/** Never 0, which is told of a line that was taken out. */
function quantityOf(line: Json, key = 'quantity'): number {
  return numberAt(line, key) || numberAt(line, 'quantity') || 1;
}

function customerOf(order: Json): Json | undefined {
  const customer = objectAt(order, 'customer');
  const email = textAt(order, 'email', 'contact_email') ?? textAt(customer, 'email');
  if (email === undefined) return undefined;
  return known({
    email,
    name: textAt(customer, 'first_name') ?? textAt(objectAt(order, 'billing_address'), 'first_name'),
    locale: textAt(order, 'customer_locale'),
  });
}

function addressOf(address: Json | undefined): Json | undefined {
  return (
    address &&
    known({
      name: textAt(address, 'name'),
      company: textAt(address, 'company'),
      line1: textAt(address, 'address1'),
      line2: textAt(address, 'address2'),
      city: textAt(address, 'city'),
      state: textAt(address, 'province_code'),
      postalCode: textAt(address, 'zip'),
      country: textAt(address, 'country_code'),
    })
  );
}

function paymentOf(order: Json): StoreEvent['about'] {
  const [gateway] = (order['payment_gateway_names'] as unknown[] | undefined) ?? [];
  const { amount } = moneyOf(order);
  return {
    payment: known({
      amount: amount(order, 'current_total_price') ?? amount(order, 'total_price'),
      // "shopify_payments" says nothing to a customer.
      method: typeof gateway === 'string' && /^[A-Z]/.test(gateway) ? gateway : undefined,
    }),
  };
}

const reasons: Record<string, string> = { full: 'refunded', partial: 'partially_refunded' };

function cancellationOf(order: Json): StoreEvent['about'] {
  const status = textAt(order, 'financial_status');
  const refund =
    Object.keys(reasons).find((key) => reasons[key] === status) ?? (status === 'voided' ? 'none' : undefined);
  return { cancellation: known({ refund }) };
}

/** The newest parcel of an order. */
function parcelOf(order: Json): StoreEvent['about'] {
  const created = (fulfilment: Json): string => textAt(fulfilment, 'created_at') ?? '';
  const newest = listAt(order, 'fulfillments')
    .toSorted((a, b) => (created(a) < created(b) ? -1 : 1))
    .at(-1);
  return { shipment: newest ? shipmentOf(newest) : {} };
}

function shipmentOf(fulfilment: Json): Json {
  return known({
    id: textAt(fulfilment, 'id'),
    carrier: textAt(fulfilment, 'tracking_company'),
    trackingNumber: textAt(fulfilment, 'tracking_number'),
    trackingUrl: textAt(fulfilment, 'tracking_url'),
    items: listAt(fulfilment, 'line_items').map((line) => ({
      name: nameOf(line),
      quantity: quantityOf(line),
    })),
  });
}

function parcelEvents(id: string, event: Json): StoreEvent[] {
  const types: Record<string, OrderEventType> = {
    out_for_delivery: 'order.out_for_delivery',
    delivered: 'order.delivered',
  };
  const type = types[textAt(event, 'status') ?? ''];
  const deliveredAt = type === 'order.delivered' ? textAt(event, 'happened_at') : undefined;
  return type
    ? ofOrder(id, event, type, { shipment: known({ id: textAt(event, 'fulfillment_id'), deliveredAt }) })
    : [];
}

function refundEvents(id: string, object: Json): StoreEvent[] {
  const transactions = listAt(object, 'transactions').filter(
    ({ kind, status }) => kind === 'refund' && status !== 'failure',
  );
  const [first] = transactions;
  const amount = sumOf(transactions.map((transaction) => textAt(transaction, 'amount') ?? '0'));
  if (!first || !/[1-9]/.test(amount)) return [];
  const items = listAt(object, 'refund_line_items').map((line) => ({
    name: nameOf(objectAt(line, 'line_item')),
    quantity: quantityOf(line),
  }));
  const refund = known({
    id: textAt(object, 'id'),
    amount,
    reason: textAt(object, 'note'),
    items: items.length > 0 ? items : undefined,
  });
  return ofOrder(id, object, 'order.partially_refunded', { refund });
}

/** Of decimal strings with at most three digits, without floats. */
function sumOf(amounts: readonly string[]): string {
  const thousandths = amounts.reduce((sum, amount) => {
    const [whole = '0', fraction = ''] = amount.split('.');
    return sum + BigInt(whole) * 1000n + BigInt(fraction.padEnd(3, '0').slice(0, 3));
  }, 0n);
  const text = thousandths.toString().padStart(4, '0');
  return `${text.slice(0, -3)}.${text.slice(-3)}`.replace(/0$/, '');
}
