import type { Limit, Stream } from '../../../domain/index.js';

export const spans = ['second', 'hour', 'day'] as const;
export type Span = (typeof spans)[number];

/** The limits that hold for one relay or one recipient domain. */
export type Limits = Readonly<Partial<Record<Span, Limit>>>;

/** What an operator has set for a relay; null is no limit. */
export interface RelayLimits {
  readonly name: string;
  /** Where it carries no order mail, nothing is kept free for it. */
  readonly streams: readonly Stream[];
  readonly perSecond: number | null;
  readonly perHour: number | null;
  readonly perDay: number | null;
}

export interface Grant {
  /** How many mails may be handed over now; 0 … wanted. */
  readonly granted: number;
  /** Milliseconds after which there is more, where less was granted than wanted. */
  readonly retryAfterMs: number;
  /** The limit that is used up. One of an hour or a day is a reason to use another relay, a pace is not. */
  readonly limitedBy: Span | undefined;
  /** Until when it may be used, on this process's clock: what one second allows is not the next one's. Infinity without a pace. */
  readonly until: number;
  /** Of what was granted, this much was not used after all. */
  giveBack(count: number): void;
}

export const relaySubject = (name: string): string => `relay:${name}`;
export const domainSubject = (domain: string): string => `domain:${domain}`;
