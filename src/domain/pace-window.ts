import type { Stream } from './delivery-life.js';

/**
 * How a limit is counted: in windows of a fixed length by the database's clock, each with a count of what was given out. A window is
 * exact with any number of workers, takes back what was not used, and says "340 of 1,000 this hour" in words that relays use too.
 */

/** Order mail may use all of a limit; news and service mail, which may come in bulk, this much of it. */
export const BULK_SHARE = 0.8;

const SECOND = 1_000;

/** So much in each window of this length, in milliseconds. */
export interface Limit {
  readonly most: number;
  readonly lengthMs: number;
}

/** Times are milliseconds since 1970. */
export interface QuotaWindow {
  readonly endsAt: number;
  readonly used: number;
  /** The part of it that was not order mail. */
  readonly bulk: number;
}

export const isBulk = (stream: Stream): boolean => stream !== 'orders';

/** A pace in windows of about a second; below one a second, one in each longer window. @param perSecond more than 0 */
export function paceLimit(perSecond: number): Limit {
  const most = Math.max(1, Math.floor(perSecond));
  return { most, lengthMs: (most / perSecond) * SECOND };
}

/** The window at this moment. One that has not ended goes on, also when the limit has another length by now. */
export function windowAt(last: QuotaWindow, limit: Limit, now: number): QuotaWindow {
  if (now < last.endsAt) return last;
  const endsAt = (Math.floor(now / limit.lengthMs) + 1) * limit.lengthMs;
  return { endsAt: endsAt > now ? endsAt : endsAt + limit.lengthMs, used: 0, bulk: 0 };
}

/** How many more may go in this window. */
export function roomIn(window: QuotaWindow, limit: Limit, bulk: boolean): number {
  const free = limit.most - window.used;
  const share = bulkMost(limit.most, Math.round(window.endsAt / limit.lengthMs));
  return Math.max(0, bulk ? Math.min(free, share - window.bulk) : free);
}

export function withTaken(window: QuotaWindow, count: number, bulk: boolean): QuotaWindow {
  return { ...window, used: window.used + count, bulk: window.bulk + (bulk ? count : 0) };
}

/** Of a limit of one there is no part to keep free, so every fifth window is. */
function bulkMost(most: number, windowNumber: number): number {
  return most > 1 ? bulkPart(most) : Number(windowNumber % Math.round(1 / (1 - BULK_SHARE)) !== 0);
}

/** What bulk mail may use of so many places that orders use too: never all where there are two or more. */
export function bulkPart(most: number): number {
  return Math.max(1, Math.floor(most * BULK_SHARE));
}
