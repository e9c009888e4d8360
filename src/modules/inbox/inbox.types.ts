import type { Page } from '../../platform/http/index.js';

/** A mail as it came over SMTP, with the three header fields that the list shows (decoded, at most 998 characters). */
export interface NewInboxMessage {
  mailFrom: string;
  rcptTo: readonly string[];
  fromHeader: string;
  toHeader: string;
  subject: string;
  raw: Buffer;
}

export interface InboxSummary extends Omit<NewInboxMessage, 'raw'> {
  id: string;
  receivedAt: Date;
  /** Octets. */
  size: number;
}

export interface InboxMessage extends InboxSummary {
  raw: Buffer;
}

export interface InboxQuery {
  limit: number;
  /** The id that the page before ended with. */
  after: string | null;
  /** Text that the subject or a recipient must contain; '' for all. */
  q: string;
}

/** Where the inbox keeps mail. */
export interface InboxStore {
  /** Resolves when the message is committed. */
  add(message: NewInboxMessage): Promise<void>;
  /** Newest first. */
  list(query: InboxQuery): Promise<Page<InboxSummary>>;
  get(id: string): Promise<InboxMessage | null>;
  /** How many there are. Asked once a message, so it must be cheap and may be some seconds old. */
  count(): Promise<number>;
  clear(): Promise<void>;
}

/** What Nest knows the store by. */
export const INBOX_STORE = Symbol('INBOX_STORE');
