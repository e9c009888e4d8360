import { sql } from 'kysely';
import type { Database } from '../../src/platform/database/index.js';

/** What a process writes by itself, whether it is asked for anything or not. */
const housekeeping = new Set(['rate_limits', 'process_metrics', 'compiled_templates', 'consent_seals']);

/** How many rows each table has, so that a test can say: nothing was done. */
export async function rowCounts(db: Database): Promise<Record<string, number>> {
  const { rows } = await sql<{ name: string; count: number }>`
    SELECT c.relname AS name,
           (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I', c.relname), false, true, '')))[1]::text::bigint AS count
      FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     ORDER BY c.relname`.execute(db);
  return Object.fromEntries(
    rows.filter(({ name }) => !housekeeping.has(name)).map(({ name, count }) => [name, count]),
  );
}
