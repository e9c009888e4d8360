import {
  defaultRetryHours,
  giveUpAfter,
  nextState,
  retryDelay,
  stepAsideDelay,
  understandReply,
  type DeliveryMove,
  type DeliveryState,
  type RetryHours,
  type SkipReason,
  type SmtpReply,
  type SmtpStage,
  type Stream,
} from '../../domain/index.js';
import type { HandOver } from './courier.js';

/** What became of one claimed delivery, as it goes into the journal and then into the database. */
export interface Settlement {
  readonly id: number;
  readonly move: DeliveryMove;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly replyCode: number | null;
  readonly reply: string | null;
  readonly relay: string | null;
  readonly relayId: string | null;
  /** Whether a try is counted: the relay's own trouble is not the recipient's. */
  readonly counted: boolean;
  /** Milliseconds until it is due again, where it waits. */
  readonly delay: number | null;
}

/** What a relay, or its silence, says of a mail; one that was withdrawn was not put to it. */
export type Answer = Exclude<HandOver, { kind: 'withdrawn' }>;

/** What the rules need to know of a claimed delivery. */
export interface Claimed {
  readonly id: number;
  readonly stream: Stream;
  readonly tries: number;
  /** Since it was first due, in milliseconds. */
  readonly ageMs: number;
  /** Hours after which its campaign gives up, where it asked for less than its stream has. */
  readonly retryHours?: number | null;
}

const nothing = {
  reason: null,
  replyCode: null,
  reply: null,
  relay: null,
  relayId: null,
  counted: false,
  delay: null,
};

/** Longest reply that is kept: enough to understand it, too little to hold a message. */
const REPLY_LENGTH = 500;

export function released(item: Claimed): Settlement {
  return settle(item, 'release', nothing);
}

/** The recipient's domain has no room now; it goes back until it has. */
export function postponed(item: Claimed, waitMs: number): Settlement {
  return settle(item, 'release', { ...nothing, delay: waitMs });
}

export function skipped(item: Claimed, reason: SkipReason): Settlement {
  return settle(item, 'skip', { ...nothing, reason });
}

/** The mail could not be made (a merge tag without its value): that is no server's fault and no retry helps. */
export function unrenderable(item: Claimed, problem: string): Settlement {
  return settle(item, 'refuse', {
    ...nothing,
    reason: `content: ${problem}`.slice(0, REPLY_LENGTH),
    counted: true,
  });
}

/**
 * From the courier's answer. The relay's own trouble releases; a "later" waits as RFC 5321 §4.5.4.1 says until its time is used up;
 * an order mail whose answer was lost goes out once more at once, with the same Message-ID, so that a receipt is not lost.
 * @param hours for how long each stream is tried
 */
export function settlementOf(
  item: Claimed,
  result: Answer,
  relay: string,
  random: number,
  hours: RetryHours = defaultRetryHours,
): Settlement {
  const end = giveUpAfter(item.stream, hours, item.retryHours);
  const retry = () => retryDelay(item.tries + 1, item.ageMs, random, end);
  switch (result.kind) {
    case 'accepted':
      return settle(item, 'accept', {
        ...nothing,
        ...said(result.reply),
        relay,
        relayId: result.relayId,
        counted: true,
      });
    case 'unreached':
      return released(item);
    case 'unknown': {
      const reply = result.problem.slice(0, REPLY_LENGTH);
      const lost = settle(item, 'lose', { ...nothing, relay, reply, reason: 'no_answer', counted: true });
      if (item.stream === 'news') return lost;
      const delay = item.tries === 0 ? 0 : retry();
      return delay === undefined ? lost : { ...lost, delay, state: 'queued' };
    }
    case 'refused': {
      const meaning = understandReply(result.reply, result.stage);
      const facts = { ...nothing, ...said(result.reply), relay, reason: meaning.reason };
      const counted = { ...facts, counted: true };
      if (isRelayTrouble(result)) return stepAside(item, result.stage, meaning.permanent, facts, end);
      if (meaning.permanent) return settle(item, 'refuse', counted);
      const delay = retry();
      return delay === undefined
        ? settle(item, 'refuse', counted)
        : settle(item, 'defer', { ...counted, delay });
    }
  }
}

/** Connect, TLS, AUTH and sender policy speak of the relay, not of the recipient: they open its circuit. */
export function isRelayTrouble(result: HandOver): boolean {
  if (result.kind === 'unreached') return true;
  if (result.kind !== 'refused') return false;
  const { speaksOf } = understandReply(result.reply, result.stage);
  return speaksOf === 'relay' || (speaksOf === 'sender' && result.stage === 'mail');
}

/**
 * The relay's own trouble: back without a counted try. Where the relay had let us in, it may be this mail alone that it does not
 * take: others go first, and a "no" for good that stays for the time of its stream is one after all.
 */
function stepAside(
  item: Claimed,
  stage: SmtpStage,
  permanent: boolean,
  facts: Facts,
  end: number,
): Settlement {
  if (stage === 'connect' || stage === 'tls' || stage === 'auth') return settle(item, 'release', facts);
  return permanent && item.ageMs > end
    ? settle(item, 'refuse', facts)
    : settle(item, 'release', { ...facts, delay: stepAsideDelay(item.ageMs) });
}

type Facts = Omit<Settlement, 'id' | 'move' | 'state'>;

function settle(item: Claimed, move: DeliveryMove, facts: Facts): Settlement {
  const state = nextState('sending', move);
  if (!state) throw new Error(`A delivery that is being sent has no move "${move}"`);
  return { id: item.id, move, state, ...facts };
}

function said(reply: SmtpReply): Pick<Settlement, 'replyCode' | 'reply'> {
  const text = [reply.code, reply.enhanced, reply.text].filter((part) => part !== null).join(' ');
  return { replyCode: reply.code, reply: text.slice(0, REPLY_LENGTH) };
}
