import { runMigrations } from 'bullmq';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type pg from 'pg';
import { Database } from './database.js';
import { migrations } from './migrations/index.js';

export interface MigrationReport {
  /** Names of the migrations that this call applied. */
  readonly applied: string[];
  /** Names of migrations that are not ours: a newer version of Postrider was here. */
  readonly newer: string[];
}

const MINIMUM_VERSION = 150_000;

/**
 * Brings the database to this version of Postrider: our migrations, then BullMQ's. Several processes may call it at the same
 * time (both take a lock in the database); the first does the work, the others find it done.
 * @throws when PostgreSQL is older than 15, or a migration fails; a failed one leaves nothing behind
 */
export async function migrate(pool: pg.Pool, options: { queue: boolean }): Promise<MigrationReport> {
  await assertVersion(pool);
  const db = new Database(pool);
  // Migrations only expand, so that what runs during an upgrade, and starts again, works on the tables of the version after it.
  const newer = await newerMigrations(pool);
  if (newer.length > 0) return { applied: [], newer };
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { results, error } = await migrator.migrateToLatest();
  const failed = results?.find((result) => result.status === 'Error');
  if (error !== undefined) {
    throw new Error(`Migration ${failed?.migrationName ?? ''} failed: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (options.queue) await migrateQueue(pool);
  await ensurePartitions(db);
  return { applied: (results ?? []).map((result) => result.migrationName), newer: [] };
}

async function newerMigrations(pool: pg.Pool): Promise<string[]> {
  const known = await pool.query(`SELECT to_regclass('kysely_migration') AS name`);
  if (known.rows[0].name === null) return [];
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM kysely_migration ORDER BY name');
  return rows.map(({ name }) => name).filter((name) => !(name in migrations));
}

/** Months ahead that have their partitions: a database that nobody restarts for a quarter still takes mail. */
export async function ensurePartitions(db: Database): Promise<void> {
  await sql`SELECT ensure_partitions((now() + make_interval(months => ahead))::date) FROM generate_series(0, 3) ahead`.execute(
    db,
  );
}

async function migrateQueue(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
}

async function assertVersion(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ number: string; version: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version`,
  );
  const version = rows[0];
  if (version && Number(version.number) < MINIMUM_VERSION) {
    throw new Error(`DATABASE_URL: PostgreSQL ${version.version} is too old, Postrider needs 15 or newer`);
  }
}
