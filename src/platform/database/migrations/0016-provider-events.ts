import { sql, type Kysely } from 'kysely';

/** Webhooks of mail providers as they came, before anybody looked at what they say. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- body is JSON in UTF-8, also where a form came. pending: which of its events are still to be taken; null for all. due_at is the
    -- next try, and while one runs, when it is given up. nonce: what the provider signs once only, hashed.
    CREATE TABLE provider_requests (
      id           uuid PRIMARY KEY,
      provider     text NOT NULL,
      received_at  timestamptz NOT NULL DEFAULT now(),
      sha256       bytea NOT NULL,
      nonce        bytea,
      body         bytea NOT NULL,
      state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed', 'ignored')),
      tries        integer NOT NULL DEFAULT 0,
      due_at       timestamptz NOT NULL DEFAULT now(),
      pending      integer[],
      note         text,
      addresses    text[] NOT NULL DEFAULT '{}',
      settled_at   timestamptz,
      UNIQUE (provider, sha256)
    );
    CREATE UNIQUE INDEX provider_requests_nonce ON provider_requests (provider, nonce) WHERE nonce IS NOT NULL;
    CREATE INDEX provider_requests_due ON provider_requests (due_at) WHERE state = 'waiting';
    CREATE INDEX provider_requests_failed ON provider_requests (received_at) WHERE state = 'failed';
    CREATE INDEX provider_requests_received ON provider_requests (received_at);
    -- Filled by the worker: nobody who posts waits for it.
    CREATE INDEX provider_requests_addresses ON provider_requests USING gin (addresses);
  `.execute(db);
}
