import { sql, type Kysely } from 'kysely';

/** Erasure, retention and exports. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- What waits to be let go, and nothing else: a purge reads the oldest few. Ids are UUIDv7, so they are in the order of time.
    -- A message without a subject is one of an erased person: it waits only for the other people whom it is still on its way to.
    CREATE INDEX messages_with_content ON messages (id) WHERE content IS NOT NULL;
    CREATE INDEX messages_of_erased ON messages (id) WHERE content IS NOT NULL AND subject IS NULL;
    CREATE INDEX order_events_with_body ON order_events (id) WHERE body IS NOT NULL;

    -- What retention did last, one row per kind of record.
    CREATE TABLE retention_runs (
      kind     text PRIMARY KEY,
      ran_at   timestamptz NOT NULL,
      removed  bigint NOT NULL
    );

    -- What the audience report says of a list until enough people have come and gone that it may say something else.
    CREATE TABLE audience_releases (
      list_id   uuid PRIMARY KEY REFERENCES lists,
      taken_at  timestamptz NOT NULL,
      published jsonb NOT NULL
    );
  `.execute(db);
}
