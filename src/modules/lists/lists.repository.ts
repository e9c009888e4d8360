import { Injectable } from '@nestjs/common';
import { sql, type Selectable, type Updateable } from 'kysely';
import type { Executor, Tables } from '../../platform/database/index.js';
import { slugPattern, type List } from './lists.types.js';

type Row = Selectable<Tables['lists']> & { sender_slug: string };

export interface NewList {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly optIn: 'double' | 'single';
  readonly visibility: 'public' | 'private';
  readonly reminder: boolean;
  readonly softBounceLimit: number | null;
  readonly senderId: string;
}

@Injectable()
export class ListsRepository {
  /** @returns false when the slug is taken */
  async insert(executor: Executor, list: NewList): Promise<boolean> {
    const inserted = await executor
      .insertInto('lists')
      .values({
        id: list.id,
        slug: list.slug,
        name: list.name,
        description: list.description,
        opt_in: list.optIn,
        visibility: list.visibility,
        reminder: list.reminder,
        soft_bounce_limit: list.softBounceLimit,
        sender_id: list.senderId,
        archived_at: null,
      })
      .onConflict((conflict) => conflict.column('slug').doNothing())
      .returning('id')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  /** `archived: true` keeps the time at which an archived list was archived. */
  async update(
    executor: Executor,
    id: string,
    { archived, ...change }: Updateable<Tables['lists']> & { archived?: boolean | undefined },
  ): Promise<void> {
    await executor
      .updateTable('lists')
      .set({ ...change, updated_at: sql`now()` })
      .$if(archived !== undefined, (update) =>
        update.set({ archived_at: archived === true ? sql`coalesce(archived_at, now())` : null }),
      )
      .where('id', '=', id)
      .execute();
  }

  async page(executor: Executor, limit: number, after: string | undefined): Promise<List[]> {
    const rows = await select(executor)
      .$if(after !== undefined, (query) => query.where('lists.id', '>', after!))
      .orderBy('lists.id')
      .limit(limit)
      .execute();
    return rows.map(toList);
  }

  /** Whatever stands in a URL may come here: what can be no slug is not asked for. */
  async bySlugs(executor: Executor, slugs: readonly string[]): Promise<List[]> {
    const possible = slugs.filter((slug) => slugPattern.test(slug));
    if (possible.length === 0) return [];
    return (await select(executor).where('lists.slug', 'in', possible).execute()).map(toList);
  }

  async byIds(executor: Executor, ids: readonly string[]): Promise<List[]> {
    if (ids.length === 0) return [];
    return (await select(executor).where('lists.id', 'in', ids).orderBy('lists.id').execute()).map(toList);
  }

  async open(executor: Executor): Promise<List[]> {
    const rows = await select(executor)
      .where('lists.visibility', '=', 'public')
      .where('lists.archived_at', 'is', null)
      .orderBy('lists.id')
      .execute();
    return rows.map(toList);
  }
}

function select(executor: Executor) {
  return executor
    .selectFrom('lists')
    .innerJoin('senders', 'senders.id', 'lists.sender_id')
    .selectAll('lists')
    .select('senders.slug as sender_slug');
}

function toList(row: Row): List {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    optIn: row.opt_in,
    visibility: row.visibility,
    reminder: row.reminder,
    softBounceLimit: row.soft_bounce_limit,
    tracking: row.tracking,
    senderId: row.sender_id,
    senderSlug: row.sender_slug,
    archivedAt: row.archived_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
