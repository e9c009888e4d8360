import { sql, type Kysely } from 'kysely';

/** What a person chose: pauses, fewer mails, fresh links. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    SELECT 1;
  `.execute(db);
}
