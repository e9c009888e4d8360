import { sql, type Kysely } from 'kysely';

/** What was told of our mails by others, and what it counts against an address. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- One row for each bounce, complaint or wish to leave, whoever told it first. life is when a person last had the delivery sent
    -- again: that one may bounce once more. weight is what it counts against the address before it decays; 0 where it counts nothing.
    CREATE TABLE mail_reports (
      id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at                timestamptz NOT NULL DEFAULT now(),
      source            text NOT NULL,
      kind              text NOT NULL CHECK (kind IN ('bounced', 'complained', 'unsubscribed')),
      canonical         text NOT NULL,
      recipient_domain  text NOT NULL,
      bucket            date NOT NULL,
      delivery_id       bigint NOT NULL,
      life              timestamptz,
      reason            text NOT NULL,
      hard              boolean NOT NULL,
      status            text,
      reply             text,
      weight            real NOT NULL,
      UNIQUE NULLS NOT DISTINCT (bucket, delivery_id, kind, life)
    );
    CREATE INDEX mail_reports_address ON mail_reports (canonical, at);
    CREATE INDEX mail_reports_at ON mail_reports (at);

    -- A service's own id, by which its webhooks name a mail. Queue ids of a mail server are shorter: its reports come to the signed
    -- envelope sender, and a mail that it takes pays for no index.
    CREATE INDEX deliveries_relay_id ON deliveries (relay_id) WHERE length(relay_id) >= 20;

    -- Soft bounces at which the list lets go of an address; null: as everywhere (SOFT_BOUNCE_LIMIT).
    ALTER TABLE lists ADD COLUMN soft_bounce_limit real CHECK (soft_bounce_limit > 0);
  `.execute(db);
}
