import { z } from 'zod';
import { longText, oneLine, webUrl } from '../../domain/index.js';
import { amount, day } from './order-fields.js';

/** What an event says besides the order: the parcel, the payment, the refund, the keys. */

const someItems = z
  .array(z.looseObject({ name: longText(500), quantity: z.number().positive().max(1_000_000) }))
  .max(500)
  .nullish();
const reason = longText(500).nullish();

export const shipmentFields = z.looseObject({
  id: oneLine(200).nullish().describe('Tells the shipments of one order apart: one mail for each.'),
  carrier: z.string().max(200).nullish(),
  trackingNumber: z.string().max(200).nullish(),
  trackingUrl: webUrl.nullish(),
  estimatedDelivery: day.nullish(),
  deliveredAt: day.nullish(),
  leftAt: longText(200).nullish().describe('Where the parcel was left: "at the front door".'),
  items: someItems.describe('What is in the parcel; the whole order when left out.'),
});

export const paymentFields = z.looseObject({
  id: oneLine(200).nullish(),
  amount: amount.nullish().describe('The order’s total when left out.'),
  method: z.string().max(200).nullish().describe('As the customer knows it: "Visa ending in 4242".'),
  receiptUrl: webUrl.nullish(),
  retryUrl: webUrl.nullish().describe('Where the customer pays again.'),
  reason: reason.describe('Why the payment failed, in words for the customer.'),
});

export const refundFields = z.looseObject({
  id: oneLine(200).nullish().describe('Tells the refunds of one order apart: one mail for each.'),
  amount: amount.nullish().describe('The order’s total when left out.'),
  method: z.string().max(200).nullish().describe('Where the money goes: "Visa ending in 4242".'),
  arrivesBy: day.nullish(),
  reason,
  items: someItems,
});

const someUrl = webUrl.describe('A link of the customer’s own.');
export const fulfilmentFields = z
  .looseObject({
    licences: z
      .array(z.looseObject({ name: longText(500), key: longText(2_000) }))
      .max(200)
      .default([])
      .describe('One for each licence: what it is for, and its key.'),
    downloads: z
      .array(
        z.looseObject({
          name: longText(500),
          url: someUrl,
          expiresAt: day.nullish(),
          size: z.string().max(50).nullish().describe('As the customer reads it: "48 MB".'),
        }),
      )
      .max(200)
      .default([]),
    instructions: longText(5_000).nullish(),
  })
  .superRefine(({ licences, downloads }, context) => {
    if (licences.length + downloads.length > 0) return;
    context.addIssue({ code: 'custom', message: 'needs at least one of licences and downloads' });
  });

export const cancellationFields = z.looseObject({
  reason,
  refund: z
    .enum(['full', 'partial', 'none'])
    .nullish()
    .describe('Whether money goes back; nothing is said of it when left out.'),
});

export const holdFields = z.looseObject({
  reason,
  actionUrl: webUrl.nullish().describe('Where the customer can put it right.'),
  until: day.nullish(),
});

export const backorderFields = z.looseObject({
  items: someItems.describe('What is not there yet; the whole order when left out.'),
  expectedAt: day.nullish(),
  cancelUrl: webUrl.nullish(),
});
