import { sql, type Kysely } from 'kysely';

/** Order events of every kind, and the life of an order. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    SELECT 1;
  `.execute(db);
}
