import type { ReplyReason } from '../../../domain/index.js';
import type { DeliveryRef } from '../verp/bounce-addresses.js';

export const outcomes = ['delivered', 'bounced', 'complained'] as const;
/** What came after the hand-over; a later one in this order replaces an earlier one, never the other way. */
export type Outcome = (typeof outcomes)[number];

/** By what somebody else names one of our mails. The signed one alone where there is one; else asked in this order. */
export interface DeliveryClues {
  readonly delivery: DeliveryRef | null;
  /** `<batch.delivery@domain>` or `<message@domain>`, with or without the brackets. */
  readonly messageId: string | null;
  readonly deliveryId: number | null;
  /** The id that the relay gave in its 250. */
  readonly relayId: string | null;
}

export interface FoundDelivery extends DeliveryRef {
  /** As it was written to. */
  readonly address: string;
  readonly recipientDomain: string;
  readonly personId: string;
  readonly campaignId: string | null;
  readonly messageId: string | null;
  readonly listId: string | null;
  readonly relay: string | null;
  readonly state: string;
  /** When a person last had it sent again. */
  readonly life: Date | null;
}

/** Why, where it bounced or was complained about. */
export interface OutcomeFacts {
  readonly source: string;
  readonly reason: ReplyReason | null;
  readonly hard: boolean;
  readonly status: string | null;
  readonly reply: string | null;
}

/** What somebody told of one delivery. */
export interface ToldOutcome {
  readonly delivery: FoundDelivery;
  readonly outcome: Outcome;
  readonly facts: OutcomeFacts;
}

/** The same as the row has it; `said` is what replaces what is known, null where nothing does. */
export interface WrittenOutcome extends Pick<ToldOutcome, 'delivery' | 'outcome'> {
  readonly said: {
    readonly reason: string;
    readonly code: number | null;
    readonly reply: string | null;
  } | null;
}
