import { z } from 'zod';

/** Lists page by cursor: `after` is the id of the last row of the page before. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().max(100).optional(),
});
export type PageQuery = z.infer<typeof pageQuery>;

export interface Page<T> {
  readonly data: T[];
  readonly hasMore: boolean;
}

export function pageOf<T extends z.ZodType>(item: T, id: string) {
  return z.object({ data: z.array(item), hasMore: z.boolean() }).meta({ id });
}

/** Cuts a page from `limit + 1` rows. */
export function toPage<Row, T>(rows: readonly Row[], limit: number, map: (row: Row) => T): Page<T> {
  return { data: rows.slice(0, limit).map(map), hasMore: rows.length > limit };
}
