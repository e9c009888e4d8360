import type { Stream } from './delivery-life.js';

const minute = 60_000;
const hour = 60 * minute;

/** RFC 5321 §4.5.4.1: two tries in the first hour, then every two or three hours, for four to five days. */
export const retryPolicy = {
  firstDelays: [20 * minute, 30 * minute],
  laterDelay: [2 * hour, 3 * hour] as const,
  /** A first delay is this much shorter or longer by chance, so that what failed together does not come back together. */
  jitter: 0.1,
};

/** For how many hours a delivery is tried, for each stream. */
export type RetryHours = Readonly<Record<Stream, number>>;

/** Four days for order mail, as RFC 5321 asks; a confirmation or a newsletter of the day before yesterday helps nobody. */
export const defaultRetryHours: RetryHours = { orders: 96, service: 48, news: 48 };

/**
 * How long a delivery is tried before it fails.
 * @param own hours that its campaign asks for: they can only shorten
 */
export function giveUpAfter(stream: Stream, hours: RetryHours, own: number | null = null): number {
  return Math.min(hours[stream], own ?? Infinity) * hour;
}

/**
 * When a deferred delivery is tried again, in milliseconds, or undefined when its time is used up.
 * @param tries         tries that were made, the one that was just deferred included (1 or more)
 * @param ageMs         time since the message was first due
 * @param random        0 ≤ random < 1
 * @param giveUpAfterMs the age after which no try is made, see `giveUpAfter`
 */
export function retryDelay(
  tries: number,
  ageMs: number,
  random: number,
  giveUpAfterMs: number,
): number | undefined {
  const [shortest, longest] = retryPolicy.laterDelay;
  const first = retryPolicy.firstDelays[tries - 1];
  const delay = Math.round(
    first === undefined
      ? shortest + random * (longest - shortest)
      : first * (1 - retryPolicy.jitter + 2 * retryPolicy.jitter * random),
  );
  return ageMs + delay > giveUpAfterMs ? undefined : delay;
}

/**
 * When a delivery comes back that met the relay's own trouble after the relay had let us in: half its age, a second to half an hour.
 * It may be this mail alone that the relay does not take (one sender, one domain): others must have their turn as the next probe.
 */
export function stepAsideDelay(ageMs: number): number {
  return Math.round(Math.min(hour / 2, Math.max(1000, ageMs / 2)));
}

/** Pause before a relay that is in trouble is probed again: 1 s doubling to 60 s, with a tenth of jitter. */
export function probeDelay(failures: number, random: number): number {
  return Math.round(Math.min(60_000, 1000 * 2 ** Math.max(0, failures - 1)) * (0.9 + 0.2 * random));
}
