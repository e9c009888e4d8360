import type { ReplyReason } from './reply-reasons.js';
import {
  replyRules,
  type QuotedStage,
  type ReplyCondition,
  type ReplyRule,
  type SmtpStage,
  type SpeaksOf,
} from './smtp-reply-rules.js';

/**
 * What a server's answer means for the delivery. The rules are data, each beside real replies: `smtp-reply-rules.ts`.
 */

export type { SmtpStage, SpeaksOf };

export interface SmtpReply {
  readonly code: number;
  /** RFC 3463, such as 5.1.1, where the server gave one. */
  readonly enhanced: string | null;
  readonly text: string;
}

export interface ReplyMeaning {
  readonly permanent: boolean;
  readonly speaksOf: SpeaksOf;
  readonly reason: ReplyReason;
  /** Fewer mails at a time to what it speaks of: the recipient's domain, the relay, or all that the sender sends. */
  readonly slowDown?: true;
  /** RFC 6647: a retry and nothing else follows. */
  readonly greylisted?: true;
}

const dialogueRules = replyRules.filter(({ only }) => !only || only === 'dialogue');

/** Every 4xx is "later", every other refusal "no" (STANDARDS.md 13); a rule never turns one into the other. */
export function understandReply(reply: SmtpReply, stage: SmtpStage): ReplyMeaning {
  const { speaksOf, reason, slowDown, greylisted } = ruleFor(reply, stage);
  return {
    permanent: reply.code >= 500,
    speaksOf,
    reason,
    ...(slowDown && { slowDown }),
    ...(greylisted && { greylisted }),
  };
}

/** The rule that decides. The last rule fits everything. */
export function ruleFor(reply: SmtpReply, stage: SmtpStage): ReplyRule {
  const inWords = { ...reply, text: wordsOf(reply.text) };
  const rule = dialogueRules.find(({ when }) => when.some((condition) => holds(condition, inWords, stage)));
  if (!rule) throw new Error(`No rule fits ${reply.code} at ${stage}`);
  return rule;
}

/** Whether everything that a condition names is true of a reply whose text is down to its words. */
export function holds(
  condition: ReplyCondition,
  reply: Omit<SmtpReply, 'code'> & { readonly code: number | null },
  stage: QuotedStage,
): boolean {
  const { code, enhanced, text, stages } = condition;
  return (
    (code?.test(String(reply.code ?? '')) ?? true) &&
    (enhanced?.test(reply.enhanced ?? '') ?? true) &&
    (text?.test(reply.text) ?? true) &&
    (stages?.includes(stage) ?? true)
  );
}

/**
 * Names of hosts, which only say who speaks: `antispam.example.com said: …` is no word about spam. Those of well-known lists do say why.
 * Not in links, and in small letters only: `RESOLVER.ADR.RecipNotFound` is no host, nor is `unknown.Please`.
 */
const hostName =
  /(?<![\w.@/-])(?![\w.-]*(?:spamhaus|spamcop|barracuda|sorbs|uceprotect|abuse|openspf|cloudmark|rbl|dnsbl)|resolver\.|storedrv\.)(?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,18}\b(?![\w.-]*[/@])/g;

/**
 * What a reply says in words: one line, without the codes that each line repeats, and without addresses, because
 * `full@example.com` says nothing about a mailbox; nor does the fragment of a link. One spelling for what is spelled in several ways:
 * letters without accents, `RecipNotFound` and `BAD_RECIPIENT` as words, `mail box` in one, `e-mail` without the hyphen.
 */
export function wordsOf(text: string): string {
  return text
    .replaceAll(/\(in reply to [^)]{1,40}\)/g, ' ')
    .replaceAll(/\n(\d{3}[ -])?([245]\.\d{1,3}\.\d{1,3}\s)?/g, ' ')
    .replaceAll(/<?(?<![^\s<>@:;,()[\]=])[^\s<>@:;,()[\]=]{1,256}@(?:(?!\.\.)[^\s<>:,;()"[\]])+>?/g, ' ')
    .replaceAll(hostName, 'mx.example')
    .replaceAll(/(https?:\/\/[^\s#]{1,500})#\S*/g, '$1')
    .replaceAll(/[\u00C0-\u024F]/g, (letter) => letter.normalize('NFD').charAt(0))
    .replaceAll(/[\u2018\u2019\u00B4`]/g, "'")
    .replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])_(?=[A-Za-z])/g, ' ')
    .replaceAll(/\bmail[ -]box/gi, 'mailbox')
    .replaceAll(/\be-mail/gi, 'email')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Reads `550 5.1.1 No such user`, also in several lines (RFC 5321 §4.2.1). */
export function parseReply(line: string): SmtpReply | undefined {
  const match = /^(\d{3})[ -](?:([245]\.\d{1,3}\.\d{1,3})\s+)?([\s\S]*)$/.exec(line.trim());
  if (!match) return undefined;
  return { code: Number(match[1]), enhanced: match[2] ?? null, text: (match[3] ?? '').trim() };
}
