import type { ReplyReason } from '../../src/domain/index.js';

/** What the corpus of go-sisimai calls each of our reasons. Ours are at least as fine: several may fold into one of theirs. */
export const theirName: Readonly<Record<ReplyReason, string>> = {
  user_unknown: 'userunknown',
  bad_address: 'userunknown',
  moved: 'hasmoved',
  host_unknown: 'hostunknown',
  no_mail_accepted: 'notaccept',
  mailbox_full: 'mailboxfull',
  suspended: 'suspend',
  filtered: 'filtered',
  recipient_refused: 'filtered',
  greylisted: 'greylisted',
  too_big: 'mesgtoobig',
  too_big_for_mailbox: 'exceedlimit',
  spam: 'spamdetected',
  virus: 'virusdetected',
  content: 'contenterror',
  malformed: 'notcompliantrfc',
  protocol: 'syntaxerror',
  policy: 'policyviolation',
  message_refused: 'onhold',
  authentication_results: 'authfailure',
  blocked: 'blocked',
  no_reverse_dns: 'requireptr',
  reputation: 'badreputation',
  sender_refused: 'rejected',
  security: 'securityerror',
  relay_quota: 'toomanyconn',
  relay_denied: 'norelaying',
  sender_not_allowed: 'rejected',
  authentication: 'securityerror',
  connection: 'blocked',
  tls: 'securityerror',
  too_many_connections: 'toomanyconn',
  rate_limited: 'toomanyconn',
  service_unavailable: 'systemerror',
  system: 'systemerror',
  mailer_error: 'mailererror',
  unreachable: 'expired',
  network: 'networkerror',
  expired: 'expired',
  try_later: 'expired',
  delivered: 'delivered',
  vacation: 'vacation',
  complaint: 'feedback',
  feedback: 'feedback',
  unknown: 'onhold',
};

/**
 * Where a report states no status, the corpus has one that its makers derived from the reason (5.0.911 and the like). Ours then
 * states none, or x.0.0, and must agree in whether it is for good.
 */
export const isMadeUp = (status: string): boolean => /^[245]\.0\.9\d\d$/.test(status);
