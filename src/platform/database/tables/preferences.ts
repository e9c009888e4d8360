import type { SetByDatabase } from './platform.js';

/** A link that somebody asked for by mail. */
export interface FreshLinksTable {
  id: string;
  person_id: string;
  purpose: 'manage' | 'address';
  /** Sealed as "content". */
  new_address: Buffer | null;
  created_at: SetByDatabase;
  expires_at: Date;
  used_at: Date | null;
}

/** An address that was typed at /preferences, until a worker has looked it up. */
export interface LinkRequestsTable {
  id: string;
  /** Sealed as "content". */
  asked: Buffer;
  created_at: SetByDatabase;
}

/** Tables of the migration "preferences". */
export interface PreferencesTables {
  fresh_links: FreshLinksTable;
  link_requests: LinkRequestsTable;
}
