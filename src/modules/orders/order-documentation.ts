import { orderEventTypes, type OrderEventType } from '../../domain/index.js';
import { exampleOf, ownPartOf } from './order-examples.js';

/** What each event tells the customer, and the fields that are its own. */
const meanings: Record<OrderEventType, string> = {
  'order.placed':
    'The confirmation, with everything that was ordered. Sent after a payment that was quicker, not after the parcel.',
  'order.paid': 'The receipt. One for each order, through however many channels the payment is told.',
  'order.payment_failed':
    'The way to pay again. Not sent where a payment at the same time or later went through.',
  'order.processing': 'The order is being put together.',
  'order.on_hold': 'Why it waits, and where the customer can put it right.',
  'order.backordered': 'What is not there yet, and when it is expected.',
  'order.partially_shipped':
    'A parcel with a part of the order. One mail for each `shipment.id`, which it must have. Not sent after `order.shipped` of the same parcel.',
  'order.shipped': 'The last or only parcel, with its tracking link. One mail for each `shipment.id`.',
  'order.out_for_delivery': 'It arrives today. Not sent after `order.delivered` of the same parcel.',
  'order.delivered': 'It is there, and where it was left.',
  'order.fulfilled': 'Digital goods: licence keys, downloads, or both.',
  'order.cancelled':
    'Nothing more comes. After it only refunds are told; everything else is kept and answers `skipped`, `cancelled`.',
  'order.partially_refunded':
    'A part of the money is on its way back, more than nothing and at most the total. One mail for each `refund.id`, which it must have.',
  'order.refunded': 'All of it is. After it nothing else is told: `skipped`, `refunded`.',
};

/** `docs/order-events.md`, which is made by `npm run docs`. */
export function orderEventsPage(): string {
  const sections = orderEventTypes.map((type) => {
    const own = ownPartOf(type);
    const says = Object.keys(own).length > 0 ? json(own) : 'Nothing besides the order and the customer.';
    return `## ${type}\n\n${meanings[type]}\n\n${says}`;
  });
  return `${[introduction(), ...sections].join('\n\n')}\n`;
}

function introduction(): string {
  return `# Order events

Made by \`npm run docs\`. Every event has the fields of this one, and some have a part of their own, below; \`POST /v1/order-events/batch\` takes up to 100 of them as \`{"events": […]}\`.

${json(exampleOf('order.placed'))}

Money is a decimal string with the digits of its currency. \`total\` must be what its parts give: items (or \`subtotal\`), \`shipping\`, \`fees\`, less \`discount\`, with \`tax\` on top or
inside; what is charged besides goes into \`fees\`. \`shop\` tells several shops apart; order ids are unique within one. Fields of your own in \`order\` and its items are kept for templates of your own.

An event that makes no sense any more (\`late\`), that was told before (\`duplicate\`), or that comes after the end (\`cancelled\`, \`refunded\`) sends nothing, answers \`skipped\` with that reason, and is
kept: \`GET /v1/orders/:id\` shows it with all others, their mails, and what became of them.

![Every order mail](order-mails.png)`;
}

function json(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}
