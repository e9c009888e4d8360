import { sql, type Kysely } from 'kysely';

/** Privacy policies, and the seals of the consent ledger. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    SELECT 1;
  `.execute(db);
}
