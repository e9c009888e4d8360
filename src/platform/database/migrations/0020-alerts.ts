import { sql, type Kysely } from 'kysely';

/** What the operator must know, and whether anybody was told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- subject: the thing, such as a delivery or a relay; an alert for it stands once as long as it is not over. data: ids, words and
    -- numbers, nothing about people. told_at: since when nobody has to be told any more; told_in: the mail that did it.
    CREATE TABLE alerts (
      id           uuid PRIMARY KEY,
      kind         text NOT NULL CHECK (kind IN ('order_mail', 'campaign', 'webhook', 'relay', 'disk')),
      subject      text NOT NULL,
      at           timestamptz NOT NULL,
      message_id   uuid,
      delivery_id  bigint,
      campaign_id  uuid,
      data         jsonb NOT NULL DEFAULT '{}',
      told_at      timestamptz,
      told_in      uuid,
      over_at      timestamptz
    );
    CREATE UNIQUE INDEX alerts_once ON alerts (kind, subject) WHERE over_at IS NULL;
    CREATE INDEX alerts_message ON alerts (message_id) WHERE message_id IS NOT NULL;
    CREATE INDEX alerts_untold ON alerts (id) WHERE told_at IS NULL;

    -- One row: every event up to here has been looked at; mailed_at: when the last mail was made. Whoever locks it works on alerts.
    CREATE TABLE alert_cursor (
      only_one   boolean PRIMARY KEY DEFAULT true CHECK (only_one),
      xid        xid8 NOT NULL,
      id         bigint NOT NULL,
      mailed_at  timestamptz
    );
    INSERT INTO alert_cursor (xid, id) VALUES (pg_snapshot_xmin(pg_current_snapshot()), 0);

    -- The few events that an alert can be about, so that the millions of a blast need not be read for them.
    CREATE INDEX events_alerting ON events (xid, id)
      WHERE (message_id IS NOT NULL AND type IN ('email.failed', 'email.bounced'))
         OR type IN ('campaign.paused', 'webhook.disabled');

    -- Which order a mail was about.
    CREATE INDEX order_events_message ON order_events (message_id) WHERE message_id IS NOT NULL;
  `.execute(db);
}
