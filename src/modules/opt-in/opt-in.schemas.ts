import { z } from 'zod';
import { emailAddress, localeTag, longText, oneLine } from '../../domain/index.js';
import { personAttributes, personName } from '../subscribers/index.js';

const MAX_LISTS = 50;

export const subscribeBody = z
  .strictObject({
    email: emailAddress,
    lists: z.array(z.string().min(1).max(63)).min(1).max(MAX_LISTS).describe('Slugs of lists.'),
    name: personName.nullish(),
    locale: localeTag.nullish(),
    attributes: personAttributes.optional(),
    consent: z.strictObject({
      text: longText(5_000).describe('The exact words that the person agreed to.'),
      source: oneLine(500).describe('Where: the URL of the page, or "checkout".'),
      ip: z
        .union([z.ipv4(), z.ipv6()], 'is not an IP address')
        .optional()
        .describe('Stored without its last part.'),
      userAgent: oneLine(1_000).optional().describe('Stored as the family of the browser.'),
    }),
  })
  .meta({ id: 'NewSubscription' });
export type Subscribe = z.infer<typeof subscribeBody>;

export const askedView = z
  .object({
    subscriberId: z.uuid(),
    subscriptions: z.array(
      z.object({
        id: z.uuid(),
        list: z.string(),
        status: z.enum(['pending', 'confirmed', 'unsubscribed']),
      }),
    ),
  })
  .meta({ id: 'Subscriptions' });

export const resentView = z
  .object({ id: z.uuid(), status: z.enum(['pending', 'confirmed', 'unsubscribed']) })
  .meta({ id: 'ResentConfirmation' });
