import { sql, type Kysely } from 'kysely';

/** Limits of API keys, and who made, changed and revoked them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Null: without limit. senders are slugs, allow_ips networks (203.0.113.0/24).
    ALTER TABLE api_keys
      ADD COLUMN senders        text[] CHECK (senders <> '{}'),
      ADD COLUMN rate_requests  integer CHECK (rate_requests > 0),
      ADD COLUMN rate_per       text CHECK (rate_per IN ('second', 'minute')),
      ADD COLUMN allow_ips      text[] CHECK (allow_ips <> '{}'),
      ADD CHECK ((rate_requests IS NULL) = (rate_per IS NULL));

    -- Append-only. actor: the id of an API key, 'command line', or 'start' for keys that the configuration asks for.
    CREATE TABLE audit_log (
      id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at       timestamptz NOT NULL DEFAULT now(),
      actor    text NOT NULL,
      action   text NOT NULL,
      subject  uuid NOT NULL,
      changes  jsonb NOT NULL
    );
    CREATE INDEX audit_log_subject ON audit_log (subject, id);
    CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
      FOR EACH ROW EXECUTE FUNCTION refuse_change();
  `.execute(db);
}
