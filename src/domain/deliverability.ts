import { hardReasons, type ReplyReason } from './reply-reasons.js';

/** What a mail that did not arrive says about the list and the sender. */
export type FailureClass =
  /** The address is none: the list is old. */
  | 'hard'
  /** Not now: full, switched off, in trouble. */
  | 'soft'
  /** The receiver wants no such mail, or none of this sender. */
  | 'blocked';

/** Reasons for which a receiver turns away the sender or what it sends, for good or for now. */
export const blockedReasons: ReadonlySet<ReplyReason> = new Set([
  'spam',
  'virus',
  'content',
  'policy',
  'authentication_results',
  'blocked',
  'no_reverse_dns',
  'reputation',
  'sender_refused',
  'security',
  'rate_limited',
  'too_many_connections',
  'message_refused',
]);

/** @param hard whether it is for good, and of the address */
export function failureClass(reason: ReplyReason, hard: boolean): FailureClass {
  if (hard && hardReasons.has(reason)) return 'hard';
  return blockedReasons.has(reason) ? 'blocked' : 'soft';
}

/**
 * The lines that Gmail and Yahoo draw, as shares of delivered mail: stay below the first; from the second on mail goes to spam.
 * https://support.google.com/a/answer/81126, https://senders.yahooinc.com/best-practices/
 */
export const complaintLines = { aim: 0.001, limit: 0.003 } as const;
export type ComplaintLevel = 'below' | 'above_aim' | 'above_limit';

export function complaintLevel(rate: number): ComplaintLevel {
  if (rate >= complaintLines.limit) return 'above_limit';
  return rate >= complaintLines.aim ? 'above_aim' : 'below';
}

/** Providers that tell a sender of no single complaint. Gmail shows a rate in its Postmaster Tools, Apple nothing. */
const silentProviders: readonly (readonly [domain: RegExp, provider: string])[] = [
  [/^(gmail|googlemail)\.com$/, 'Gmail'],
  [/^(icloud|me|mac)\.com$/, 'Apple'],
];

/** Why nobody knows how many people of a domain complained. */
export type NoComplaintData =
  /** The provider tells nobody. */
  | 'provider_sends_none'
  /** None was ever heard from there: perhaps nobody complained, perhaps nobody is registered to be told. */
  | 'none_ever_heard'
  /** No mail was delivered. */
  | 'nothing_delivered';

export type ComplaintRate =
  | { readonly rate: number; readonly level: ComplaintLevel }
  | { readonly rate: null; readonly noData: NoComplaintData };

/**
 * Complaints as a share of the mail that was delivered. No complaint is not 0 % where nobody would have told.
 * @param everHeard whether a complaint from this domain was heard at any time
 */
export function complaintRate(counts: {
  /** null: several domains, of which those that tell nothing are not in `delivered`. */
  readonly domain: string | null;
  readonly delivered: number;
  readonly complaints: number;
  readonly everHeard: boolean;
}): ComplaintRate {
  const { domain, delivered, complaints, everHeard } = counts;
  if (complaints === 0 && !everHeard)
    return {
      rate: null,
      noData: domain !== null && silentProviderOf(domain) ? 'provider_sends_none' : 'none_ever_heard',
    };
  if (delivered === 0) return { rate: null, noData: 'nothing_delivered' };
  const rate = complaints / delivered;
  return { rate, level: complaintLevel(rate) };
}

/** The name of a provider that sends no complaints; undefined for all others. @param domain lower case */
export function silentProviderOf(domain: string): string | undefined {
  return silentProviders.find(([pattern]) => pattern.test(domain))?.[1];
}
