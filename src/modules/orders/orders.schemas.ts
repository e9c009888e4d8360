import { z } from 'zod';
import {
  emailAddress,
  localeTag,
  moment,
  oneLine,
  orderEventTypes,
  refuseBadText,
  whenValid,
} from '../../domain/index.js';
import { orderFields, shipmentFields } from './order-fields.js';

const common = {
  id: oneLine(200).describe('The event is taken once, however often it is sent.'),
  occurredAt: moment,
  order: orderFields,
  customer: z.strictObject({
    email: emailAddress,
    name: oneLine(200).nullish(),
    locale: localeTag.nullish().describe('Language of the mail.'),
  }),
};

export const orderEvent = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({ type: z.literal('order.placed'), ...common }).meta({ id: 'OrderPlaced' }),
      z
        .strictObject({ type: z.literal('order.shipped'), ...common, shipment: shipmentFields.optional() })
        .meta({ id: 'OrderShipped' }),
    ],
    {
      error: ({ code }) =>
        code === 'invalid_union' ? `must be one of ${orderEventTypes.join(', ')}` : undefined,
    },
  )
  .superRefine(refuseBadText, whenValid)
  .meta({ id: 'OrderEvent' });
export type OrderEvent = z.infer<typeof orderEvent>;

export const orderEventAnswer = z
  .object({
    emailId: z.uuid().nullable().describe('The mail to the customer; null where nothing is to be sent.'),
    status: z.enum(['queued', 'skipped']),
    reason: z
      .enum(['late', 'duplicate'])
      .optional()
      .describe('late: the order is further than this event. duplicate: another event has sent this mail.'),
  })
  .meta({ id: 'OrderEventAnswer' });
export type OrderEventAnswer = z.infer<typeof orderEventAnswer>;
