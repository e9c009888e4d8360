import { z } from 'zod';
import { emailAddress, longText } from '../../domain/index.js';
import { pageOf, pageQuery } from '../../platform/http/index.js';
import type { Suppression } from './suppression.types.js';

const scope = z.enum(['all', 'news', 'list']);
const reason = z.enum(['hard_bounce', 'soft_bounces', 'complaint', 'manual', 'imported']);
const list = z.string().min(1).max(63).describe('Slug of the list; only with the scope "list".');

export const addSuppressionBody = z
  .strictObject({
    address: emailAddress,
    scope: scope
      .default('all')
      .describe('"all" stops order mail too, "news" all news, "list" the news of one list.'),
    list: list.optional(),
    reason: z.enum(['manual']).default('manual'),
    evidence: longText(2_000).optional(),
  })
  .superRefine((body, context) => {
    if ((body.scope === 'list') === (body.list !== undefined)) return;
    const message = body.scope === 'list' ? 'say which list' : 'goes with the scope "list" only';
    context.addIssue({ code: 'custom', path: ['list'], message });
  })
  .meta({ id: 'NewSuppression' });
export type AddSuppression = z.infer<typeof addSuppressionBody>;

export const searchSuppressionsBody = pageQuery
  .extend({
    address: emailAddress,
    scope,
    list,
    reason,
    active: z.boolean().describe('Those that hold now, or those that were released.'),
    after: z.uuid(),
  })
  .partial()
  .extend({ limit: pageQuery.shape.limit })
  .meta({ id: 'SuppressionSearch' });
export type SearchSuppressions = z.infer<typeof searchSuppressionsBody>;

export const releaseBody = z
  .strictObject({ note: longText(2_000).describe('Why it is lifted, for whoever asks later.') })
  .meta({ id: 'SuppressionRelease' });
export type Release = z.infer<typeof releaseBody>;

export const suppressionView = z
  .object({
    id: z.uuid(),
    address: z.string(),
    scope,
    list: z.string().nullable(),
    reason,
    evidence: z.string().nullable(),
    createdAt: z.iso.datetime(),
    releasedAt: z.iso.datetime().nullable(),
    releaseNote: z.string().nullable(),
  })
  .meta({ id: 'Suppression' });
export const suppressionPage = pageOf(suppressionView, 'SuppressionPage');

/** @param slugs of the lists that occur, by id */
export function toSuppressionView(
  suppression: Suppression,
  slugs: ReadonlyMap<string, string>,
): z.infer<typeof suppressionView> {
  const { listId, createdAt, releasedAt, ...rest } = suppression;
  return {
    ...rest,
    list: listId === null ? null : (slugs.get(listId) ?? null),
    createdAt: createdAt.toISOString(),
    releasedAt: releasedAt?.toISOString() ?? null,
  };
}
