const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits after the first, second … try that failed, in milliseconds: ten tries over a little more than three days. */
const waits = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** An endpoint that took nothing for so long is switched off. */
export const GIVE_UP_DAYS = 5;

/** So many failures in a row are the endpoint's trouble, not a message's: it rests, and one message at a time tries it. */
const TROUBLE_AFTER = 10;
const LONGEST_REST = 5 * MINUTE;

const BUSY_REST = 30 * SECOND;
const LONGEST_BUSY_REST = HOUR;

/** Up to a tenth more, so that what failed together does not come back together. */
const jitter = (wait: number, random: number): number => Math.round(wait * (1 + random / 10));

/**
 * How long a message waits after a try that failed, in milliseconds; undefined when that was the last one.
 * @param tries made so far, this one too @param random from 0 to 1
 */
export function waitAfter(tries: number, random = Math.random()): number | undefined {
  const wait = waits[tries - 1];
  return wait === undefined ? undefined : jitter(wait, random);
}

/** Whether an endpoint is in trouble of its own. @param failures in a row */
export function inTrouble(failures: number): boolean {
  return failures >= TROUBLE_AFTER;
}

/** How long an endpoint rests after so many failures in a row, in milliseconds: 5 s, 10 s … 5 min; 0 while it is in no trouble. */
export function restAfter(failures: number): number {
  return inTrouble(failures)
    ? Math.min(LONGEST_REST, 5 * SECOND * 2 ** Math.min(failures - TROUBLE_AFTER, 10))
    : 0;
}

/** For how long an endpoint that says it is busy is left alone, in milliseconds: as it asks, from 1 s to an hour. */
export function busyRest(retryAfter: string | undefined, now = Date.now()): number {
  const asked = retryAfter === undefined ? undefined : readRetryAfter(retryAfter, now);
  return asked === undefined ? BUSY_REST : Math.min(Math.max(asked, SECOND), LONGEST_BUSY_REST);
}

/** Seconds or an HTTP date (RFC 9110 §10.2.3), as milliseconds from now. */
export function readRetryAfter(value: string, now = Date.now()): number | undefined {
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * SECOND;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : date - now;
}
