import { sql, type Kysely } from 'kysely';

/** Mail that came in, before anybody looked at it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    SELECT 1;
  `.execute(db);
}
