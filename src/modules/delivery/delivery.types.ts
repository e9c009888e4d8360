import type { SelectQueryBuilder } from 'kysely';
import type { Address, DeliveryState, Stream } from '../../domain/index.js';
import type { Tables } from '../../platform/database/index.js';
import type { Variables } from '../templates/index.js';
import type { NewAttachment } from './attachments/attachment.types.js';

/** What a mail says: a built-in or own template with its variables, or a finished subject with HTML and text. */
export type MessageContent =
  | { readonly template: string; readonly variables: Record<string, unknown> }
  | { readonly subject: string; readonly html: string; readonly text: string };

export interface MessageRecipient {
  readonly personId: string;
  readonly address: Address;
  readonly role: 'to' | 'cc' | 'bcc';
  /** Shown in the To or Cc field. */
  readonly name?: string | null | undefined;
}

/** One mail with one to fifty envelope recipients that share its Message-ID. */
export interface NewMessage {
  /** Made by `newId()`, where the caller needs to store it beside its own row. */
  readonly id?: string;
  readonly stream: Exclude<Stream, 'news'>;
  /** The first sender when left out. */
  readonly senderId?: string | undefined;
  readonly locale: string;
  readonly content: MessageContent;
  readonly recipients: readonly MessageRecipient[];
  /** RFC 3834 `Auto-Submitted: auto-generated`: confirmations and order mail, not what a person wrote. */
  readonly automatic: boolean;
  readonly tags?: readonly string[];
  readonly scheduledAt?: Date | undefined;
  readonly replyTo?: string | undefined;
  /** Further fields: text, but message ids in `References` and `In-Reply-To`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly attachments?: readonly NewAttachment[] | undefined;
}

/** What one server said to one try. */
export interface TryView {
  readonly at: Date;
  readonly relay: string | null;
  /** What the delivery was after it. */
  readonly state: 'sent' | 'failed' | 'deferred' | 'unknown';
  readonly replyCode: number | null;
  readonly reply: string | null;
}

export interface DeliveryView {
  readonly id: number;
  readonly personId: string;
  readonly address: string;
  readonly role: 'to' | 'cc' | 'bcc';
  readonly state: DeliveryState;
  /** Why it was skipped or failed, in the words of domain/. */
  readonly reason: string | null;
  readonly outcome: 'delivered' | 'bounced' | 'complained' | null;
  readonly tries: number;
  /** The next try, while it waits. */
  readonly dueAt: Date | null;
  readonly settledAt: Date | null;
  /** The server's last words, such as `550 5.1.1 No such user`. */
  readonly reply: string | null;
}

export interface MessageDeliveryView extends DeliveryView {
  /** Each hand-over, with what the server said to it, for as long as that is kept. */
  readonly attempts: TryView[];
}

export interface MessageView {
  readonly id: string;
  readonly stream: Stream;
  readonly subject: string | null;
  readonly tags: string[];
  readonly createdAt: Date;
  readonly scheduledAt: Date | null;
  /** The mail that this one repeats, and the ids of those that repeat it. */
  readonly resendOf: string | null;
  readonly resends: string[];
  readonly deliveries: MessageDeliveryView[];
  readonly history: { at: Date; type: string; deliveryId: number | null; data: Record<string, unknown> }[];
}

/** `notice`: service mail to many people, such as word of a new policy. It has no list, and goes out as news does, by turns. */
export type BatchKind = 'campaign' | 'notice';

/** What the mails of a notice may name besides, by locale. A language that is not there gets the first. */
export type NoticeVariables = Readonly<Record<string, Variables>>;

/** Its id is the campaign's, or the notice's. */
export interface NewBatch {
  readonly id: string;
  readonly senderId: string;
  readonly revisionId: string;
  /** The campaign's name, for merge tags and headers. */
  readonly name: string;
  /** For how long a deferred delivery is tried; null: as long as the stream's are. */
  readonly retryHours?: number | null;
  /** `campaign` when left out. */
  readonly kind?: BatchKind;
  readonly variables?: NoticeVariables;
}

export interface BatchView {
  readonly id: string;
  readonly state: 'open' | 'paused' | 'stopped' | 'finished';
  readonly complete: boolean;
  /** Why it paused itself; null where it did not. */
  readonly pauseReason: string | null;
}

/** A query for a part of an audience, which is copied inside the database. */
export type Audience = SelectQueryBuilder<
  Tables,
  never,
  { person_id: string; address: string; recipient_domain: string }
>;
