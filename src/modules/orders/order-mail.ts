import { addressLines, type OrderEventType } from '../../domain/index.js';
import type { MessageContent } from '../delivery/index.js';
import type { OrderEvent } from './orders.schemas.js';

const templates: Record<OrderEventType, string> = {
  'order.placed': 'order-placed',
  'order.shipped': 'order-shipped',
};

/**
 * The mail of an event: its template with the order, the customer and the shipment as variables.
 * @param customer the name where anybody knows it, and the language of the mail
 */
export function orderMail(
  event: OrderEvent,
  customer: { name: string | null; locale: string },
): MessageContent {
  const { order } = event;
  return {
    template: templates[event.type],
    variables: {
      order: {
        ...order,
        placedAt: order.placedAt ?? (event.type === 'order.placed' ? event.occurredAt.toISOString() : null),
        shippingAddress: lines(order.shippingAddress, customer.locale),
        billingAddress: lines(order.billingAddress, customer.locale),
      },
      customer: { name: customer.name, email: event.customer.email.typed },
      ...(event.type === 'order.shipped' && { shipment: event.shipment ?? {} }),
    },
  };
}

type Address = OrderEvent['order']['shippingAddress'];

function lines(address: Address, locale: string): string[] | null {
  if (address === undefined || address === null) return null;
  const found = addressLines(address, locale);
  return found.length > 0 ? found : null;
}
