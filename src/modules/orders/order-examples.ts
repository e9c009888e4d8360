import type { OrderEventType } from '../../domain/index.js';

/** One believable event of each kind: what the API reference and docs/order-events.md show, and what a test posts. */

const order = {
  id: '10482',
  number: '10482',
  currency: 'EUR',
  items: [
    {
      name: 'Walnut serving bowl',
      quantity: 1,
      unitPrice: '89.00',
      sku: 'JM-BOWL-L',
      imageUrl: 'https://shop.example/images/bowl.jpg',
    },
    { name: 'Linen tea towel', quantity: 3, unitPrice: '14.50', sku: 'JM-TOWEL-U' },
  ],
  subtotal: '132.50',
  shipping: '6.90',
  tax: '22.26',
  total: '139.40',
  url: 'https://shop.example/orders/10482',
  placedAt: '2026-11-22T09:41:00Z',
  shippingAddress: ['Anna Lindqvist', 'Sveavägen 44', '111 34 Stockholm', 'Sweden'],
};
const customer = { email: 'anna@example.com', name: 'Anna', locale: 'en' };
const parcel = {
  id: 'parcel-1',
  carrier: 'PostNord',
  trackingNumber: 'UJ428817395SE',
  trackingUrl: 'https://tracking.example/UJ428817395SE',
};
const method = 'Visa, •••• 4242';

/** What each kind of event says besides the order and the customer. */
const about: Record<OrderEventType, Readonly<Record<string, unknown>>> = {
  'order.placed': {},
  'order.paid': {
    payment: { amount: '139.40', method, receiptUrl: 'https://shop.example/receipts/10482' },
  },
  'order.payment_failed': {
    payment: { method, reason: 'The bank declined the card.', retryUrl: 'https://shop.example/pay/10482' },
  },
  'order.processing': {},
  'order.on_hold': {
    hold: {
      reason: 'The house number is missing in the delivery address.',
      actionUrl: 'https://shop.example/orders/10482/address',
      until: '2026-12-06',
    },
  },
  'order.backordered': {
    backorder: { items: [{ name: 'Linen tea towel', quantity: 3 }], expectedAt: '2026-12-04' },
  },
  'order.partially_shipped': {
    shipment: { ...parcel, items: [{ name: 'Walnut serving bowl', quantity: 1 }] },
  },
  'order.shipped': { shipment: { ...parcel, estimatedDelivery: '2026-11-26' } },
  'order.out_for_delivery': { shipment: parcel },
  'order.delivered': {
    shipment: { id: 'parcel-1', deliveredAt: '2026-11-26', leftAt: 'with the neighbour on the ground floor' },
  },
  'order.fulfilled': {
    fulfilment: {
      licences: [{ name: 'Field Notes Editor', key: 'FNE7-Q2KD-88XM-41TV' }],
      downloads: [
        { name: 'Field Notes Editor for macOS', url: 'https://downloads.example/fne-mac', size: '48 MB' },
      ],
    },
  },
  'order.cancelled': { cancellation: { reason: 'You asked us to cancel it.', refund: 'full' } },
  'order.partially_refunded': {
    refund: {
      id: 'refund-1',
      amount: '14.50',
      method,
      reason: 'One towel arrived stained.',
      items: [{ name: 'Linen tea towel', quantity: 1 }],
    },
  },
  'order.refunded': { refund: { id: 'refund-2', amount: '139.40', method, arrivesBy: '2026-12-01' } },
};

/** The body of `POST /v1/order-events` for one kind of event. */
export function exampleOf(type: OrderEventType): Record<string, unknown> {
  const id = `evt-10482-${type.replace('order.', '')}`;
  return { id, type, occurredAt: '2026-11-22T09:41:00Z', order, customer, ...about[type] };
}

/** What the example says besides the order and the customer, which are the same in all. */
export function ownPartOf(type: OrderEventType): Readonly<Record<string, unknown>> {
  return about[type];
}
