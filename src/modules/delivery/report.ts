import type { DeliveryCounts, DeliveryState } from '../../domain/index.js';

/** What came after the hand-over, beside the state. */
export interface OutcomeCounts {
  readonly delivered: number;
  readonly bounced: number;
  readonly complained: number;
}

export interface DomainLine {
  readonly domain: string;
  readonly counts: DeliveryCounts;
  readonly outcomes: OutcomeCounts;
}

/** All the domains that have no line of their own. */
export interface OtherDomains {
  readonly domains: number;
  readonly counts: DeliveryCounts;
  readonly outcomes: OutcomeCounts;
}

export interface ReplyLine {
  readonly state: 'failed' | 'deferred' | 'unknown';
  readonly reason: string | null;
  readonly replyCode: number | null;
  /** RFC 3463, such as 5.1.1, where the server gave one. */
  readonly enhanced: string | null;
  readonly count: number;
  /** What the server said to one of them, without the address. */
  readonly sample: string | null;
}

export interface SkipLine {
  readonly reason: string | null;
  readonly count: number;
}

/** What became of a batch, all of it as of one moment. */
export interface BatchReport {
  readonly at: Date;
  readonly counts: DeliveryCounts;
  readonly outcomes: OutcomeCounts;
  /** The largest first. */
  readonly domains: DomainLine[];
  readonly others: OtherDomains;
  readonly replies: ReplyLine[];
  readonly skips: SkipLine[];
}

/** The word for "has none" where a list is narrowed by something that a row may not have. */
export const NONE = 'none';

/** Narrows a list to the rows behind one number of the report; null: the rows that have none. */
export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  readonly outcome?: keyof OutcomeCounts | undefined;
  readonly domain?: string | undefined;
  readonly notDomains?: readonly string[] | undefined;
  readonly reason?: string | null | undefined;
  readonly replyCode?: number | null | undefined;
  readonly enhanced?: string | null | undefined;
}

const MOST_WORDS = 300;

/** A reply to show to people: no address in it, not even the name before the @ of the one that it is about. */
export function sampleWords(reply: string, address: string): string {
  const name = address.slice(0, address.lastIndexOf('@')).toLowerCase();
  return reply
    .replaceAll(/<?[^\s<>"@=]+@[^\s<>"@,;:]*[^\s<>"@,;:.]>?/g, '<…>')
    .replaceAll(/[\p{L}\p{N}._+-]*[\p{L}\p{N}]/gu, (word) =>
      word.length > 1 && word.toLowerCase() === name ? '…' : word,
    )
    .slice(0, MOST_WORDS);
}
