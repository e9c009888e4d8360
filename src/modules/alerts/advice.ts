import { hardReasons, type ReplyReason } from '../../domain/index.js';

/** What an operator does about an order mail that did not arrive; the template has the words. */
export type Advice = 'address' | 'mailbox' | 'ourselves' | 'content' | 'again';

const ofMailbox: readonly ReplyReason[] = [
  'mailbox_full',
  'suspended',
  'filtered',
  'recipient_refused',
  'too_big_for_mailbox',
];
const ofOurselves: readonly ReplyReason[] = [
  'spam',
  'policy',
  'authentication_results',
  'blocked',
  'no_reverse_dns',
  'reputation',
  'sender_refused',
  'security',
  'relay_quota',
  'relay_denied',
  'sender_not_allowed',
  'authentication',
  'connection',
  'tls',
];
const ofContent: readonly ReplyReason[] = ['too_big', 'virus', 'content', 'malformed', 'protocol'];

const adviceOf = new Map<string, Advice>([
  ...[...hardReasons].map((reason) => [reason, 'address'] as const),
  ...ofMailbox.map((reason) => [reason, 'mailbox'] as const),
  ...ofOurselves.map((reason) => [reason, 'ourselves'] as const),
  ...ofContent.map((reason) => [reason, 'content'] as const),
]);

/** @param reason in the words of domain/, or `content: …` where the mail could not be made */
export function adviceFor(reason: string | null): Advice {
  if (reason?.startsWith('content: ')) return 'content';
  return adviceOf.get(reason ?? '') ?? 'again';
}
