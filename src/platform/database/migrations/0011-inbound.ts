import { sql, type Kysely } from 'kysely';

/** Mail that came in, before anybody looked at it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- One row for each recipient of a mail. due_at is the next try, and while one runs, when it is given up.
    CREATE TABLE inbound_mails (
      id           uuid PRIMARY KEY,
      received_at  timestamptz NOT NULL DEFAULT now(),
      sha256       bytea NOT NULL,
      sender       text NOT NULL,
      recipient    text NOT NULL,
      route        text NOT NULL,
      network      text,
      size         integer NOT NULL,
      raw          bytea NOT NULL,
      state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed', 'ignored')),
      tries        integer NOT NULL DEFAULT 0,
      due_at       timestamptz NOT NULL DEFAULT now(),
      reason       text,
      person_id    uuid,
      settled_at   timestamptz,
      UNIQUE (sha256, recipient)
    );
    -- raw is gzip already.
    ALTER TABLE inbound_mails ALTER COLUMN raw SET STORAGE EXTERNAL;
    CREATE INDEX inbound_mails_due ON inbound_mails (due_at) WHERE state = 'waiting';
    CREATE INDEX inbound_mails_failed ON inbound_mails (received_at) WHERE state = 'failed';
    CREATE INDEX inbound_mails_received ON inbound_mails (received_at);
    CREATE INDEX inbound_mails_person ON inbound_mails (person_id) WHERE person_id IS NOT NULL;
    CREATE INDEX inbound_mails_sender ON inbound_mails (lower(sender)) WHERE sender <> '';
  `.execute(db);
}
