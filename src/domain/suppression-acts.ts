import { hardReasons, type ReplyReason } from './reply-reasons.js';
import type { SuppressionFacts } from './suppression.js';

/**
 * What follows from a mail that was refused, bounced or was complained about (STANDARDS.md 25), as data. Only what speaks of the
 * address, or of a domain that nobody takes mail at, is ever held against an address.
 */
export type MailAct =
  | 'suppress' // the address, for everything
  | 'count' // against the address; enough of it stops news
  | 'stop_news' // the person does not want it
  | 'pause' // the blast, where it is many: the sender is refused, not the address
  | 'slow_down' // what goes to the domain, or through the relay
  | 'nothing';

export type ToldKind = 'bounced' | 'complained' | 'unsubscribed';

const actOfReason: Record<ReplyReason, MailAct> = {
  user_unknown: 'suppress',
  bad_address: 'suppress',
  moved: 'suppress',
  host_unknown: 'suppress',
  no_mail_accepted: 'suppress',
  mailbox_full: 'count',
  suspended: 'count',
  filtered: 'count',
  recipient_refused: 'count',
  // A domain that nobody answers for, campaign after campaign, is no domain for mail.
  unreachable: 'count',
  expired: 'count',
  authentication_results: 'pause',
  blocked: 'pause',
  no_reverse_dns: 'pause',
  reputation: 'pause',
  sender_refused: 'pause',
  security: 'pause',
  policy: 'pause',
  relay_quota: 'slow_down',
  too_many_connections: 'slow_down',
  rate_limited: 'slow_down',
  greylisted: 'nothing',
  too_big: 'nothing',
  too_big_for_mailbox: 'nothing',
  spam: 'nothing',
  virus: 'nothing',
  content: 'nothing',
  malformed: 'nothing',
  protocol: 'nothing',
  message_refused: 'nothing',
  relay_denied: 'nothing',
  sender_not_allowed: 'nothing',
  authentication: 'nothing',
  connection: 'nothing',
  tls: 'nothing',
  service_unavailable: 'nothing',
  system: 'nothing',
  mailer_error: 'nothing',
  network: 'nothing',
  try_later: 'nothing',
  delivered: 'nothing',
  vacation: 'nothing',
  complaint: 'nothing',
  feedback: 'nothing',
  unknown: 'nothing',
};

/** What counts more than 1 against an address. */
const weights: Partial<Record<ReplyReason, number>> = { suspended: 2 };

/**
 * @param told what became of a mail in the end; a delay is not told here
 * @param told.hard whether it is for good and of the address; a "no such user" that is not so, such as one of a mailbox that the
 *   address forwards to, counts
 */
export function actOn(told: {
  readonly kind: ToldKind;
  readonly reason: ReplyReason;
  readonly hard: boolean;
}): MailAct {
  if (told.kind !== 'bounced') return 'stop_news';
  const act = actOfReason[told.reason];
  return act === 'suppress' && !told.hard ? 'count' : act;
}

/** Whether a refusal in our own dialogue is for good and of the address. */
export function isHardRefusal(reason: ReplyReason, replyCode: number | null): boolean {
  return replyCode !== null && replyCode >= 500 && hardReasons.has(reason);
}

/** What it counts against the address; 0 for what does not count. */
export function softWeight(told: Parameters<typeof actOn>[0]): number {
  return actOn(told) === 'count' ? (weights[told.reason] ?? 1) : 0;
}

/** Suppressions that follow at once, without a count. @param listId the list that the mail went through */
export function suppressionsFor(
  told: Parameters<typeof actOn>[0],
  listId: string | null,
): SuppressionFacts[] {
  const act = actOn(told);
  if (act === 'suppress') return [{ scope: 'all', reason: 'hard_bounce', listId: null }];
  if (act !== 'stop_news') return [];
  const news = { scope: 'news', listId: null } as const;
  // The wish to leave that a provider took is that list's, where it is known.
  if (told.kind === 'unsubscribed')
    return [
      listId === null ? { ...news, reason: 'imported' } : { scope: 'list', listId, reason: 'imported' },
    ];
  // The list too: who later joins another one has not taken back what they said of this.
  const complaint = { ...news, reason: 'complaint' } as const;
  return listId === null ? [complaint] : [complaint, { scope: 'list', reason: 'complaint', listId }];
}

export interface CountedReport {
  readonly weight: number;
  readonly ageDays: number;
}

/** Soft bounces against one address now: each counts half after every half-life. */
export function softScore(reports: readonly CountedReport[], halfLifeDays: number): number {
  return reports.reduce(
    (sum, { weight, ageDays }) => sum + weight * 0.5 ** (Math.max(0, ageDays) / halfLifeDays),
    0,
  );
}

/** What a score brings. @param lists the lists that the mails went through, with the limits of their own where they have one */
export function suppressionsAt(
  score: number,
  limit: number,
  list: { readonly id: string; readonly limit: number | null } | null,
): SuppressionFacts[] {
  const reached: SuppressionFacts[] = [];
  // Sums of halves: 5 of one minute are 4.9999.
  const least = score + 1e-3;
  if (least >= limit) reached.push({ scope: 'news', reason: 'soft_bounces', listId: null });
  if (list !== null && list.limit !== null && least >= list.limit)
    reached.push({ scope: 'list', reason: 'soft_bounces', listId: list.id });
  return reached;
}
