/**
 * Why a mail was not delivered: one vocabulary for what a server answers to us and for what a report tells later. What the words of a
 * reply mean is decided in `smtp-reply-rules.ts`; what follows from a reason is decided by who acts on it (STANDARDS.md 25).
 */
export const replyReasons = {
  // the address: it will never take mail again
  user_unknown: 'There is no such mailbox',
  bad_address: 'The address cannot be one',
  moved: 'The person has another address',
  // its domain: nobody there takes mail
  host_unknown: 'The domain does not exist',
  no_mail_accepted: 'The domain takes no mail',
  // the address, for now
  mailbox_full: 'The mailbox is full',
  suspended: 'The mailbox is switched off',
  filtered: 'The person or their provider filters such mail, or hides behind "unknown" after having read it',
  recipient_refused: 'Refused at the address without a reason',
  greylisted: 'A retry is asked for, nothing else (RFC 6647)',
  // the message
  too_big: 'Too big for the server',
  too_big_for_mailbox: 'Too big for this mailbox',
  spam: 'The content looks like spam',
  virus: 'The content could do harm',
  content: 'The content or its form cannot be taken (RFC 3463 X.6)',
  malformed: 'Not a mail by RFC 5322',
  protocol: 'Said in a way that the server does not understand',
  policy: 'Against a policy of the receiver',
  message_refused: 'Refused without a reason',
  // who sends it
  authentication_results: 'SPF, DKIM or DMARC failed',
  blocked: 'The sending host is blocked',
  no_reverse_dns: 'The sending host has no name, or a wrong one',
  reputation: 'The sending host or domain has a bad name',
  sender_refused: 'The sender address is refused',
  security: 'Not allowed to write there, or not in this way',
  // our account at the relay, and the way to it
  relay_quota: 'The account at the relay is used up',
  relay_denied: 'A server does not pass mail on for us',
  sender_not_allowed: 'The relay does not let us use this sender',
  authentication: 'The relay does not know us',
  connection: 'The relay does not let us in',
  tls: 'No encryption, or not the one that is asked for',
  // too much at a time
  too_many_connections: 'Too many connections or recipients at once',
  rate_limited: 'Too many mails in a while',
  // servers and networks in trouble
  service_unavailable: 'The server closes',
  system: 'The server has trouble of its own',
  mailer_error: "The receiving system's own delivery program failed",
  unreachable: 'The server does not answer',
  network: 'No way there: names, routes, loops',
  expired: 'Tried until the time was over',
  try_later: 'Refused for now without a reason',
  // what is no refusal at all
  delivered: 'Delivered, or passed on',
  vacation: 'An automatic reply',
  complaint: 'The person marked it as spam',
  feedback: 'A report that is no complaint, such as one about DMARC',
  unknown: 'A failure that nothing explains',
} as const;

export type ReplyReason = keyof typeof replyReasons;

/** Reasons for which an address must not be mailed again where the answer is for good. The others count, pause, or mean nothing for it. */
export const hardReasons: ReadonlySet<ReplyReason> = new Set([
  'user_unknown',
  'bad_address',
  'moved',
  'host_unknown',
  'no_mail_accepted',
]);
