import type { StoredAttachment } from './attachments/attachment.types.js';
import type { BatchTurn } from './claim.types.js';

/** What is sealed in `messages.content`: who stands in To and Cc, the variables or the finished body, what else goes with it. */
export interface SealedContent {
  readonly to: readonly { name: string; address: string }[];
  readonly cc: readonly { name: string; address: string }[];
  readonly replyTo: string | null;
  readonly variables?: Record<string, unknown>;
  readonly body?: { subject: string; html: string; text: string };
  /** Fields that the caller added. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly StoredAttachment[];
}

/** What a claim's mails have in common, read once a claim. */
export type MailSource =
  | { readonly kind: 'batch'; readonly batch: BatchTurn }
  | {
      readonly kind: 'message';
      readonly id: string;
      readonly senderId: string;
      readonly revisionId: string | null;
      readonly locale: string;
      readonly automatic: boolean;
      readonly content: SealedContent;
    };
