import { BULK_SHARE, type Limit } from '../../../domain/index.js';

/** Nobody is sent away for longer: meanwhile a limit may have been lifted, and a slow-down may be over. */
export const LONGEST_WAIT_MS = 15 * 60_000;

interface Booking {
  /** When the last of those that wait can go. */
  readonly line: number;
  readonly places: number;
  readonly limit: Limit;
  readonly bulk: boolean;
  readonly now: number;
}

/**
 * Books places in the line of mails that wait for a limit: as far from each other as the limit wants, so that a row that is put back until
 * its place can really go then, and is not claimed over and over. A line that is too long takes nobody.
 */
export function bookLine({ line, places, limit, bulk, now }: Booking): { line: number; places: number[] } {
  const step = limit.lengthMs / (limit.most * (bulk ? BULK_SHARE : 1));
  const free = Math.max(0, Math.floor((now + LONGEST_WAIT_MS - line) / step));
  const booked = Math.min(places, free);
  return {
    line: line + booked * step,
    places: Array.from({ length: booked }, (_, place) => line + place * step),
  };
}

/** For those that find no place: some time before the end of the line, not all at the same. */
export function waitOutside(random: number): number {
  return Math.round(LONGEST_WAIT_MS * (0.5 + random / 2));
}
