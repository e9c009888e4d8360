import { sql } from 'kysely';
import type { Database } from '../../src/platform/database/index.js';

/** Every table of the public schema; a partitioned one stands for its partitions. */
export async function tableNames(db: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT c.relname AS name FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     ORDER BY 1`.execute(db);
  return rows.map(({ name }) => name);
}

/** Every row of every table as text, each with its table in front; bytes in hex. */
export async function everyRow(
  db: Database,
): Promise<{ table: string; text: string; row: Record<string, unknown> }[]> {
  const found = [];
  for (const table of await tableNames(db)) {
    const { rows } = await sql<{ text: string; row: Record<string, unknown> }>`
      SELECT t::text AS text, to_jsonb(t) AS row FROM ${sql.table(table)} t`.execute(db);
    found.push(...rows.map(({ text, row }) => ({ table, text, row })));
  }
  return found;
}
