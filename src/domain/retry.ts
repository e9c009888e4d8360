import type { Stream } from './delivery-life.js';

const minute = 60_000;
const hour = 60 * minute;

/** RFC 5321 §4.5.4.1: two tries in the first hour, then every two or three hours, for four to five days. */
export const retryPolicy = {
  firstDelays: [20 * minute, 30 * minute],
  laterDelay: [2 * hour, 3 * hour] as const,
  giveUpAfter: { orders: 96 * hour, service: 48 * hour, news: 48 * hour } satisfies Record<Stream, number>,
};

/**
 * When a deferred delivery is tried again, or undefined when its time is used up.
 * @param tries   tries that were made, the one that was just deferred included (1 or more)
 * @param ageMs   time since the message was first due
 * @param random  0 ≤ random < 1; spreads retries so that a domain that comes back is not hit by all at once
 */
export function retryDelay(stream: Stream, tries: number, ageMs: number, random: number): number | undefined {
  const [shortest, longest] = retryPolicy.laterDelay;
  const first = retryPolicy.firstDelays[tries - 1];
  const delay = first === undefined ? shortest + random * (longest - shortest) : first * (0.9 + 0.2 * random);
  return ageMs + delay > retryPolicy.giveUpAfter[stream] ? undefined : Math.round(delay);
}

/** Pause before a relay that is in trouble is probed again: 1 s doubling to 60 s, with a tenth of jitter. */
export function probeDelay(failures: number, random: number): number {
  return Math.round(Math.min(60_000, 1000 * 2 ** Math.max(0, failures - 1)) * (0.9 + 0.2 * random));
}
