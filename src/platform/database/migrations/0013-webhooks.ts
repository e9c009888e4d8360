import { sql, type Kysely } from 'kysely';

/** Outgoing webhooks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- In the order of transactions, so that one reader sees every event once, however late it was committed.
    CREATE INDEX events_by_transaction ON events (xid, id);

    -- secret: sealed with a key of the purpose "webhook"; previous_secret signs too until previous_until.
    -- failures: in a row, with failing_since; resting_until: nothing is sent before. turn_*: the one worker that sends now.
    -- replay: which past events are queued once more, and how far that is.
    CREATE TABLE webhook_endpoints (
      id               uuid PRIMARY KEY,
      url              text NOT NULL,
      description      text,
      events           text[] NOT NULL,
      secret           bytea NOT NULL,
      previous_secret  bytea,
      previous_until   timestamptz,
      enabled          boolean NOT NULL DEFAULT true,
      disabled_reason  text CHECK (disabled_reason IN ('asked', 'gone', 'failing')),
      disabled_at      timestamptz,
      failures         integer NOT NULL DEFAULT 0,
      failing_since    timestamptz,
      last_success_at  timestamptz,
      resting_until    timestamptz,
      turn_token       uuid,
      turn_until       timestamptz,
      replay           jsonb,
      created_at       timestamptz NOT NULL DEFAULT now(),
      updated_at       timestamptz NOT NULL DEFAULT now()
    );

    -- One per endpoint and event; a test has no event. Ids are UUIDv7, so retention is a range of the primary key.
    CREATE TABLE webhook_messages (
      id            uuid PRIMARY KEY,
      endpoint_id   uuid NOT NULL,
      type          text NOT NULL,
      event_bucket  date,
      event_id      bigint,
      happened_at   timestamptz NOT NULL,
      state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
      tries         smallint NOT NULL DEFAULT 0,
      due_at        timestamptz NOT NULL DEFAULT now()
    );
    CREATE UNIQUE INDEX webhook_messages_once ON webhook_messages (endpoint_id, event_bucket, event_id)
      WHERE event_id IS NOT NULL;
    CREATE INDEX webhook_messages_due ON webhook_messages (endpoint_id, due_at) WHERE state = 'waiting';

    CREATE TABLE webhook_attempts (
      id            uuid PRIMARY KEY,
      endpoint_id   uuid NOT NULL,
      message_id    uuid NOT NULL,
      type          text NOT NULL,
      try           smallint NOT NULL,
      delivered     boolean NOT NULL,
      duration_ms   integer NOT NULL,
      status_code   smallint,
      answer        text,
      error         text
    );
    CREATE INDEX webhook_attempts_endpoint ON webhook_attempts (endpoint_id, id);

    -- One row: every event up to here has been looked at. read_at: when it moved last.
    CREATE TABLE webhook_cursor (
      only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
      xid       xid8 NOT NULL,
      id        bigint NOT NULL,
      read_at   timestamptz NOT NULL DEFAULT now()
    );
    INSERT INTO webhook_cursor (xid, id) VALUES (pg_snapshot_xmin(pg_current_snapshot()), 0);
  `.execute(db);
}
