import { sql, type Kysely } from 'kysely';

/** Privacy policies, and the seals of the consent ledger. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await policies(db);
  await notices(db);
  await seals(db);
}

/** Each version as it was published, in the languages that it was published in: never edited, never deleted. */
async function policies(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE privacy_policies (
      id            uuid PRIMARY KEY,
      version       text NOT NULL UNIQUE,
      revised_on    date NOT NULL,
      bodies        jsonb NOT NULL,
      published_at  timestamptz NOT NULL DEFAULT now()
    );
    CREATE TRIGGER privacy_policies_rows BEFORE UPDATE OR DELETE ON privacy_policies
      FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER privacy_policies_truncate BEFORE TRUNCATE ON privacy_policies
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

    CREATE TABLE policy_acceptances (
      policy_id    uuid NOT NULL REFERENCES privacy_policies,
      person_id    uuid NOT NULL,
      accepted_at  timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (policy_id, person_id)
    );
    CREATE INDEX policy_acceptances_person ON policy_acceptances (person_id);
  `.execute(db);
}

/** A notice is service mail to many people: a batch without a list, whose mails share what is in `variables`. */
async function notices(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE batches
      ADD COLUMN kind text NOT NULL DEFAULT 'campaign' CHECK (kind IN ('campaign', 'notice')),
      ADD COLUMN variables jsonb;

    -- id: also that of its batch. fill_after: the last person who was looked at while its audience is being copied.
    CREATE TABLE policy_announcements (
      id          uuid PRIMARY KEY,
      policy_id   uuid NOT NULL UNIQUE REFERENCES privacy_policies,
      audience    text NOT NULL CHECK (audience IN ('subscribers', 'everyone', 'lists')),
      list_ids    uuid[] NOT NULL DEFAULT '{}',
      acceptance  text NOT NULL CHECK (acceptance IN ('none', 'asked')),
      fill_after  uuid,
      filled_at   timestamptz,
      created_at  timestamptz NOT NULL DEFAULT now(),
      CHECK ((audience = 'lists') = (list_ids <> '{}'))
    );
    CREATE INDEX policy_announcements_unfilled ON policy_announcements (id) WHERE filled_at IS NULL;
  `.execute(db);
}

/**
 * A seal signs the rows of the ledger that were there and in no seal yet. An id is given out before its row is committed, so a row may
 * come late. `ids` are the rows of the seal, `top` is the highest id that seals have seen. `awaited` are ids below it that have no row
 * yet; once every transaction before `horizon` has ended without bringing them, a later seal names them `unused`, and a row that turns
 * up there was slipped in. No transaction number stands in the ledger itself: it means nothing after a dump is restored elsewhere.
 */
async function seals(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE consent_seals (
      id         bigint PRIMARY KEY,
      at         timestamptz NOT NULL,
      ids        int8multirange NOT NULL,
      row_count  int NOT NULL,
      top        bigint NOT NULL,
      awaited    int8multirange NOT NULL,
      unused     int8multirange NOT NULL,
      horizon    xid8 NOT NULL,
      marks      bytea NOT NULL,
      digest     bytea NOT NULL,
      previous   bytea NOT NULL,
      key_id     int NOT NULL,
      signature  bytea NOT NULL
    );
    -- Which seal a row is under, for the proof of one person.
    CREATE INDEX consent_seals_ids ON consent_seals USING gist (ids);
    CREATE TRIGGER consent_seals_rows BEFORE UPDATE OR DELETE ON consent_seals
      FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER consent_seals_truncate BEFORE TRUNCATE ON consent_seals
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

    -- A transaction has its number before its first row has an id. So whoever holds an id that is awaited is among the transactions
    -- that a snapshot knows of.
    CREATE FUNCTION consent_ledger_numbers_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_current_xact_id();
      RETURN NULL;
    END $$;
    CREATE TRIGGER consent_ledger_number BEFORE INSERT ON consent_ledger
      FOR EACH STATEMENT EXECUTE FUNCTION consent_ledger_numbers_transaction();
  `.execute(db);
}
