import { setTimeout as sleep } from 'node:timers/promises';
import type { AliasedExpression } from 'kysely';
import type { Executor } from '../database/index.js';

/** Rows a statement: its locks and its share of the disk are short enough that nobody who sends mail notices. */
const CHUNK = 500;
const PAUSE_MS = 20;

/**
 * Lets a purge go in small steps, each its own transaction, until one finds less than it may take.
 * @param step removes at most `limit` rows and says how many
 * @returns how many went in all
 */
export async function inChunks(step: (limit: number) => Promise<number>): Promise<number> {
  for (let total = 0; ; await sleep(PAUSE_MS)) {
    const gone = await step(CHUNK);
    total += gone;
    if (gone < CHUNK) return total;
  }
}

/** A query of any tables, of which only the number of rows matters. */
interface Countable {
  as(alias: 'found'): AliasedExpression<object, 'found'>;
}

/** How many rows a query would find, counted in the database. */
export async function countRows(executor: Executor, query: Countable): Promise<number> {
  const { rows } = await executor
    .selectFrom(query.as('found'))
    .select((row) => row.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  return rows;
}

/** For ids that hold their moment, which a clock of the database cannot be compared with. */
export function daysAgo(days: number): Date {
  return new Date(Date.now() - days * 86_400_000);
}
