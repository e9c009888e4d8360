import { sql, type Kysely } from 'kysely';

/** Erasure, retention and exports. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    SELECT 1;
  `.execute(db);
}
