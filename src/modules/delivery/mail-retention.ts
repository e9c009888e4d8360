import { sql } from 'kysely';
import { firstIdAt } from '../../domain/index.js';
import type { Database, Executor } from '../../platform/database/index.js';
import { daysAgo, inChunks, type RetentionRule } from '../../platform/personal-data/index.js';

const DAYS_A_MONTH = 365.25 / 12;

/** Bodies and variables of single mails; a mail that is still on its way keeps them until it has arrived. */
export function messageContentRule(days: number): RetentionRule {
  const old = () => sql`
    SELECT m.bucket, m.id FROM messages m
     WHERE m.content IS NOT NULL AND (m.id < ${firstIdAt(daysAgo(days))} OR m.subject IS NULL)
       AND NOT EXISTS (SELECT FROM deliveries d
                        WHERE d.message_id = m.id AND d.state IN ('queued', 'deferred', 'sending'))`;
  return {
    kind: 'content of single mails',
    days,
    describe: 'Bodies and variables of mails that were sent go; who got what and when stays.',
    count: async (executor) => {
      const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM (${old()}) gone`.execute(
        executor,
      );
      return rows[0]?.count ?? 0;
    },
    purge: (db) =>
      inChunks(async (limit) => {
        const { numAffectedRows } = await sql`
          UPDATE messages m SET content = NULL FROM (${old()} ORDER BY m.id LIMIT ${limit}) gone
           WHERE m.bucket = gone.bucket AND m.id = gone.id`.execute(db);
        return Number(numAffectedRows ?? 0);
      }),
  };
}

interface Month {
  readonly parent: string;
  readonly name: string;
  /** `pending` where an earlier detaching was interrupted, `detached` where it only was not dropped yet. */
  readonly state: 'attached' | 'pending' | 'detached';
}

/** How long it may wait for those who read a month, in milliseconds; it is tried again with the next run. */
const PATIENCE_MS = 5_000;

/** Messages, deliveries and events: whole months go at once. */
export function mailLogRule(months: number): RetentionRule {
  return {
    kind: 'mail log and events',
    days: Math.round(months * DAYS_A_MONTH),
    describe: 'Whole months of who got which mail and of what happened; the counts of campaigns stay.',
    count: async (executor) => {
      let rows = 0;
      for (const { name } of await pastMonths(executor, months)) rows += await rowsIn(executor, name);
      return rows;
    },
    purge: async (db) => {
      let rows = 0;
      for (const month of await pastMonths(db, months)) {
        const held = await rowsIn(db, month.name);
        await drop(db, month);
        rows += held;
      }
      return rows;
    },
  };
}

/** Months whose last day is past its time. */
async function pastMonths(executor: Executor, months: number): Promise<Month[]> {
  const { rows } = await sql<Month>`
    SELECT substring(c.relname FROM '^[a-z]+') AS parent, c.relname AS name,
           CASE WHEN i.inhrelid IS NULL THEN 'detached' WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END AS state
      FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
       AND c.relname ~ '^(events|messages|deliveries)_\\d{4}_\\d{2}$'
       AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= now() - make_interval(months => ${months})
     ORDER BY c.relname`.execute(executor);
  return rows;
}

async function rowsIn(executor: Executor, name: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM ${sql.table(name)}`.execute(
    executor,
  );
  return rows[0]?.count ?? 0;
}

/**
 * Detached first, concurrently: DROP of a partition locks the whole table against everybody, also while it waits for its own turn, and no
 * mail would leave. Detaching lets reads and writes go on; what is dropped then is a table that nobody uses.
 */
async function drop(db: Database, { parent, name, state }: Month): Promise<void> {
  await db.connection().execute(async (connection) => {
    await sql`SELECT set_config('lock_timeout', ${`${PATIENCE_MS}ms`}, false)`.execute(connection);
    try {
      const detach = sql`ALTER TABLE ${sql.table(parent)} DETACH PARTITION ${sql.table(name)}`;
      if (state === 'attached') await sql`${detach} CONCURRENTLY`.execute(connection);
      if (state === 'pending') await sql`${detach} FINALIZE`.execute(connection);
      await sql`DROP TABLE ${sql.table(name)}`.execute(connection);
    } finally {
      await sql`RESET lock_timeout`.execute(connection);
    }
  });
}
