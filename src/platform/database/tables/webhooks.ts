import type { Generated, JSONColumnType } from 'kysely';
import type { SetByDatabase } from './platform.js';

export interface WebhooksTables {
  webhook_attempts: WebhookAttemptsTable;
  webhook_cursor: WebhookCursorTable;
  webhook_endpoints: WebhookEndpointsTable;
  webhook_messages: WebhookMessagesTable;
}

export interface WebhookEndpointsTable {
  id: string;
  url: string;
  description: string | null;
  events: string[];
  secret: Buffer;
  previous_secret: Buffer | null;
  previous_until: Date | null;
  enabled: Generated<boolean>;
  disabled_reason: 'asked' | 'gone' | 'failing' | null;
  disabled_at: Date | null;
  failures: Generated<number>;
  failing_since: Date | null;
  last_success_at: Date | null;
  resting_until: Date | null;
  turn_token: string | null;
  turn_until: Date | null;
  replay: JSONColumnType<ReplayColumn | null, string | null, string | null>;
  created_at: SetByDatabase;
  updated_at: SetByDatabase;
}

/** Which past events an endpoint gets once more, and how far that is. */
export interface ReplayColumn {
  readonly since: string;
  readonly until: string;
  /** null: every type that the endpoint takes. */
  readonly types: string[] | null;
  readonly onlyFailed: boolean;
  /** The last event that has been looked at: its month and id. */
  readonly bucket: string;
  readonly after: number;
}

export interface WebhookMessagesTable {
  id: string;
  endpoint_id: string;
  type: string;
  event_bucket: string | null;
  event_id: number | null;
  happened_at: Date;
  state: Generated<'waiting' | 'delivered' | 'failed'>;
  tries: Generated<number>;
  due_at: SetByDatabase;
}

export interface WebhookAttemptsTable {
  id: string;
  endpoint_id: string;
  message_id: string;
  type: string;
  try: number;
  delivered: boolean;
  duration_ms: number;
  status_code: number | null;
  answer: string | null;
  error: string | null;
}

export interface WebhookCursorTable {
  only_one: Generated<boolean>;
  xid: string;
  id: number;
  read_at: SetByDatabase;
}
