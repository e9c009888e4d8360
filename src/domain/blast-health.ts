import type { ReplyReason } from './reply-reasons.js';

/** Whether a blast does more harm than good. Pure: numbers in, verdict out; where the numbers come from is the caller's matter. */

/** Every number counts mails of one blast. */
export interface BlastNumbers {
  /** Sent, failed or unknown. What a server put off is judged when it is settled: a greylisting often looks like a policy. */
  readonly tried: number;
  /** Failed, or bounced later; the next and the last number are parts of this. */
  readonly failures: number;
  /** Refused for good because of the address or its domain, or bounced later. */
  readonly hardBounces: number;
  /** Marked as spam by the person. */
  readonly complaints: number;
  /** Refused for good because of authentication, policy or reputation: they speak of the sender, not of one recipient. */
  readonly authentication: number;
}

export type BlastIllness = Exclude<keyof BlastNumbers, 'tried' | 'failures'>;

/** Percent of the mails that were tried. */
export interface BlastLimits extends Readonly<Record<BlastIllness, number>> {
  /** Fewer tried mails than this are not judged. */
  readonly minimum: number;
}

export interface BlastTrouble {
  readonly illness: BlastIllness;
  readonly tried: number;
  /** Percent, as the limit. */
  readonly share: number;
  readonly limit: number;
}

export const noBlastNumbers: BlastNumbers = {
  tried: 0,
  failures: 0,
  hardBounces: 0,
  complaints: 0,
  authentication: 0,
};

/**
 * The reasons of domain/smtp-reply behind each number, where the reply was a 5xx. Not every reason that speaks of a domain is a
 * bounce: one that limits the rate, or that wants TLS, knows the address well.
 */
export const hardBounceReasons: readonly ReplyReason[] = [
  'user_unknown',
  'recipient_refused',
  'filtered',
  'bad_address',
  'moved',
  'suspended',
  'mailbox_full',
  'host_unknown',
  'no_mail_accepted',
  'unreachable',
];
export const authenticationReasons: readonly ReplyReason[] = [
  'authentication_results',
  'reputation',
  'blocked',
  'no_reverse_dns',
  'security',
  'policy',
  'sender_refused',
];

/** One or two are no trend, whatever their share: a single complaint among 100 mails is 1 %. */
const FEWEST = 3;

/** In this order: where mail is refused for its sender, addresses are often blamed as well. */
const illnesses: readonly BlastIllness[] = ['authentication', 'complaints', 'hardBounces'];

/**
 * @param forgiven the numbers when a person last let it go on; only what came after is judged
 * @returns what is wrong with it, or undefined: it may go on
 */
export function judgeBlast(
  now: BlastNumbers,
  forgiven: BlastNumbers,
  limits: BlastLimits,
): BlastTrouble | undefined {
  const tried = now.tried - forgiven.tried;
  if (tried < Math.max(1, limits.minimum)) return undefined;
  for (const illness of illnesses) {
    const cases = now[illness] - forgiven[illness];
    const share = (100 * cases) / tried;
    if (cases >= FEWEST && share > limits[illness]) return { illness, tried, share, limit: limits[illness] };
  }
  return undefined;
}

/**
 * The worst that may be behind numbers that are cheap to have: every failure since may be of either kind. Where that is healthy
 * nobody needs to look at the failures one by one.
 */
export function atWorst(
  now: Pick<BlastNumbers, 'tried' | 'failures' | 'complaints'>,
  forgiven: BlastNumbers,
): BlastNumbers {
  const since = now.failures - forgiven.failures;
  return {
    ...now,
    hardBounces: forgiven.hardBounces + since,
    authentication: forgiven.authentication + since,
  };
}

const because: Record<BlastIllness, string> = {
  hardBounces: 'were refused because the address does not exist or takes no mail',
  complaints: 'were marked as spam by the people who got them',
  authentication: 'were refused because the sender is not authenticated or not trusted',
};

/** For a marketer: `Paused by itself: 6.2 % of 1,200 mails were refused because … (limit 5 %)`. */
export function explainTrouble({ illness, tried, share, limit }: BlastTrouble): string {
  const shown = share.toLocaleString('en', { maximumFractionDigits: share < 1 ? 2 : 1 });
  return `Paused by itself: ${shown} % of ${tried.toLocaleString('en')} mails ${because[illness]} (limit ${limit} %)`;
}
