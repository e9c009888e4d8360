import { z } from 'zod';
import {
  deliveryStates,
  emailAddress,
  localeTag,
  moment,
  oneLine,
  orderEventTypes,
  orderSkipReasons,
  refuseBadText,
  refuseLarge,
  whenValid,
  type OrderEventType,
} from '../../domain/index.js';
import { itemError } from '../../platform/http/index.js';
import {
  backorderFields,
  cancellationFields,
  fulfilmentFields,
  holdFields,
  paymentFields,
  refundFields,
  shipmentFields,
} from './event-fields.js';
import { attachedFile } from '../delivery/index.js';
import { exampleOf } from './order-examples.js';
import { amount, amountReader, orderFields } from './order-fields.js';

const shop = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be made of a-z, 0-9 and -, such as "berlin-store"')
  .default('default')
  .describe('Order ids are unique within it. Leave it out where there is one shop.');

/** Seconds that were taken for milliseconds, and the like, would be told to the customer as the day of the order. */
const occurredAt = moment.refine((at) => at.getUTCFullYear() >= 2000 && at.getUTCFullYear() < 2100, {
  error: 'must lie between 2000 and 2100',
});

const common = {
  id: oneLine(200).describe('The event is taken once, however often it is sent.'),
  occurredAt,
  shop,
  order: orderFields,
  customer: z.strictObject({
    email: emailAddress,
    name: oneLine(200).nullish(),
    locale: localeTag.nullish().describe('Language of the mail.'),
  }),
};

/** `order.partially_shipped` → `OrderPartiallyShipped`. */
function event<Type extends OrderEventType, Extra extends z.ZodRawShape>(type: Type, extra: Extra) {
  const id = type.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase());
  return z
    .strictObject({ type: z.literal(type), ...common, ...extra })
    .meta({ id, examples: [exampleOf(type)] });
}

/** The file itself is kept with the mail; the event keeps what it was. */
const invoice = { invoice: attachedFile.optional().describe('Goes with the mail as a file, at most 10 MB.') };
const aboutParcel = { shipment: shipmentFields.optional() };
/** Of a part there can be more: without an id the second one would be taken for the first, and its mail not sent. */
const partId = oneLine(200).describe('Tells the parts of one order apart: one mail for each.');
const aboutPayment = { payment: paymentFields.optional() };

/** Fields of the shop's own are kept, sealed, for each event: as much as any other call takes. */
const EVENT_KILOBYTES = 1_024;
const withoutInvoice = (event: object) => ({ ...event, invoice: undefined });

export const orderEvent = z
  .discriminatedUnion(
    'type',
    [
      event('order.placed', invoice),
      event('order.paid', { ...aboutPayment, ...invoice }),
      event('order.payment_failed', aboutPayment),
      event('order.processing', {}),
      event('order.on_hold', { hold: holdFields.optional() }),
      event('order.backordered', { backorder: backorderFields.optional() }),
      event('order.partially_shipped', { shipment: shipmentFields.extend({ id: partId }) }),
      event('order.shipped', { ...aboutParcel, ...invoice }),
      event('order.out_for_delivery', aboutParcel),
      event('order.delivered', aboutParcel),
      event('order.fulfilled', { fulfilment: fulfilmentFields }),
      event('order.cancelled', { cancellation: cancellationFields.optional() }),
      event('order.partially_refunded', { refund: refundFields.extend({ id: partId, amount }) }),
      event('order.refunded', { refund: refundFields.optional(), ...invoice }),
    ],
    {
      error: ({ code }) =>
        code === 'invalid_union' ? `must be one of ${orderEventTypes.join(', ')}` : undefined,
    },
  )
  .superRefine(refuseBadText, whenValid)
  .superRefine(refuseLarge(EVENT_KILOBYTES, withoutInvoice), whenValid)
  .superRefine((event, context) => {
    const money = amountReader(event.order.currency, context);
    if ('payment' in event && event.payment) money(event.payment, ['amount'], ['payment']);
    if ('refund' in event && event.refund) money(event.refund, ['amount'], ['refund']);
  }, whenValid)
  .meta({ id: 'OrderEvent' });
export type OrderEvent = z.infer<typeof orderEvent>;

export const orderEventAnswer = z
  .object({
    emailId: z.uuid().nullable().describe('The mail to the customer; null where nothing is to be sent.'),
    status: z.enum(['queued', 'skipped']),
    reason: z
      .enum(orderSkipReasons)
      .optional()
      .describe(
        'late: the order is further than this event. duplicate: another event has sent this mail. cancelled, refunded: the order is over.',
      ),
  })
  .meta({ id: 'OrderEventAnswer' });
export type OrderEventAnswer = z.infer<typeof orderEventAnswer>;

/** RFC 5321 has no say here: it is what one request can answer in a second. */
const MAX_BATCH = 100;

/** Each is read by itself, so that a mistake in one does not cost the others. */
export const orderEventBatch = z.strictObject({ events: z.array(z.unknown()).min(1).max(MAX_BATCH) }).meta({
  id: 'OrderEventBatch',
  description: `1 to ${MAX_BATCH} events, each as for POST /v1/order-events.`,
});
export type OrderEventBatch = z.infer<typeof orderEventBatch>;

export const orderEventBatchAnswer = z
  .object({
    data: z
      .array(
        z.object({
          statusCode: z.int().describe('What POST /v1/order-events would have answered.'),
          ...orderEventAnswer.partial().shape,
          error: itemError.optional(),
        }),
      )
      .describe('In the order of the request.'),
  })
  .meta({ id: 'OrderEventBatchAnswer' });
export type OrderEventBatchAnswer = z.infer<typeof orderEventBatchAnswer>;

export const orderQuery = z.strictObject({ shop });
export type OrderQuery = z.infer<typeof orderQuery>;

const timestamp = z.iso.datetime();
const orderMailView = z.object({
  id: z.uuid(),
  subject: z.string().nullable(),
  state: z.enum(deliveryStates),
  reply: z.string().nullable().describe('The server’s last words.'),
  createdAt: timestamp,
  settledAt: timestamp.nullable(),
  outcome: z.enum(['delivered', 'bounced', 'complained']).nullable(),
});
export type OrderMailView = z.infer<typeof orderMailView>;

export const orderView = z
  .object({
    id: z.string().describe('The shop’s own id of the order.'),
    shop: z.string(),
    number: z.string(),
    state: z.string(),
    subscriberId: z.uuid().describe('The customer.'),
    createdAt: timestamp,
    updatedAt: timestamp,
    events: z
      .array(
        z.object({
          id: z.string(),
          type: z.enum(orderEventTypes),
          source: z.string().describe('The channel that told it: "api", "stripe", "shopify".'),
          part: z.string().nullable().describe('The shipment or refund that it speaks of.'),
          occurredAt: timestamp,
          receivedAt: timestamp,
          status: z.enum(['queued', 'skipped']),
          reason: z.enum(orderSkipReasons).nullable(),
          email: orderMailView
            .nullable()
            .describe('Null where nothing was sent, and once the mail is past its retention.'),
          resends: z
            .array(orderMailView)
            .describe('Mails that repeat it because somebody asked, oldest first.'),
        }),
      )
      .describe('In the order in which they were received.'),
  })
  .meta({ id: 'Order' });
export type OrderView = z.infer<typeof orderView>;
