import { type Kysely, sql } from 'kysely';

/** Orders and their events, and the built-in inbox. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE orders (
      id          uuid PRIMARY KEY,
      source      text NOT NULL,
      order_id    text NOT NULL,
      number      text NOT NULL,
      person_id   uuid NOT NULL REFERENCES people,
      created_at  timestamptz NOT NULL DEFAULT now(),
      updated_at  timestamptz NOT NULL DEFAULT now(),
      UNIQUE (source, order_id)
    );

    -- part is the shipment or refund that the event speaks of: an order may be shipped twice, but placed only once.
    CREATE TABLE order_events (
      id           uuid PRIMARY KEY,
      source       text NOT NULL,
      event_id     text NOT NULL,
      order_ref    uuid NOT NULL REFERENCES orders,
      type         text NOT NULL,
      part         text NOT NULL DEFAULT '',
      occurred_at  timestamptz NOT NULL,
      received_at  timestamptz NOT NULL DEFAULT now(),
      body_hash    bytea NOT NULL,
      body         bytea,
      message_id   uuid,
      status       text NOT NULL CHECK (status IN ('queued', 'skipped')),
      reason       text,
      UNIQUE (source, event_id)
    );
    CREATE UNIQUE INDEX order_events_one_mail ON order_events (order_ref, type, part) WHERE message_id IS NOT NULL;

    CREATE TABLE inbox_messages (
      id           uuid PRIMARY KEY,
      received_at  timestamptz NOT NULL DEFAULT now(),
      mail_from    text NOT NULL,
      rcpt_to      text[] NOT NULL,
      from_header  text NOT NULL,
      to_header    text NOT NULL,
      subject      text NOT NULL,
      size         integer NOT NULL,
      raw          bytea NOT NULL
    );
  `.execute(db);
}
