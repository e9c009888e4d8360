import { hardReasons, type ReplyReason } from './reply-reasons.js';
import { replyRules, type QuotedStage, type ReplyRule, type SpeaksOf } from './smtp-reply-rules.js';
import { holds, wordsOf } from './smtp-reply.js';

/** What a report tells of one recipient. Texts may be long and are read as they are. */
export interface BounceFacts {
  readonly code: number | null;
  /** RFC 3463. */
  readonly status: string | null;
  /** The server's answer, or what stands for it. */
  readonly reply: string;
  readonly stage: QuotedStage;
  /** What else the report's text says of this recipient. */
  readonly prose: string;
}

export interface BounceMeaning {
  readonly reason: ReplyReason;
  readonly speaksOf: SpeaksOf;
  /** By the status, else by the code, else as said; RFC 3463 §3.1. */
  readonly permanent: boolean;
  /** For good, and about the address or its domain: it must not be mailed again (STANDARDS.md 25). */
  readonly hard: boolean;
}

const proseRules = replyRules.filter(({ only }) => only === 'prose');
const strongRules = replyRules.filter(({ only, weak }) => (!only || only === 'report') && !weak);
const weakRules = replyRules.filter(({ only, weak }) => (!only || only === 'report') && weak);

/** Reasons that stay a matter of our account at the relay, also when it tells them in a report. */
const ofOurAccount: ReadonlySet<ReplyReason> = new Set([
  'relay_quota',
  'authentication',
  'sender_not_allowed',
]);

/** Exim's words for a time that ran out while every answer was "later". */
const onlyDeferred = /retry time(out)? (not reached|exceeded)|have been failing for a long time/i;

/**
 * What a bounce means. The report's own sentence comes first where it is known to say more, then the words of the server, then
 * those around them, and only then statuses and stages, which many servers choose carelessly.
 */
export function understandBounceReply(facts: BounceFacts, givenUp: boolean): BounceMeaning {
  const rule = bounceRuleFor(facts);
  const first = facts.status?.[0] ?? String(facts.code ?? '')[0];
  const permanent = first === '5' || (first !== '4' && givenUp && !onlyDeferred.test(facts.reply));
  return {
    // A mail that is still on its way, of which nothing else is known.
    reason: rule.reason === 'unknown' && !givenUp ? 'expired' : rule.reason,
    // Behind the relay stands the server of the recipient's domain.
    speaksOf: rule.speaksOf === 'relay' && !ofOurAccount.has(rule.reason) ? 'domain' : rule.speaksOf,
    permanent,
    hard: permanent && hardReasons.has(rule.reason),
  };
}

/** The rule that decides. The last rule fits everything. */
export function bounceRuleFor({ code, status, reply, stage, prose }: BounceFacts): ReplyRule {
  const said = {
    code,
    enhanced: status,
    text: wordsOf(reply.replace(/^[245]\d\d[ -]?([245]\.\d{1,3}\.\d{1,3}\s)?/, '')),
  };
  const around = { code: null, enhanced: null, text: wordsOf(prose) };
  const fitting = (rules: readonly ReplyRule[], text: typeof said | typeof around): ReplyRule | undefined =>
    rules.find(({ when }) => when.some((condition) => holds(condition, text, stage)));
  // "Scanned for all viruses" stands below many a report: under a status of the address it says nothing.
  const may = ({ speaksOf }: ReplyRule): boolean =>
    speaksOf !== 'message' || !/^5\.(1|2\.[12])/.test(status ?? '');
  const quotesNobody = code === null && prose.startsWith(reply);
  // A server that refuses for its policy is not overruled by what the reporter guesses of the address.
  const knowsBetter = code !== null && /^5\.7\.\d/.test(status ?? '');
  const rule =
    fitting(proseRules, around) ??
    fitting(quotesNobody ? strongRules.filter(may) : strongRules, said) ??
    (around.text && !knowsBetter ? fitting(strongRules.filter(may), around) : undefined) ??
    fitting(weakRules, said);
  if (!rule) throw new Error(`No rule fits ${code ?? status}`);
  return rule;
}
