import { type Kysely, sql } from 'kysely';

/** What every module stands on: keys, API keys, idempotency, rate limits, events, metrics of the processes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE keys (
      id          smallint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      purpose     text NOT NULL,
      wrapped     bytea NOT NULL,
      created_at  timestamptz NOT NULL DEFAULT now(),
      retired_at  timestamptz
    );
    CREATE UNIQUE INDEX keys_one_active ON keys (purpose) WHERE retired_at IS NULL;

    CREATE TABLE api_keys (
      id            uuid PRIMARY KEY,
      name          text NOT NULL,
      prefix        text NOT NULL,
      hash          bytea NOT NULL UNIQUE,
      scopes        text[] NOT NULL,
      created_at    timestamptz NOT NULL DEFAULT now(),
      expires_at    timestamptz,
      last_used_at  timestamptz,
      revoked_at    timestamptz
    );

    CREATE TABLE idempotency_keys (
      api_key_id    uuid NOT NULL,
      key           text NOT NULL,
      request_hash  bytea NOT NULL,
      status        smallint NOT NULL,
      response      jsonb NOT NULL,
      created_at    timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (api_key_id, key)
    );
    CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

    -- Lost after a crash of the database, which forgives everybody once: worth the write-ahead log that it saves.
    CREATE UNLOGGED TABLE rate_limits (
      key         text PRIMARY KEY,
      hits        integer NOT NULL,
      expires_at  timestamptz NOT NULL,
      blocked_until timestamptz
    );

    CREATE TABLE process_metrics (
      process     text PRIMARY KEY,
      metrics     jsonb NOT NULL,
      updated_at  timestamptz NOT NULL DEFAULT now()
    );

    -- Append-only. xid lets a reader stay below the snapshot's horizon: ids alone are not in the order of commits.
    CREATE TABLE events (
      bucket       date NOT NULL,
      id           bigint GENERATED ALWAYS AS IDENTITY,
      xid          xid8 NOT NULL DEFAULT pg_current_xact_id(),
      at           timestamptz NOT NULL DEFAULT now(),
      type         text NOT NULL,
      person_id    uuid,
      list_id      uuid,
      campaign_id  uuid,
      message_id   uuid,
      delivery_id  bigint,
      data         jsonb NOT NULL DEFAULT '{}',
      PRIMARY KEY (bucket, id)
    ) PARTITION BY RANGE (bucket);
    CREATE INDEX events_message ON events (message_id, id) WHERE message_id IS NOT NULL;
    CREATE INDEX events_person ON events (person_id, id) WHERE person_id IS NOT NULL;

    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
    END $$;
    CREATE TRIGGER events_append_only BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
  `.execute(db);
}
