import { bounceRuleFor, understandBounceReply, type ReplyReason } from '../../../domain/index.js';
import type { MailEvent } from '../mail-event.js';

/** What a provider's own class says where there are no words of a server, or none that are known. */
export interface OwnClass {
  readonly reason: ReplyReason;
  /** The address must not be mailed again. */
  readonly hard: boolean;
}

export const own = (reason: ReplyReason, hard = false): OwnClass => ({ reason, hard });

type Given = { readonly [Key in keyof MailEvent]?: MailEvent[Key] | undefined };

/** An event with null for everything that the provider does not tell. */
export function mailEvent(source: MailEvent['source'], kind: MailEvent['kind'], given: Given): MailEvent {
  return {
    source,
    kind,
    eventId: given.eventId ?? null,
    occurredAt: given.occurredAt ?? null,
    recipient: given.recipient ?? null,
    delivery: null,
    deliveryId: given.deliveryId ?? null,
    messageId: given.messageId ?? null,
    relayId: given.relayId ?? null,
    status: given.status ?? null,
    reply: given.reply ?? null,
    reason: given.reason ?? null,
    hard: given.hard ?? null,
  };
}

/** What the provider says of its own part: it tries on, it has given up, or it has given up and says that this is for good. */
export type Verdict = 'deferred' | 'given_up' | 'permanent';

interface Words {
  readonly reply?: string | undefined;
  readonly status?: string | undefined;
  /** Of SMTP, where it stands beside the words. */
  readonly code?: number | undefined;
}

const STATUS = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\.\d)\b/;

/**
 * Why a mail was not taken: by the words of the server, else by the provider's class, since a class such as "permanent" is given to
 * full mailboxes and refused senders too.
 */
export function failure(
  words: Words,
  verdict: Verdict,
  ownClass: OwnClass,
): Pick<MailEvent, 'reply' | 'status' | 'reason' | 'hard'> {
  const said = words.reply?.replace(/^smtp;\s*/i, '') ?? null;
  const status = (STATUS.exec(words.status ?? '') ?? STATUS.exec(said ?? ''))?.[0] ?? null;
  const quoted = /(?:^|[\s:])([45][0-5]\d)(?=[ -])/.exec(said ?? '')?.[1];
  const code = words.code ?? (quoted === undefined ? null : Number(quoted));
  const facts = { code, status, reply: said ?? '', stage: null, prose: '' };
  const rule = bounceRuleFor(facts);
  // The rules for what nothing explains: then the provider knows more.
  const isExplained = !(rule.weak && (rule.reason === 'unknown' || rule.reason === 'expired'));
  const { reason, hard } = isExplained ? understandBounceReply(facts, verdict === 'permanent') : ownClass;
  const reply =
    said !== null && words.code !== undefined && quoted === undefined ? `${words.code} ${said}` : said;
  return { reply, status, reason, hard: verdict !== 'deferred' && hard };
}
