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

/**
 * Why a mail was not taken: by the words of the server, else by the provider's class, since a class such as "permanent" is given to
 * full mailboxes and refused senders too.
 * @param permanent whether the provider has given up
 */
export function failure(
  words: {
    readonly reply?: string | undefined;
    readonly status?: string | undefined;
    readonly code?: number | undefined;
  },
  permanent: boolean,
  ownClass: OwnClass,
): Pick<MailEvent, 'reply' | 'status' | 'reason' | 'hard'> {
  const reply = words.reply?.replace(/^smtp;\s*/i, '') ?? null;
  const status =
    [words.status, reply ?? '']
      .map((text) => /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\.\d)\b/.exec(text ?? '')?.[0])
      .find(Boolean) ?? null;
  const quoted = /(?:^|[\s:])([245]\d\d)(?=[ -])/.exec(reply ?? '')?.[1];
  const code = words.code ?? (quoted === undefined ? null : Number(quoted));
  const isSmtp = code !== null && code >= 400 && code < 560;
  const facts = { code: isSmtp ? code : null, status, reply: reply ?? '', stage: null, prose: '' };
  const rule = bounceRuleFor(facts);
  // The rules for what nothing explains: then the provider knows more.
  const isExplained = !(rule.weak && (rule.reason === 'unknown' || rule.reason === 'expired'));
  const { reason, hard } = isExplained ? understandBounceReply(facts, permanent) : ownClass;
  return { reply, status, reason, hard: permanent && hard };
}
