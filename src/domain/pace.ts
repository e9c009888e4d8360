import type { ReplyMeaning } from './smtp-reply.js';

/**
 * Slowing down for a relay or a recipient domain that asks for it, and speeding up again. The pace halves with each such reply; while none
 * comes it grows by a quarter every 30 s, so half is whole again after two minutes, and ends above what was usual. Growth follows from
 * the time alone: workers that know the same row have the same pace, and nothing is written to recover.
 */

const HALVE = 0.5;
/** One burst of refusals is one request. */
const AGAIN_AFTER_MS = 5_000;
const GROW = 1.25;
const GROW_EVERY_MS = 30_000;
/** One in half a minute: slow enough for any server, and still a question whether it is over. */
const SLOWEST = 1 / 30;
/** Whoever gets one mail a minute can be spared nothing; a first request counts from here at least. */
const LEAST_START = 1;

export interface SlowDown {
  /** At `slowedAt`, in mails per second. */
  readonly perSecond: number;
  /** Where it is over. */
  readonly ceiling: number;
  /** Milliseconds since 1970. */
  readonly slowedAt: number;
}

/** Of what a reply asks to send slower, or undefined where it asks nothing such. All that a sender sends goes through the relay. */
export function slowDownSubject({ slowDown, speaksOf }: ReplyMeaning): 'relay' | 'domain' | undefined {
  if (!slowDown) return undefined;
  return speaksOf === 'domain' ? 'domain' : 'relay';
}

/**
 * After a reply that asks to slow down.
 * @param last  the slow-down before, if any
 * @param seen  mails per second that went there lately
 */
export function slowedDown(last: SlowDown | undefined, seen: number, now: number): SlowDown {
  const pace = last && paceAt(last, now);
  if (last === undefined || pace === undefined) {
    const start = Math.max(seen, LEAST_START);
    return { perSecond: start * HALVE, ceiling: start * 2, slowedAt: now };
  }
  if (now - last.slowedAt < AGAIN_AFTER_MS) return last;
  // What was seen may be less than what was allowed: then it was too much already.
  const from = seen > 0 ? Math.min(pace, Math.max(seen, pace * HALVE)) : pace;
  return { perSecond: Math.max(SLOWEST, from * HALVE), ceiling: last.ceiling, slowedAt: now };
}

/** Mails per second that may go now, or undefined when it is over. */
export function paceAt(slowDown: SlowDown, now: number): number | undefined {
  const steps = Math.max(0, Math.floor((now - slowDown.slowedAt) / GROW_EVERY_MS));
  const pace = slowDown.perSecond * GROW ** steps;
  return pace < slowDown.ceiling ? pace : undefined;
}
