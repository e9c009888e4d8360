import {
  currencyDigits,
  expectedTotal,
  isCurrency,
  millionthsOf,
  type OrderSums,
} from '../../../domain/index.js';
import { objectAt, type Json } from './fields.js';

/** What a platform tells is what its shop and its customers typed. It is made to fit where that costs the customer no mail. */

/** Fields of an event's parts that no mail can do without. */
const NEEDED = new Set([
  'order.id',
  'order.number',
  'order.currency',
  'order.items',
  'order.total',
  'customer.email',
  'refund.id',
  'refund.amount',
  'shipment.id',
]);

/**
 * The body without the optional fields that `issues` complain of: a note of many pages, a language that is none or a tracking link
 * without https is left out, and the mail goes.
 */
export function withoutMisfits(
  body: Json,
  issues: readonly { readonly path: readonly PropertyKey[] }[],
): Json {
  const fitting = structuredClone(body);
  for (const { path } of issues) {
    const [part = '', field = ''] = path.map(String);
    const holder: Record<string, unknown> | undefined = objectAt(fitting, part);
    if (holder && !NEEDED.has(`${part}.${field}`)) delete holder[field];
  }
  return fitting;
}

/** Platforms leave out tips, duties and gift cards. Sums that do not add up are not shown: the total is what was charged. */
export function balanced(order: Json): Json {
  const currency = String(order['currency']);
  const sums = order as unknown as OrderSums;
  if (!isCurrency(currency) || !Array.isArray(sums.items) || typeof sums.total !== 'string') return order;
  if (expectedTotal(sums, currencyDigits(currency)) === undefined) return order;
  const { subtotal: _1, shipping: _2, tax: _3, discount: _4, fees: _5, ...rest } = order;
  return { ...rest, items: sums.items.map(({ unitPrice: _6, total: _7, ...item }) => item) };
}

/** Whether a refund gives back all that was charged. */
export function isWhole(refund: unknown, order: Json): boolean {
  const amount = (refund as { amount?: string } | undefined)?.amount;
  return amount !== undefined && millionthsOf(amount) === millionthsOf(String(order['total']));
}
