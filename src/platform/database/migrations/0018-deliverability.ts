import { sql, type Kysely } from 'kysely';

/** What became of mail by day, campaign and recipient domain, counted from events; and how far counting is. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- day is that of the hand-over, in UTC: what comes back later is counted where the mail was. returned: of hard, soft and blocked
    -- those that the relay had taken first, so that delivered = sent - returned. campaign_id is null for order and service mail.
    CREATE TABLE deliverability_days (
      day               date NOT NULL,
      stream            text NOT NULL,
      campaign_id       uuid,
      recipient_domain  text NOT NULL,
      sent              integer NOT NULL,
      confirmed         integer NOT NULL,
      deferred          integer NOT NULL,
      hard              integer NOT NULL,
      soft              integer NOT NULL,
      blocked           integer NOT NULL,
      returned          integer NOT NULL,
      complaints        integer NOT NULL,
      UNIQUE NULLS NOT DISTINCT (day, campaign_id, recipient_domain, stream)
    );
    CREATE INDEX deliverability_days_campaign ON deliverability_days (campaign_id, day) WHERE campaign_id IS NOT NULL;
    CREATE INDEX deliverability_days_complaints ON deliverability_days (recipient_domain) WHERE complaints > 0;

    CREATE TABLE deliverability_cursor (
      only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
      xid       xid8 NOT NULL,
      id        bigint NOT NULL,
      read_at   timestamptz NOT NULL
    );
    -- From the first event on: what happened before this version is counted too.
    INSERT INTO deliverability_cursor (xid, id, read_at) VALUES ('0', 0, 'epoch');
  `.execute(db);
}
