import { z } from 'zod';
import { emailAddress, localeTag, oneLine, refuseBadText } from '../../domain/index.js';
import { pageOf, pageQuery } from '../../platform/http/index.js';
import type { List } from '../lists/index.js';
import type { Person, Subscription } from './subscribers.types.js';

const MAX_ATTRIBUTES = 100;
const MAX_VALUE = 1_000;

const attributeValue = z.union(
  [z.string().max(MAX_VALUE), z.number(), z.boolean(), z.null(), z.array(z.string().max(MAX_VALUE)).max(100)],
  {
    error: `must be a text of at most ${MAX_VALUE} characters, a number, true, false, null or a list of texts`,
  },
);

export const personName = oneLine(200);

/** Flat, so that a merge tag or a segment can name each; null removes one. */
export const personAttributes = z
  .record(oneLine(64), attributeValue)
  .superRefine(refuseBadText)
  .refine(
    (value) => Object.keys(value).length <= MAX_ATTRIBUTES,
    `must have at most ${MAX_ATTRIBUTES} attributes`,
  );

const timezone = z
  .string()
  .max(64)
  .refine((value) => {
    try {
      return Boolean(new Intl.DateTimeFormat('en', { timeZone: value }));
    } catch {
      return false;
    }
  }, 'is not a time zone of the IANA list, such as "Europe/Berlin"');

const status = z.enum(['pending', 'confirmed', 'unsubscribed']);

export const searchSubscribersBody = pageQuery
  .extend({
    email: emailAddress.optional(),
    list: z.string().min(1).max(63).optional().describe('Slug of a list.'),
    status: status.optional().describe('Of the subscription to `list`, or of any subscription.'),
    after: z.uuid().optional(),
  })
  .meta({ id: 'SubscriberSearch' });
export type SearchSubscribers = z.infer<typeof searchSubscribersBody>;

export const changeSubscriberBody = z
  .strictObject({
    name: personName.nullable(),
    locale: localeTag.nullable(),
    timezone: timezone.nullable(),
    attributes: personAttributes.describe('Merged with those that are there; null removes one.'),
  })
  .partial()
  .meta({ id: 'SubscriberChange' });
export type ChangeSubscriber = z.infer<typeof changeSubscriberBody>;

export const subscriberView = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string().nullable(),
    locale: z.string().nullable(),
    timezone: z.string().nullable(),
    attributes: z.record(z.string(), attributeValue),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    subscriptions: z.array(
      z.object({
        id: z.uuid(),
        list: z.string(),
        status,
        askedAt: z.iso.datetime(),
        confirmedAt: z.iso.datetime().nullable(),
        leftAt: z.iso.datetime().nullable(),
        source: z.string().nullable().describe('Where it was asked for: host and path of a page, or a word.'),
        refused: z
          .string()
          .nullable()
          .describe('Why no mail can reach the address, where that ended it: no_such_domain, takes_no_mail.'),
      }),
    ),
  })
  .meta({ id: 'Subscriber' });
export const subscriberPage = pageOf(subscriberView, 'SubscriberPage');
export type SubscriberView = z.infer<typeof subscriberView>;

/** @param lists those that occur, by id */
export function toSubscriberView(
  person: Person,
  subscriptions: readonly Subscription[],
  lists: ReadonlyMap<string, List>,
): SubscriberView {
  return {
    id: person.id,
    email: person.address ?? '',
    name: person.name,
    locale: person.locale,
    timezone: person.timezone,
    attributes: person.attributes as SubscriberView['attributes'],
    createdAt: person.createdAt.toISOString(),
    updatedAt: person.updatedAt.toISOString(),
    subscriptions: subscriptions.map((subscription) => ({
      id: subscription.id,
      list: lists.get(subscription.listId)?.slug ?? '',
      status: subscription.status,
      askedAt: subscription.askedAt.toISOString(),
      confirmedAt: subscription.confirmedAt?.toISOString() ?? null,
      leftAt: subscription.leftAt?.toISOString() ?? null,
      source: subscription.source,
      refused: subscription.refused,
    })),
  };
}
