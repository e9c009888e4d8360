import { sql, type Kysely } from 'kysely';

/** Sign-ups that wait for a worker, and what an opt-in is asked for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- One row a form or API call that still needs a look at the domain and a mail. The content is sealed and goes as soon as the
    -- work is done; the row goes a day later. address_hash is keyed: it finds the rows of one address and names nobody.
    CREATE TABLE sign_ups (
      id            uuid PRIMARY KEY,
      content       bytea,
      address_hash  bytea NOT NULL,
      state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
      reason        text,
      created_at    timestamptz NOT NULL DEFAULT now(),
      settled_at    timestamptz,
      CHECK ((state = 'waiting') = (settled_at IS NULL))
    );
    CREATE INDEX sign_ups_waiting ON sign_ups (created_at) WHERE state = 'waiting';
    CREATE INDEX sign_ups_settled ON sign_ups (settled_at) WHERE settled_at IS NOT NULL;
    CREATE INDEX sign_ups_address ON sign_ups (address_hash);

    -- source: host and path of the page that asked, or a word such as "checkout". refused: why no mail can reach the address.
    ALTER TABLE subscriptions ADD COLUMN source text;
    ALTER TABLE subscriptions ADD COLUMN refused text;
    CREATE INDEX subscriptions_unconfirmed ON subscriptions (asked_at) WHERE status = 'pending' OR refused IS NOT NULL;

    ALTER TABLE lists ADD COLUMN reminder boolean NOT NULL DEFAULT false;

    ALTER TABLE opt_in_requests ADD COLUMN reminded_at timestamptz;
    CREATE INDEX opt_in_requests_open ON opt_in_requests (created_at) WHERE confirmed_at IS NULL;
  `.execute(db);
}
