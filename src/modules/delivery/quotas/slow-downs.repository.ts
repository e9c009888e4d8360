import { sql } from 'kysely';
import { slowedDown, type SlowDown } from '../../../domain/index.js';
import type { Database, Executor } from '../../../platform/database/index.js';

/** Who asked to slow down, as all workers know it. */
export class SlowDownsRepository {
  constructor(private readonly db: Database) {}

  /** One that has just asked. @param seen mails per second that went there lately, from all workers */
  async add(subject: string, seen: number, reason: string): Promise<void> {
    await this.db.work(async ({ trx }) => {
      await this.forget(trx);
      // The lock of a row that may not be there yet.
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`slow down ${subject}`}, 0))`.execute(trx);
      const { rows } = await select(trx, subject);
      const { rows: clock } = await sql<{ now: number }>`
        SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now`.execute(trx);
      const next = slowedDown(rows[0], seen, clock[0]!.now);
      if (next === rows[0]) return;
      await sql`
        INSERT INTO slow_downs (subject, per_second, ceiling, slowed_at, reason)
        VALUES (${subject}, ${next.perSecond}, ${next.ceiling}, to_timestamp(${next.slowedAt}::float8 / 1000), ${reason})
        ON CONFLICT (subject) DO UPDATE SET per_second = excluded.per_second, ceiling = excluded.ceiling,
               slowed_at = excluded.slowed_at, reason = excluded.reason`.execute(trx);
    });
  }

  /** All of them, long over ones too until the next is added, and the database's clock. */
  async all(): Promise<{ readonly now: number; readonly slowDowns: Map<string, SlowDown> }> {
    const { rows } = await select(this.db);
    const { rows: clock } = await sql<{ now: number }>`
      SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now`.execute(this.db);
    return { now: clock[0]!.now, slowDowns: new Map(rows.map(({ subject, ...slow }) => [subject, slow])) };
  }

  /** Those that are long over. */
  private async forget(executor: Executor): Promise<void> {
    await sql`DELETE FROM slow_downs WHERE slowed_at < now() - interval '1 day'`.execute(executor);
  }
}

async function select(executor: Executor, subject?: string) {
  return sql<SlowDown & { subject: string }>`
    SELECT subject, per_second AS "perSecond", ceiling, extract(epoch FROM slowed_at)::float8 * 1000 AS "slowedAt"
      FROM slow_downs WHERE ${subject === undefined ? sql`true` : sql`subject = ${subject}`}`.execute(
    executor,
  );
}
