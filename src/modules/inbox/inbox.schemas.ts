import { z } from 'zod';

/** Query strings of the pages. A person edits these by hand: what makes no sense counts as not said. */
const q = z.string().trim().max(200).catch('');

export const listQuery = z.object({ q, after: z.uuid().nullable().catch(null) });

export const messageQuery = z.object({
  q,
  view: z.enum(['html', 'text', 'source', 'headers']).nullable().catch(null),
});

export const frameQuery = z.object({ scheme: z.enum(['light', 'dark']).catch('light') });
