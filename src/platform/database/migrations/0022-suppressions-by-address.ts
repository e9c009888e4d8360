import { sql, type Kysely } from 'kysely';

/** Also those that were released: they say from when on bounces count, and support searches for them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE INDEX suppressions_address ON suppressions (canonical)`.execute(db);
}
