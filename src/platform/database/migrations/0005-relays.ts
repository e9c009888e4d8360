import { type Kysely, sql } from 'kysely';

/** Relays, what they and recipient domains may take, and who uses how much of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- url is sealed with a key of the purpose "relay". A limit that is null does not exist.
    CREATE TABLE relays (
      id               uuid PRIMARY KEY,
      name             text NOT NULL UNIQUE,
      url              bytea NOT NULL,
      streams          text[] NOT NULL,
      priority         integer NOT NULL,
      connections      integer CHECK (connections > 0),
      per_second       integer CHECK (per_second > 0),
      per_hour         integer CHECK (per_hour > 0),
      per_day          integer CHECK (per_day > 0),
      signing          text NOT NULL CHECK (signing IN ('ours', 'relay')),
      envelope         text NOT NULL CHECK (envelope IN ('verp', 'fixed')),
      enabled          boolean NOT NULL DEFAULT true,
      last_problem     text,
      last_problem_at  timestamptz,
      created_at       timestamptz NOT NULL DEFAULT now(),
      updated_at       timestamptz NOT NULL DEFAULT now()
    );

    -- A process whose circuit for a relay is open; it says so again every few seconds, since it may die meanwhile.
    CREATE TABLE relay_circuits (
      relay       text NOT NULL,
      process     text NOT NULL,
      open_since  timestamptz NOT NULL DEFAULT now(),
      seen_at     timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (relay, process)
    );

    -- How many connections each process may keep. A process that dies loses them when the lease ends.
    CREATE TABLE connection_leases (
      relay        text NOT NULL,
      process      text NOT NULL,
      bulk_only    boolean NOT NULL,
      connections  integer NOT NULL,
      expires_at   timestamptz NOT NULL,
      PRIMARY KEY (relay, process)
    );

    CREATE TABLE domain_caps (
      domain      text PRIMARY KEY,
      per_second  integer NOT NULL CHECK (per_second > 0),
      created_at  timestamptz NOT NULL DEFAULT now(),
      updated_at  timestamptz NOT NULL DEFAULT now()
    );

    -- What was given to workers in the current window, one row per relay or domain and span; bulk is the part of used that news and
    -- service mail took. The lines say up to when there are mails that wait for their turn.
    CREATE TABLE quota_windows (
      subject    text NOT NULL,
      span       text NOT NULL CHECK (span IN ('second', 'hour', 'day')),
      ends_at    timestamptz NOT NULL DEFAULT '-infinity',
      used       integer NOT NULL DEFAULT 0,
      bulk       integer NOT NULL DEFAULT 0,
      line       timestamptz NOT NULL DEFAULT '-infinity',
      bulk_line  timestamptz NOT NULL DEFAULT '-infinity',
      PRIMARY KEY (subject, span)
    ) WITH (fillfactor = 50);

    -- A relay or a domain that asked to slow down. How far it has recovered follows from the time since then.
    CREATE TABLE slow_downs (
      subject     text PRIMARY KEY,
      per_second  double precision NOT NULL,
      ceiling     double precision NOT NULL,
      slowed_at   timestamptz NOT NULL,
      reason      text NOT NULL
    );
  `.execute(db);
}
