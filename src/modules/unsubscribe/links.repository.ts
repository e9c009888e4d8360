import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { z } from 'zod';
import { newId } from '../../domain/index.js';
import { KeyRing } from '../../platform/crypto/index.js';
import type { Executor } from '../../platform/database/index.js';

const asked = z.object({ canonical: z.string() });

/** Addresses that were typed at /preferences and wait for the worker that looks them up. Each is there for seconds. */
@Injectable()
export class LinkRequestsRepository {
  constructor(private readonly keys: KeyRing) {}

  async add(executor: Executor, canonical: string): Promise<string> {
    const id = newId();
    await executor
      .insertInto('link_requests')
      .values({ id, asked: this.keys.sealJson('content', { canonical }) })
      .execute();
    return id;
  }

  /** Takes it out in the caller's transaction. @returns the canonical address; undefined when somebody else took it */
  async take(executor: Executor, id: string): Promise<string | undefined> {
    const row = await executor
      .deleteFrom('link_requests')
      .where('id', '=', id)
      .returning('asked')
      .executeTakeFirst();
    return row && this.open(row.asked);
  }

  /** Those that nobody has taken for a second. */
  async waiting(executor: Executor, limit: number): Promise<string[]> {
    const rows = await executor
      .selectFrom('link_requests')
      .select('id')
      .where('created_at', '<', sql<Date>`now() - interval '1 second'`)
      .orderBy('created_at')
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** They are sealed, so each is opened; there are as many as were asked for in the last second. */
  async removeOf(executor: Executor, canonical: string): Promise<void> {
    const rows = await executor.selectFrom('link_requests').select(['id', 'asked']).execute();
    const ids = rows.filter((row) => this.open(row.asked) === canonical).map(({ id }) => id);
    if (ids.length > 0) await executor.deleteFrom('link_requests').where('id', 'in', ids).execute();
  }

  async countOld(executor: Executor, days: number): Promise<number> {
    const { count } = await executor
      .selectFrom('link_requests')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('created_at', '<', olderThan(days))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** @returns how many went */
  async removeOld(executor: Executor, days: number): Promise<number> {
    const gone = await executor
      .deleteFrom('link_requests')
      .where('created_at', '<', olderThan(days))
      .executeTakeFirst();
    return Number(gone.numDeletedRows);
  }

  private open(sealed: Buffer): string {
    return asked.parse(this.keys.unsealJson('content', sealed)).canonical;
  }
}

function olderThan(days: number) {
  return sql<Date>`now() - make_interval(days => ${days})`;
}
