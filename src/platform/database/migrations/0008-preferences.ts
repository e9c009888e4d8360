import { sql, type Kysely } from 'kysely';

/** What a person chose: pauses, fewer mails, why they left; and the links that they asked for by mail. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE people ADD COLUMN tracking_agreed_at timestamptz;

    -- min_days_between: at most one mail through this list in so many days; null is all of them.
    ALTER TABLE subscriptions
      ADD COLUMN paused_until timestamptz,
      ADD COLUMN min_days_between smallint CHECK (min_days_between BETWEEN 1 AND 365),
      ADD COLUMN left_reason text,
      ADD COLUMN left_note text;

    -- A link that was asked for by mail, because mails are forwarded and some things need the owner of the address.
    CREATE TABLE fresh_links (
      id           uuid PRIMARY KEY,
      person_id    uuid NOT NULL REFERENCES people,
      purpose      text NOT NULL CHECK (purpose IN ('manage', 'address')),
      new_address  bytea,
      created_at   timestamptz NOT NULL DEFAULT now(),
      expires_at   timestamptz NOT NULL,
      used_at      timestamptz,
      CHECK ((purpose = 'address') = (new_address IS NOT NULL))
    );
    CREATE INDEX fresh_links_person ON fresh_links (person_id, created_at);
    CREATE INDEX fresh_links_age ON fresh_links (created_at);

    -- Somebody typed an address at /preferences. A worker looks it up, so that the page does the same for every address.
    CREATE TABLE link_requests (
      id          uuid PRIMARY KEY,
      asked       bytea NOT NULL,
      created_at  timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX link_requests_age ON link_requests (created_at);

    CREATE INDEX batches_recent ON batches ((coalesce(finished_at, 'infinity'::timestamptz)));
  `.execute(db);
  await frequency(db);
}

/**
 * Whether somebody got news through a list in the last days, or is just getting it: of two mails on their way at once the one that was
 * claimed first wins (lease tokens are UUIDv7). It is a function because the last check asks it of few people, and PostgreSQL would plan
 * all of it for every claim. It must go by index whatever the statistics say: for a table that was just filled a sequential scan looks cheap.
 */
async function frequency(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE FUNCTION got_news_lately(person uuid, list uuid, days integer, not_campaign uuid, not_after uuid)
    RETURNS boolean LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
    BEGIN
      RETURN EXISTS (
        SELECT 1 FROM batches b CROSS JOIN LATERAL (
          SELECT d.state, d.via_list_id, d.settled_at, d.lease_token FROM deliveries d
           WHERE d.bucket = b.bucket AND d.campaign_id = b.id AND d.person_id = person OFFSET 0) one
         WHERE coalesce(b.finished_at, 'infinity'::timestamptz) > now() - make_interval(days => days)
           AND b.id <> not_campaign AND one.via_list_id = list
           AND CASE one.state
                 WHEN 'sending' THEN one.lease_token < not_after
                 WHEN 'sent' THEN one.settled_at > now() - make_interval(days => days)
                 WHEN 'unknown' THEN one.settled_at > now() - make_interval(days => days)
                 ELSE false
               END);
    END $$;
  `.execute(db);
}
