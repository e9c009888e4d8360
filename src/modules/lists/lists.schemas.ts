import { z } from 'zod';
import { longText, oneLine } from '../../domain/index.js';
import { pageOf, pageQuery } from '../../platform/http/index.js';
import { slugPattern, type List } from './lists.types.js';

const slug = z.string().regex(slugPattern, 'must be 1 to 63 of a-z, 0-9 and -, such as "spring-news"');

const optIn = z.enum(['double', 'single']);
const visibility = z.enum(['public', 'private']);
const reminder = z
  .boolean()
  .describe('Whether one mail reminds those who have not confirmed after two days.');
const softBounceLimit = z
  .number()
  .min(1)
  .max(1_000)
  .nullable()
  .describe(
    'Soft bounces at which this list lets go of an address; null: as everywhere (SOFT_BOUNCE_LIMIT).',
  );

export const createListBody = z
  .strictObject({
    slug,
    name: oneLine(200),
    description: longText(1_000).nullish(),
    optIn: optIn.default('double'),
    visibility: visibility.default('public'),
    reminder: reminder.default(false),
    softBounceLimit: softBounceLimit.default(null),
    sender: slug.optional().describe('Slug of a sender; the first one when left out.'),
  })
  .meta({ id: 'NewList' });
/** As a caller in this program may leave it: what has a default may be left out. */
export type CreateList = z.input<typeof createListBody>;

export const updateListBody = z
  .strictObject({
    name: oneLine(200),
    description: longText(1_000).nullable(),
    visibility,
    reminder,
    softBounceLimit,
    sender: slug,
    archived: z.boolean().describe('An archived list takes nobody and sends nothing; who was on it is kept.'),
  })
  .partial()
  .meta({ id: 'ListChange' });
export type UpdateList = z.infer<typeof updateListBody>;

export const listsQuery = pageQuery.extend({ after: z.uuid().optional() });

export const listView = z
  .object({
    id: z.uuid(),
    slug: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    optIn,
    visibility,
    reminder,
    softBounceLimit,
    sender: z.string(),
    archivedAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'List' });
export const listPage = pageOf(listView, 'ListPage');

export function toListView(list: List): z.infer<typeof listView> {
  const { senderId: _, tracking: __, senderSlug: sender, archivedAt, createdAt, updatedAt, ...rest } = list;
  return {
    ...rest,
    sender,
    archivedAt: archivedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
