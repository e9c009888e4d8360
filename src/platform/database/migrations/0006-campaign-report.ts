import { type Kysely, sql } from 'kysely';

/**
 * What a campaign's report, a resend and the automatic pause need. The indexes hold only rows that did not simply go out, so a mail
 * that is sent costs nothing more: `deliveries` is updated twice per mail, and each index that the row is in costs there.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE deliveries ADD COLUMN requeued_at timestamptz;

    -- In the order of deliveries_once, so that a list pages in one order whichever index serves it.
    CREATE INDEX deliveries_rare ON deliveries (campaign_id, state, person_id) INCLUDE (reason, reply_code, recipient_domain)
      WHERE campaign_id IS NOT NULL AND state IN ('failed', 'unknown', 'deferred', 'skipped');
    CREATE INDEX deliveries_outcome ON deliveries (campaign_id, outcome, person_id)
      WHERE campaign_id IS NOT NULL AND outcome IN ('bounced', 'complained');

    -- pause_reason: why it paused itself. forgiven: its numbers when a person let it go on; they are not held against it again.
    ALTER TABLE batches
      ADD COLUMN retry_hours smallint CHECK (retry_hours BETWEEN 1 AND 96),
      ADD COLUMN pause_reason text,
      ADD COLUMN forgiven jsonb;

    -- resend: which deliveries go out once more, and how far that is; null when nothing is to be resent.
    ALTER TABLE campaigns
      ADD COLUMN retry_hours smallint CHECK (retry_hours BETWEEN 1 AND 96),
      ADD COLUMN resend jsonb;
  `.execute(db);
}
