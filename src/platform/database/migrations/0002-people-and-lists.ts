import { type Kysely, sql } from 'kysely';

/** Who may get what: brands, senders, lists, people, subscriptions, consent, suppression. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE brands (
      id              uuid PRIMARY KEY,
      slug            text NOT NULL UNIQUE,
      name            text NOT NULL,
      logo_url        text,
      colour          text NOT NULL DEFAULT '#b4441c' CHECK (colour ~ '^#[0-9a-f]{6}$'),
      postal_address  text,
      website_url     text,
      created_at      timestamptz NOT NULL DEFAULT now(),
      updated_at      timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE senders (
      id            uuid PRIMARY KEY,
      slug          text NOT NULL UNIQUE,
      brand_id      uuid NOT NULL REFERENCES brands,
      from_name     text,
      from_address  text NOT NULL,
      reply_to      text,
      domain        text NOT NULL,
      created_at    timestamptz NOT NULL DEFAULT now(),
      updated_at    timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE dkim_keys (
      id           uuid PRIMARY KEY,
      domain       text NOT NULL,
      selector     text NOT NULL,
      algorithm    text NOT NULL CHECK (algorithm IN ('rsa-sha256', 'ed25519-sha256')),
      private_key  bytea NOT NULL,
      created_at   timestamptz NOT NULL DEFAULT now(),
      retired_at   timestamptz,
      UNIQUE (domain, selector)
    );

    CREATE TABLE lists (
      id           uuid PRIMARY KEY,
      slug         text NOT NULL UNIQUE,
      name         text NOT NULL,
      description  text,
      opt_in       text NOT NULL DEFAULT 'double' CHECK (opt_in IN ('double', 'single')),
      visibility   text NOT NULL DEFAULT 'public' CHECK (visibility IN ('public', 'private')),
      sender_id    uuid NOT NULL REFERENCES senders,
      tracking     boolean NOT NULL DEFAULT false,
      archived_at  timestamptz,
      created_at   timestamptz NOT NULL DEFAULT now(),
      updated_at   timestamptz NOT NULL DEFAULT now()
    );

    -- After an erasure the row stays for its id, without anything that names the person.
    CREATE TABLE people (
      id          uuid PRIMARY KEY,
      canonical   text UNIQUE,
      address     text,
      name        text,
      locale      text,
      timezone    text,
      attributes  jsonb NOT NULL DEFAULT '{}',
      created_at  timestamptz NOT NULL DEFAULT now(),
      updated_at  timestamptz NOT NULL DEFAULT now(),
      erased_at   timestamptz,
      CHECK ((canonical IS NULL) = (erased_at IS NOT NULL))
    );

    CREATE TABLE subscriptions (
      id            uuid PRIMARY KEY,
      person_id     uuid NOT NULL REFERENCES people,
      list_id       uuid NOT NULL REFERENCES lists,
      status        text NOT NULL CHECK (status IN ('pending', 'confirmed', 'unsubscribed')),
      asked_at      timestamptz NOT NULL DEFAULT now(),
      confirmed_at  timestamptz,
      left_at       timestamptz,
      updated_at    timestamptz NOT NULL DEFAULT now(),
      UNIQUE (person_id, list_id)
    );
    CREATE INDEX subscriptions_audience ON subscriptions (list_id, person_id) WHERE status = 'confirmed';

    -- One mail asks for one or more lists at once; its token names this row.
    CREATE TABLE opt_in_requests (
      id             uuid PRIMARY KEY,
      person_id      uuid NOT NULL REFERENCES people,
      subscriptions  uuid[] NOT NULL,
      created_at     timestamptz NOT NULL DEFAULT now(),
      expires_at     timestamptz NOT NULL,
      confirmed_at   timestamptz
    );
    CREATE INDEX opt_in_requests_person ON opt_in_requests (person_id, created_at);

    -- The proof of consent. hash = sha256(salt, facts, personal); erasure empties salt and personal, so the row
    -- still stands in its place and can no longer be tied to anyone.
    CREATE TABLE consent_ledger (
      id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      at          timestamptz NOT NULL DEFAULT now(),
      act         text NOT NULL CHECK (act IN
                    ('asked', 'confirmed', 'changed', 'left', 'imported', 'revived', 'erased')),
      list_id     uuid REFERENCES lists,
      facts       jsonb NOT NULL,
      person_id   uuid,
      personal    jsonb,
      salt        bytea,
      hash        bytea NOT NULL
    );
    CREATE INDEX consent_ledger_person ON consent_ledger (person_id, id);

    CREATE FUNCTION consent_ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE'
         AND (NEW.id, NEW.at, NEW.act, NEW.facts, NEW.hash) = (OLD.id, OLD.at, OLD.act, OLD.facts, OLD.hash)
         AND NEW.list_id IS NOT DISTINCT FROM OLD.list_id
         AND NEW.person_id IS NULL AND NEW.personal IS NULL AND NEW.salt IS NULL THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'consent_ledger is append-only: % refused', TG_OP;
    END $$;
    CREATE TRIGGER consent_ledger_rows BEFORE UPDATE OR DELETE ON consent_ledger
      FOR EACH ROW EXECUTE FUNCTION consent_ledger_append_only();
    CREATE TRIGGER consent_ledger_truncate BEFORE TRUNCATE ON consent_ledger
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

    CREATE TABLE erasure_hashes (
      hash       bytea PRIMARY KEY,
      erased_at  timestamptz NOT NULL DEFAULT now()
    );

    -- One active row per address, scope and reason; the strongest wins, a release lifts one, nothing is deleted.
    CREATE TABLE suppressions (
      id            uuid PRIMARY KEY,
      canonical     text NOT NULL,
      scope         text NOT NULL CHECK (scope IN ('all', 'news', 'list')),
      list_id       uuid REFERENCES lists,
      reason        text NOT NULL CHECK (reason IN ('hard_bounce', 'soft_bounces', 'complaint', 'manual', 'imported')),
      evidence      text,
      created_at    timestamptz NOT NULL DEFAULT now(),
      released_at   timestamptz,
      release_note  text,
      CHECK ((scope = 'list') = (list_id IS NOT NULL))
    );
    CREATE UNIQUE INDEX suppressions_active ON suppressions
      (canonical, scope, reason, coalesce(list_id, '00000000-0000-0000-0000-000000000000')) WHERE released_at IS NULL;
  `.execute(db);
}
