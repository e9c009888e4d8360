import { sql, type Kysely } from 'kysely';

/** Attachments, every try of a single mail, mails that are sent again, and templates that an operator puts in place of ours. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await attachments(db);
  await tries(db);
  await templates(db);
}

/** A file is kept once, however many mails carry it, for as long as one of them keeps its content. */
async function attachments(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- content is sealed with a key of the purpose "content". It does not compress.
    CREATE TABLE blobs (
      sha256      bytea PRIMARY KEY,
      octets      integer NOT NULL,
      content     bytea NOT NULL,
      stored_at   timestamptz NOT NULL DEFAULT now()
    );
    ALTER TABLE blobs ALTER COLUMN content SET STORAGE EXTERNAL;

    CREATE TABLE message_blobs (
      bucket      date NOT NULL,
      message_id  uuid NOT NULL,
      sha256      bytea NOT NULL REFERENCES blobs,
      PRIMARY KEY (message_id, sha256)
    );
    CREATE INDEX message_blobs_of ON message_blobs (sha256);
  `.execute(db);
}

/** deliveries keep the last answer alone; support asks what the first one was. News has no such rows: a blast would pay for them. */
async function tries(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE delivery_tries (
      id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      message_id   uuid NOT NULL,
      delivery_id  bigint NOT NULL,
      at           timestamptz NOT NULL DEFAULT now(),
      state        text NOT NULL,
      relay        text,
      reply_code   smallint,
      reply        text
    );
    CREATE INDEX delivery_tries_message ON delivery_tries (message_id);
    CREATE INDEX delivery_tries_at ON delivery_tries (at);

    ALTER TABLE messages ADD COLUMN resend_of uuid;
    CREATE INDEX messages_resend ON messages (resend_of) WHERE resend_of IS NOT NULL;
  `.execute(db);
}

/** What is live is a row that everybody reads; null: what this version of Postrider ships. */
async function templates(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE templates ADD COLUMN live_revision_id uuid REFERENCES template_revisions;
    -- Of the source in TEMPLATES_DIR that was last looked at, good or bad.
    ALTER TABLE templates ADD COLUMN file_checksum text;
    ALTER TABLE template_revisions ADD COLUMN origin text NOT NULL DEFAULT 'shipped'
      CHECK (origin IN ('shipped', 'file', 'api'));
    ALTER TABLE template_revisions ADD COLUMN sample jsonb;
  `.execute(db);
}
