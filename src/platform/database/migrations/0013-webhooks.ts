import { sql, type Kysely } from 'kysely';

/** Outgoing webhooks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    SELECT 1;
  `.execute(db);
}
