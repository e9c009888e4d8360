import { sql, type Kysely } from 'kysely';

/** Bounces, complaints, provider events and what they changed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    SELECT 1;
  `.execute(db);
}
