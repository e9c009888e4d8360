import type { ColumnType, Generated, JSONColumnType } from 'kysely';

/** A timestamp that the database sets. */
export type SetByDatabase = ColumnType<Date, Date | undefined, Date>;

export interface KeysTable {
  id: Generated<number>;
  purpose: string;
  wrapped: Buffer;
  created_at: SetByDatabase;
  retired_at: Date | null;
}

export interface ApiKeysTable {
  id: string;
  name: string;
  prefix: string;
  hash: Buffer;
  scopes: string[];
  created_at: SetByDatabase;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
  senders: string[] | null;
  rate_requests: number | null;
  rate_per: 'second' | 'minute' | null;
  allow_ips: string[] | null;
}

export interface AuditLogTable {
  id: Generated<number>;
  at: SetByDatabase;
  actor: string;
  action: string;
  subject: string;
  changes: JSONColumnType<Record<string, unknown>>;
}

export interface IdempotencyKeysTable {
  api_key_id: string;
  key: string;
  request_hash: Buffer;
  status: number;
  response: JSONColumnType<object>;
  created_at: SetByDatabase;
}

export interface RateLimitsTable {
  key: string;
  hits: number;
  expires_at: Date;
  blocked_until: Date | null;
}

export interface ProcessMetricsTable {
  process: string;
  metrics: JSONColumnType<object>;
  updated_at: SetByDatabase;
}

export interface EventsTable {
  bucket: string;
  id: Generated<number>;
  xid: Generated<string>;
  at: SetByDatabase;
  type: string;
  person_id: string | null;
  list_id: string | null;
  campaign_id: string | null;
  message_id: string | null;
  delivery_id: number | null;
  data: JSONColumnType<Record<string, unknown>>;
}

export interface InboxMessagesTable {
  id: string;
  received_at: SetByDatabase;
  mail_from: string;
  rcpt_to: string[];
  from_header: string;
  to_header: string;
  subject: string;
  size: number;
  raw: Buffer;
}
