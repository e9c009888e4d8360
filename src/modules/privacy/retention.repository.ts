import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../platform/database/index.js';

export interface RetentionRun {
  readonly at: Date;
  readonly removed: number;
}

/** What retention did last, and who may do it now. */
@Injectable()
export class RetentionRepository {
  constructor(private readonly db: Database) {}

  async lastRuns(): Promise<Map<string, RetentionRun>> {
    const rows = await this.db.selectFrom('retention_runs').selectAll().execute();
    return new Map(rows.map(({ kind, ran_at, removed }) => [kind, { at: ran_at, removed }]));
  }

  async note(kind: string, removed: number): Promise<void> {
    await this.db
      .insertInto('retention_runs')
      .values({ kind, ran_at: sql`now()`, removed })
      .onConflict((conflict) =>
        conflict.column('kind').doUpdateSet({ ran_at: sql`excluded.ran_at`, removed: sql`excluded.removed` }),
      )
      .execute();
  }

  /**
   * Runs `body` where no other process does: a lock of the session, which ends with its connection, whatever becomes of the process.
   * @returns undefined where another one is at it
   */
  async alone<T>(body: () => Promise<T>): Promise<T | undefined> {
    return this.db.connection().execute(async (connection) => {
      const lock = sql`hashtextextended('retention', 0)`;
      const { rows } = await sql<{ taken: boolean }>`SELECT pg_try_advisory_lock(${lock}) AS taken`.execute(
        connection,
      );
      if (!rows[0]?.taken) return undefined;
      try {
        return await body();
      } finally {
        await sql`SELECT pg_advisory_unlock(${lock})`.execute(connection);
      }
    });
  }
}
