import { addressLines, parseMoney } from '../../domain/index.js';
import type { MessageContent } from '../delivery/index.js';
import type { OrderEvent } from './orders.schemas.js';

/** `order.partially_shipped` → `order-partially-shipped`: a folder of templates/, or what an operator put in its place. */
export function templateOf(type: OrderEvent['type']): string {
  return type.replaceAll(/[._]/g, '-');
}

/**
 * The mail of an event: its template, with the order, the customer and whatever the event speaks of as variables. Each of these is
 * there, if empty, so that a template can ask for `shipment.carrier` of an event that named none.
 * @param customer the name where anybody knows it, and the language of the mail
 */
export function orderMail(
  event: OrderEvent,
  customer: { name: string | null; locale: string },
): MessageContent {
  const { order, type } = event;
  return {
    template: templateOf(type),
    variables: {
      order: {
        ...order,
        placedAt: order.placedAt ?? (type === 'order.placed' ? event.occurredAt.toISOString() : null),
        shippingAddress: lines(order.shippingAddress, customer.locale),
        billingAddress: lines(order.billingAddress, customer.locale),
      },
      customer: { name: customer.name, email: event.customer.email.typed },
      occurredAt: event.occurredAt.toISOString(),
      invoice: 'invoice' in event && event.invoice ? { filename: event.invoice.filename } : null,
      ...subjectOf(event),
    },
  };
}

/** What the event speaks of besides the order, under the name that it has in the event. */
function subjectOf(event: OrderEvent): Record<string, unknown> {
  switch (event.type) {
    case 'order.placed':
    case 'order.processing':
      return {};
    case 'order.paid':
    case 'order.payment_failed':
      return { payment: withAmount(event.payment, event.order) };
    case 'order.partially_shipped':
    case 'order.shipped':
    case 'order.out_for_delivery':
    case 'order.delivered':
      return { shipment: withItems(event.shipment, event.order) };
    case 'order.fulfilled':
      return { fulfilment: event.fulfilment };
    case 'order.cancelled':
      return { cancellation: event.cancellation ?? {} };
    case 'order.on_hold':
      return { hold: event.hold ?? {} };
    case 'order.backordered':
      return { backorder: withItems(event.backorder, event.order) };
    case 'order.refunded':
    case 'order.partially_refunded':
      return { refund: withAmount(withItems(event.refund, event.order), event.order) };
  }
}

type SomeItems = readonly { readonly name: string; readonly [field: string]: unknown }[];

/** A shop names the items of a parcel by name and quantity: their pictures and links are those of the order. */
function withItems(
  about: { readonly items?: SomeItems | null | undefined } | undefined,
  order: OrderEvent['order'],
): Record<string, unknown> {
  if (!about?.items) return { ...about };
  const items = about.items.map((item) => {
    const { imageUrl, url, description } =
      order.items.find(({ sku, name }) => (item['sku'] ? sku === item['sku'] : name === item.name)) ?? {};
    return { imageUrl, url, description, ...item };
  });
  return { ...about, items };
}

/** With its amount as a decimal string: the order's total where it names none. */
function withAmount(
  about: { readonly amount?: string | number | null | undefined } | undefined,
  { total, currency }: OrderEvent['order'],
): Record<string, unknown> {
  const parsed = parseMoney(about?.amount ?? total, currency);
  return { ...about, amount: parsed.ok ? parsed.amount : total };
}

/** Which shipment or refund the event speaks of; '' where it speaks of the whole order. There is one mail for each. */
export function partOf(event: OrderEvent): string {
  if ('shipment' in event) return event.shipment?.id ?? '';
  return 'refund' in event ? (event.refund?.id ?? '') : '';
}

type Address = OrderEvent['order']['shippingAddress'];

function lines(address: Address, locale: string): string[] | null {
  if (address === undefined || address === null) return null;
  const found = addressLines(address, locale);
  return found.length > 0 ? found : null;
}
