import type { SkipReason } from '../../domain/index.js';
import type { BatchKind, NoticeVariables } from './delivery.types.js';
import type { Claimed } from './settlement.js';

export interface ClaimedDelivery extends Claimed {
  readonly personId: string;
  readonly address: string;
  readonly recipientDomain: string;
  readonly messageId: string | null;
  readonly campaignId: string | null;
  readonly dueAt: Date;
}

/** What is true of a claimed delivery at this moment. */
export interface Checked {
  readonly id: number;
  /** Why it must not be sent; null: it may. */
  readonly skip: SkipReason | null;
  /** The batch is paused or stopped: it goes back. */
  readonly held: boolean;
  readonly name: string | null;
  readonly locale: string | null;
  readonly timezone: string | null;
  readonly subscriptionId: string | null;
  readonly list: { readonly slug: string; readonly name: string } | null;
}

/** Deliveries that this process alone may send, until the lease ends. */
export interface Claim {
  readonly token: string;
  readonly bucket: string;
  readonly items: ClaimedDelivery[];
  /** What was true of each when it was claimed. */
  readonly checked: ReadonlyMap<number, Checked>;
  /** On this process's clock, before the question was asked. */
  readonly checkedAt: number;
}

/** A batch whose turn it is. */
export interface BatchTurn {
  readonly id: string;
  readonly bucket: string;
  readonly state: 'open' | 'stopped';
  readonly senderId: string;
  readonly revisionId: string;
  readonly name: string;
  /** For how long its mail is tried; null: as its stream. */
  readonly retryHours: number | null;
  readonly kind: BatchKind;
  readonly variables: NoticeVariables | null;
}
