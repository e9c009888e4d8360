import { sql, type Kysely } from 'kysely';

/** Imports of people from CSV. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- position: records of the file, blank ones too and without the header, that are done; it moves in the transaction that does them.
    CREATE TABLE imports (
      id            uuid PRIMARY KEY,
      state         text NOT NULL CHECK (state IN ('uploading', 'waiting', 'running', 'finished', 'failed', 'cancelled')),
      settings      jsonb NOT NULL,
      octets        bigint NOT NULL DEFAULT 0,
      position      bigint NOT NULL DEFAULT 0,
      octets_done   bigint NOT NULL DEFAULT 0,
      counts        jsonb NOT NULL,
      problem       text,
      lease         uuid,
      leased_until  timestamptz,
      created_at    timestamptz NOT NULL DEFAULT now(),
      started_at    timestamptz,
      finished_at   timestamptz
    );
    CREATE INDEX imports_unfinished ON imports (id) WHERE state IN ('uploading', 'waiting', 'running');

    -- The file as UTF-8, sealed, until it has been read. In the database because any worker on any machine may read it.
    CREATE TABLE import_chunks (
      import_id  uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
      number     int NOT NULL,
      sealed     bytea NOT NULL,
      PRIMARY KEY (import_id, number)
    );
    -- What is sealed does not compress.
    ALTER TABLE import_chunks ALTER COLUMN sealed SET STORAGE EXTERNAL;

    -- row_number: as a spreadsheet counts, the header is row 1.
    CREATE TABLE import_errors (
      import_id    uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
      row_number   bigint NOT NULL,
      column_name  text NOT NULL,
      problem      text NOT NULL,
      PRIMARY KEY (import_id, row_number, column_name)
    );
  `.execute(db);
}
