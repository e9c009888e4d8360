import type { ReplyReason, SpeaksOf } from '../../../domain/index.js';
import type { Action } from './delivery-status.js';

export type BounceKind = 'bounce' | 'complaint' | 'auto-reply' | 'delayed' | 'challenge' | 'other';

export interface UnderstoodRecipient {
  /** As the report names it, the address that was written to before the one it ended at; null where it is redacted. */
  readonly address: string | null;
  /** RFC 3464 §2.3.3. `none` where nothing was to be delivered: complaints and automatic replies. */
  readonly action: Action | 'none';
  /** RFC 3463, as the report or the server's answer states it. */
  readonly status: string | null;
  /** The SMTP reply code that the report quotes. */
  readonly code: number | null;
  /** The server's words as quoted, in one piece, at most 1,000 characters; evidence, never the returned content. */
  readonly reply: string;
  readonly reason: ReplyReason;
  readonly speaksOf: SpeaksOf;
  readonly permanent: boolean;
  /** The address must not be mailed again. */
  readonly hard: boolean;
}

/** What the report carries of the mail that it is about. None of it is proof: only a signed VERP address or token is. */
export interface ReturnedIdentity {
  /** With its angle brackets off. For an automatic reply that of the mail that it answers. */
  readonly messageId: string | null;
  /** X-Postrider-Delivery. */
  readonly deliveryId: string | null;
  readonly feedbackId: string | null;
  /** ENVID (RFC 3461) or the reporting system's own. */
  readonly envelopeId: string | null;
  /** Return-Path of the returned mail, or Original-Mail-From of a complaint: the VERP address. */
  readonly envelopeSender: string | null;
  /** The field as it was sent: its link holds a token also where addresses are redacted (RFC 6590). */
  readonly listUnsubscribe: string | null;
}

export interface Understood {
  readonly kind: BounceKind;
  readonly recipients: readonly UnderstoodRecipient[];
  readonly identity: ReturnedIdentity;
  /** Of a feedback report (RFC 5965 §3.1, RFC 6591, RFC 6430), lower case: abuse, fraud, auth-failure, not-spam, … */
  readonly feedbackType: string | null;
}
