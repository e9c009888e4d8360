import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Cell, Grouped } from '../../domain/index.js';
import type { Executor } from '../../platform/database/index.js';

/** What is published of one list: each of its confirmed subscriptions stands once in each table. */
export interface PublishedList {
  readonly subscriptions: number;
  readonly languages: Grouped;
  readonly sources: Grouped;
  readonly months: Grouped;
}

export interface Release {
  readonly takenAt: Date;
  /** Null where the list was too small. */
  readonly published: PublishedList | null;
}

export type Tables = Record<'languages' | 'sources' | 'months', Cell[]>;

const tableOf = ['languages', 'sources', 'months'] as const;

@Injectable()
export class AudienceRepository {
  /** One at a time: two would each find that a crowd has come, and say two different things. */
  async lock(executor: Executor): Promise<void> {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended('audience report', 0))`.execute(executor);
  }

  async lists(executor: Executor): Promise<{ id: string; slug: string; name: string }[]> {
    return executor.selectFrom('lists').select(['id', 'slug', 'name']).orderBy('slug').execute();
  }

  async release(executor: Executor, listId: string): Promise<Release | undefined> {
    const row = await executor
      .selectFrom('audience_releases')
      .select(['taken_at', 'published'])
      .where('list_id', '=', listId)
      .executeTakeFirst();
    return (
      row && { takenAt: row.taken_at, published: (row.published as { list: PublishedList | null }).list }
    );
  }

  async keep(executor: Executor, listId: string, { takenAt, published }: Release): Promise<void> {
    const row = { taken_at: takenAt, published: JSON.stringify({ list: published }) };
    await executor
      .insertInto('audience_releases')
      .values({ list_id: listId, ...row })
      .onConflict((conflict) => conflict.column('list_id').doUpdateSet(row))
      .execute();
  }

  /** How many confirmed or left since then. */
  async comeAndGone(executor: Executor, listId: string, since: Date): Promise<number> {
    const { rows } = await executor
      .selectFrom('subscriptions')
      .select((row) => row.fn.countAll<number>().as('rows'))
      .where('list_id', '=', listId)
      .where((row) => row.or([row('confirmed_at', '>', since), row('left_at', '>', since)]))
      .executeTakeFirstOrThrow();
    return rows;
  }

  /** Confirmed subscriptions by language (without the region), by where they were asked for, and by the month of their confirmation. */
  async tables(executor: Executor, listId: string): Promise<Tables> {
    const { rows } = await sql<{ which: number; key: string | null; count: number }>`
      SELECT CASE WHEN grouping(language) = 0 THEN 0 WHEN grouping(source) = 0 THEN 1 ELSE 2 END AS which,
             coalesce(language, source, month) AS key, count(*) AS count
        FROM (SELECT coalesce(lower(split_part(p.locale, '-', 1)), 'unknown') AS language,
                     coalesce(s.source, 'unknown') AS source,
                     coalesce(to_char(s.confirmed_at AT TIME ZONE 'UTC', 'YYYY-MM'), 'unknown') AS month
                FROM subscriptions s JOIN people p ON p.id = s.person_id
               WHERE s.list_id = ${listId} AND s.status = 'confirmed') one
       GROUP BY GROUPING SETS ((language), (source), (month))`.execute(executor);
    const tables: Tables = { languages: [], sources: [], months: [] };
    for (const { which, key, count } of rows) tables[tableOf[which]!].push({ key: key ?? 'unknown', count });
    return tables;
  }
}
