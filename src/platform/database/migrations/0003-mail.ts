import { type Kysely, sql } from 'kysely';

/** Templates, campaigns, messages, and one delivery row per envelope recipient. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE templates (
      id          uuid PRIMARY KEY,
      name        text NOT NULL UNIQUE,
      kind        text NOT NULL CHECK (kind IN ('builtin', 'own')),
      created_at  timestamptz NOT NULL DEFAULT now()
    );

    -- A campaign's content is a revision of no template.
    CREATE TABLE template_revisions (
      id            uuid PRIMARY KEY,
      template_id   uuid REFERENCES templates,
      checksum      text NOT NULL,
      source        jsonb NOT NULL,
      created_at    timestamptz NOT NULL DEFAULT now(),
      published_at  timestamptz
    );
    CREATE UNIQUE INDEX template_revisions_same ON template_revisions (template_id, checksum)
      WHERE template_id IS NOT NULL;

    CREATE TABLE compiled_templates (
      revision_id  uuid NOT NULL REFERENCES template_revisions,
      locale       text NOT NULL,
      compiled     jsonb NOT NULL,
      compiled_at  timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (revision_id, locale)
    );

    CREATE TABLE campaigns (
      id              uuid PRIMARY KEY,
      name            text NOT NULL,
      subject         text NOT NULL,
      preheader       text,
      mjml            text,
      content         text,
      sender_id       uuid NOT NULL REFERENCES senders,
      state           text NOT NULL DEFAULT 'draft' CHECK (state IN
                        ('draft', 'scheduled', 'sending', 'paused', 'finished', 'cancelled')),
      state_reason    text,
      scheduled_at    timestamptz,
      started_at      timestamptz,
      frozen_at       timestamptz,
      finished_at     timestamptz,
      freeze_position smallint NOT NULL DEFAULT 0,
      freeze_after    uuid,
      created_at      timestamptz NOT NULL DEFAULT now(),
      updated_at      timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX campaigns_open ON campaigns (id) WHERE state IN ('scheduled', 'sending', 'paused');

    CREATE TABLE campaign_lists (
      campaign_id  uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
      position     smallint NOT NULL,
      list_id      uuid NOT NULL REFERENCES lists,
      PRIMARY KEY (campaign_id, position),
      UNIQUE (campaign_id, list_id)
    );

    -- Many deliveries of one content that can be paused together; a campaign's batch has the campaign's id.
    -- Turns between batches are taken here (the one that waited longest is next), so that a small one is not stuck
    -- behind a large one.
    CREATE TABLE batches (
      id            uuid PRIMARY KEY,
      bucket        date NOT NULL,
      sender_id     uuid NOT NULL REFERENCES senders,
      revision_id   uuid NOT NULL REFERENCES template_revisions,
      name          text NOT NULL,
      state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused', 'stopped', 'finished')),
      complete      boolean NOT NULL DEFAULT false,
      last_turn_at  timestamptz NOT NULL DEFAULT '-infinity',
      created_at    timestamptz NOT NULL DEFAULT now(),
      finished_at   timestamptz
    );
    CREATE INDEX batches_turn ON batches (last_turn_at) WHERE state IN ('open', 'stopped');

    -- One row per campaign and slot (a hash of the backend), so that workers do not wait for each other's counters.
    CREATE TABLE campaign_counts (
      campaign_id  uuid NOT NULL,
      slot         smallint NOT NULL,
      queued       bigint NOT NULL DEFAULT 0,
      sending      bigint NOT NULL DEFAULT 0,
      deferred     bigint NOT NULL DEFAULT 0,
      sent         bigint NOT NULL DEFAULT 0,
      failed       bigint NOT NULL DEFAULT 0,
      skipped      bigint NOT NULL DEFAULT 0,
      unknown      bigint NOT NULL DEFAULT 0,
      PRIMARY KEY (campaign_id, slot)
    ) WITH (fillfactor = 50);

    -- content is sealed with a key of the purpose "content": variables, or a whole subject, HTML and text.
    CREATE TABLE messages (
      bucket        date NOT NULL,
      id            uuid NOT NULL,
      stream        text NOT NULL CHECK (stream IN ('orders', 'service', 'news')),
      sender_id     uuid NOT NULL,
      revision_id   uuid,
      locale        text NOT NULL,
      subject       text,
      content       bytea,
      automatic     boolean NOT NULL,
      tags          text[] NOT NULL DEFAULT '{}',
      scheduled_at  timestamptz,
      created_at    timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (bucket, id)
    ) PARTITION BY RANGE (bucket);

    CREATE SEQUENCE delivery_ids;
    CREATE TABLE deliveries (
      bucket            date NOT NULL,
      id                bigint NOT NULL DEFAULT nextval('delivery_ids'),
      stream            text NOT NULL CHECK (stream IN ('orders', 'service', 'news')),
      campaign_id       uuid,
      message_id        uuid,
      person_id         uuid NOT NULL,
      via_list_id       uuid,
      role              text NOT NULL DEFAULT 'to' CHECK (role IN ('to', 'cc', 'bcc')),
      address           text NOT NULL,
      recipient_domain  text NOT NULL,
      state             text NOT NULL DEFAULT 'queued' CHECK (state IN
                          ('queued', 'sending', 'deferred', 'sent', 'failed', 'skipped', 'unknown')),
      reason            text,
      outcome           text CHECK (outcome IN ('delivered', 'bounced', 'complained')),
      tries             smallint NOT NULL DEFAULT 0,
      due_at            timestamptz NOT NULL DEFAULT now(),
      lease_token       uuid,
      lease_until       timestamptz,
      relay             text,
      relay_id          text,
      reply_code        smallint,
      reply             text,
      created_at        timestamptz NOT NULL DEFAULT now(),
      settled_at        timestamptz,
      PRIMARY KEY (bucket, id),
      CHECK ((campaign_id IS NULL) <> (message_id IS NULL)),
      CHECK ((state = 'sending') <= (lease_until IS NOT NULL))
    ) PARTITION BY RANGE (bucket);
    CREATE UNIQUE INDEX deliveries_once ON deliveries (bucket, campaign_id, person_id) WHERE campaign_id IS NOT NULL;
    CREATE INDEX deliveries_message ON deliveries (message_id) WHERE message_id IS NOT NULL;
    CREATE INDEX deliveries_campaign_due ON deliveries (campaign_id, due_at, id)
      WHERE campaign_id IS NOT NULL AND state IN ('queued', 'deferred');
    CREATE INDEX deliveries_message_due ON deliveries (stream, due_at)
      WHERE message_id IS NOT NULL AND state IN ('queued', 'deferred');
    CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE state = 'sending';
  `.execute(db);
  await countCampaigns(db);
  await partitions(db);
}

/** The counters move in the statement that moves the rows, so they add up at every instant, whoever writes. */
async function countCampaigns(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE FUNCTION count_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        INSERT INTO campaign_counts AS c (campaign_id, slot, queued, sending, deferred, sent, failed, skipped, unknown)
        SELECT campaign_id, pg_backend_pid() % 32,
               count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'sending'),
               count(*) FILTER (WHERE state = 'deferred'), count(*) FILTER (WHERE state = 'sent'),
               count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'skipped'),
               count(*) FILTER (WHERE state = 'unknown')
          FROM new_rows WHERE campaign_id IS NOT NULL GROUP BY campaign_id ORDER BY campaign_id
        ON CONFLICT (campaign_id, slot) DO UPDATE SET
          queued = c.queued + excluded.queued, sending = c.sending + excluded.sending,
          deferred = c.deferred + excluded.deferred, sent = c.sent + excluded.sent,
          failed = c.failed + excluded.failed, skipped = c.skipped + excluded.skipped,
          unknown = c.unknown + excluded.unknown;
      ELSE
        INSERT INTO campaign_counts AS c (campaign_id, slot, queued, sending, deferred, sent, failed, skipped, unknown)
        SELECT campaign_id, pg_backend_pid() % 32,
               coalesce(sum(n) FILTER (WHERE state = 'queued'), 0), coalesce(sum(n) FILTER (WHERE state = 'sending'), 0),
               coalesce(sum(n) FILTER (WHERE state = 'deferred'), 0), coalesce(sum(n) FILTER (WHERE state = 'sent'), 0),
               coalesce(sum(n) FILTER (WHERE state = 'failed'), 0), coalesce(sum(n) FILTER (WHERE state = 'skipped'), 0),
               coalesce(sum(n) FILTER (WHERE state = 'unknown'), 0)
          FROM (SELECT campaign_id, state, 1 AS n FROM new_rows WHERE campaign_id IS NOT NULL
                UNION ALL
                SELECT campaign_id, state, -1 FROM old_rows WHERE campaign_id IS NOT NULL) moved
         GROUP BY campaign_id ORDER BY campaign_id
        ON CONFLICT (campaign_id, slot) DO UPDATE SET
          queued = c.queued + excluded.queued, sending = c.sending + excluded.sending,
          deferred = c.deferred + excluded.deferred, sent = c.sent + excluded.sent,
          failed = c.failed + excluded.failed, skipped = c.skipped + excluded.skipped,
          unknown = c.unknown + excluded.unknown;
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER count_inserted AFTER INSERT ON deliveries REFERENCING NEW TABLE AS new_rows
      FOR EACH STATEMENT EXECUTE FUNCTION count_deliveries();
    CREATE TRIGGER count_updated AFTER UPDATE ON deliveries
      REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
      FOR EACH STATEMENT EXECUTE FUNCTION count_deliveries();
  `.execute(db);
}

/** Called at every start and by a timer, so that a month's partitions are there before its first row. */
async function partitions(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE FUNCTION ensure_partitions(month date) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      parent text;
      from_day date := date_trunc('month', month)::date;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtext('ensure_partitions'));
      FOREACH parent IN ARRAY ARRAY['events', 'messages', 'deliveries'] LOOP
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
          parent || to_char(from_day, '_YYYY_MM'), parent, from_day, (from_day + interval '1 month')::date);
      END LOOP;
    END $$;
    SELECT ensure_partitions((now() + make_interval(months => ahead))::date) FROM generate_series(-1, 3) ahead;
  `.execute(db);
}
