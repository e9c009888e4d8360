import { sql, type Kysely } from 'kysely';

/** Imports of people from CSV. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    SELECT 1;
  `.execute(db);
}
