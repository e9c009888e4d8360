import type { BatchTurn } from './claim.types.js';

/** What is sealed in `messages.content`: who stands in To and Cc, and the variables or the finished body. */
export interface SealedContent {
  readonly to: readonly { name: string; address: string }[];
  readonly cc: readonly { name: string; address: string }[];
  readonly replyTo: string | null;
  readonly variables?: Record<string, unknown>;
  readonly body?: { subject: string; html: string; text: string };
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
