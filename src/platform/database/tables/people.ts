import type { Generated, JSONColumnType } from 'kysely';
import type { SuppressionReason } from '../../../domain/index.js';
import type { SetByDatabase } from './platform.js';

export interface BrandsTable {
  id: string;
  slug: string;
  name: string;
  logo_url: string | null;
  colour: Generated<string>;
  postal_address: string | null;
  website_url: string | null;
  created_at: SetByDatabase;
  updated_at: SetByDatabase;
}

export interface SendersTable {
  id: string;
  slug: string;
  brand_id: string;
  from_name: string | null;
  from_address: string;
  reply_to: string | null;
  domain: string;
  created_at: SetByDatabase;
  updated_at: SetByDatabase;
}

export interface ListsTable {
  id: string;
  slug: string;
  name: string;
  description: string | null;
  opt_in: 'double' | 'single';
  visibility: 'public' | 'private';
  sender_id: string;
  tracking: Generated<boolean>;
  reminder: Generated<boolean>;
  soft_bounce_limit: number | null;
  archived_at: Date | null;
  created_at: SetByDatabase;
  updated_at: SetByDatabase;
}

export interface PeopleTable {
  id: string;
  canonical: string | null;
  address: string | null;
  name: string | null;
  locale: string | null;
  timezone: string | null;
  attributes: JSONColumnType<Record<string, unknown>, string | undefined>;
  created_at: SetByDatabase;
  updated_at: SetByDatabase;
  erased_at: Date | null;
  /** When this person agreed to be tracked on lists that have tracking on; null: not at all. */
  tracking_agreed_at: Generated<Date | null>;
}

export type SubscriptionStatus = 'pending' | 'confirmed' | 'unsubscribed';

export interface SubscriptionsTable {
  id: string;
  person_id: string;
  list_id: string;
  status: SubscriptionStatus;
  asked_at: SetByDatabase;
  confirmed_at: Date | null;
  left_at: Date | null;
  source: Generated<string | null>;
  refused: Generated<string | null>;
  updated_at: SetByDatabase;
  paused_until: Generated<Date | null>;
  min_days_between: Generated<number | null>;
  left_reason: Generated<string | null>;
  left_note: Generated<string | null>;
}

export interface OptInRequestsTable {
  id: string;
  person_id: string;
  subscriptions: string[];
  created_at: SetByDatabase;
  expires_at: Date;
  confirmed_at: Date | null;
  reminded_at: Generated<Date | null>;
}

export interface ConsentLedgerTable {
  id: Generated<number>;
  at: SetByDatabase;
  act: 'asked' | 'confirmed' | 'changed' | 'left' | 'imported' | 'revived' | 'erased';
  list_id: string | null;
  facts: JSONColumnType<Record<string, unknown>, string, never>;
  person_id: string | null;
  personal: JSONColumnType<Record<string, unknown>, string, string | null> | null;
  salt: Buffer | null;
  hash: Buffer;
}

export interface ErasureHashesTable {
  hash: Buffer;
  erased_at: SetByDatabase;
}

export interface SuppressionsTable {
  id: string;
  canonical: string;
  scope: 'all' | 'news' | 'list';
  list_id: string | null;
  reason: SuppressionReason;
  evidence: string | null;
  created_at: SetByDatabase;
  released_at: Date | null;
  release_note: string | null;
}
