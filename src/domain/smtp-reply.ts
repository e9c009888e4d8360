/**
 * What a server's answer means for the delivery. The stage of the dialogue says of what the answer speaks (RFC 5321 §4.2),
 * the enhanced status (RFC 3463) and a few texts make it finer. All rules are data; each stands above a reply that it matches.
 */

export type SmtpStage = 'connect' | 'tls' | 'auth' | 'mail' | 'rcpt' | 'data';

/** Of what the answer speaks. Only `address` may ever lead to a suppression. */
export type SpeaksOf = 'address' | 'message' | 'domain' | 'relay' | 'sender';

export interface SmtpReply {
  readonly code: number;
  /** RFC 3463, such as 5.1.1, where the server gave one. */
  readonly enhanced: string | null;
  readonly text: string;
}

export interface ReplyMeaning {
  readonly permanent: boolean;
  readonly speaksOf: SpeaksOf;
  readonly reason: string;
}

interface Rule {
  readonly when: (reply: SmtpReply, stage: SmtpStage) => boolean;
  readonly speaksOf: SpeaksOf;
  readonly reason: string;
}

const enhancedIs = (pattern: RegExp) => (reply: SmtpReply) => pattern.test(reply.enhanced ?? '');

const rules: readonly Rule[] = [
  // 421 4.3.2 Service shutting down
  { when: (reply) => reply.code === 421, speaksOf: 'relay', reason: 'service_unavailable' },
  // 535 5.7.8 Error: authentication failed · 530 5.7.0 Must issue a STARTTLS command first
  { when: (_, stage) => stage === 'connect' || stage === 'tls', speaksOf: 'relay', reason: 'connection' },
  { when: (_, stage) => stage === 'auth', speaksOf: 'relay', reason: 'authentication' },
  { when: (reply) => [530, 534, 535, 538].includes(reply.code), speaksOf: 'relay', reason: 'authentication' },
  // 552 5.3.4 Message size exceeds fixed limit; at MAIL already where the server offers SIZE (RFC 1870 §6.1)
  { when: enhancedIs(/^[45]\.(3\.4|2\.3)$/), speaksOf: 'message', reason: 'too_big' },
  { when: (reply, stage) => reply.code === 552 && stage === 'mail', speaksOf: 'message', reason: 'too_big' },
  // 452 4.3.1 Insufficient system storage
  { when: enhancedIs(/^[45]\.3\./), speaksOf: 'relay', reason: 'system' },
  // 553 5.7.1 Sender address rejected: not owned by user
  { when: (_, stage) => stage === 'mail', speaksOf: 'sender', reason: 'sender_refused' },
  // 450 4.2.0 Recipient address rejected: Greylisted, see http://postgrey…
  {
    when: (reply) => reply.code < 500 && /gr[ae]y-?list/i.test(reply.text),
    speaksOf: 'address',
    reason: 'greylisted',
  },
  // 550 5.1.1 User unknown · 550 5.1.6 Mailbox has moved
  { when: enhancedIs(/^[45]\.1\.[01]$/), speaksOf: 'address', reason: 'user_unknown' },
  { when: enhancedIs(/^[45]\.1\.6$/), speaksOf: 'address', reason: 'moved' },
  // 550 5.1.2 Bad destination host · 556 5.1.10 Recipient address has null MX
  { when: enhancedIs(/^[45]\.1\.(2|10)$/), speaksOf: 'domain', reason: 'host_unknown' },
  // 550 5.2.1 Mailbox disabled · 452 4.2.2 Mailbox full
  { when: enhancedIs(/^[45]\.2\.1$/), speaksOf: 'address', reason: 'suspended' },
  { when: enhancedIs(/^[45]\.2\.2$/), speaksOf: 'address', reason: 'mailbox_full' },
  // 550 5.7.26 This mail is unauthenticated
  { when: enhancedIs(/^[45]\.7\.(2[0-9]|30)$/), speaksOf: 'sender', reason: 'authentication_results' },
  // 554 5.7.1 Message rejected as spam by content filter
  { when: enhancedIs(/^[45]\.(6|7)\./), speaksOf: 'message', reason: 'policy' },
  // 552 Mailbox full, without an enhanced status (RFC 5321 §4.2.2)
  {
    when: (reply, stage) => reply.code === 552 && stage === 'rcpt',
    speaksOf: 'address',
    reason: 'mailbox_full',
  },
  { when: (_, stage) => stage === 'rcpt', speaksOf: 'address', reason: 'recipient_refused' },
];

/** Every 4xx is "later", every other refusal "no" (STANDARDS.md 13); a rule never turns one into the other. */
export function understandReply(reply: SmtpReply, stage: SmtpStage): ReplyMeaning {
  const rule = rules.find((candidate) => candidate.when(reply, stage));
  return {
    permanent: reply.code >= 500,
    speaksOf: rule?.speaksOf ?? 'message',
    reason: rule?.reason ?? (reply.code >= 500 ? 'message_refused' : 'try_later'),
  };
}

/** Reads `550 5.1.1 No such user`, also in several lines (RFC 5321 §4.2.1). */
export function parseReply(line: string): SmtpReply | undefined {
  const match = /^(\d{3})[ -](?:([245]\.\d{1,3}\.\d{1,3})\s+)?([\s\S]*)$/.exec(line.trim());
  if (!match) return undefined;
  return { code: Number(match[1]), enhanced: match[2] ?? null, text: (match[3] ?? '').trim() };
}
