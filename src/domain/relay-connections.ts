import { bulkPart } from './pace-window.js';

/** A worker process that keeps connections to a relay. */
export interface ConnectionHolder {
  readonly process: string;
  /** Whether it sends only news and service mail. */
  readonly bulkOnly: boolean;
  /** How many it holds now; 0 for one that has just come. */
  readonly connections: number;
}

/**
 * How many of a relay's connections a process may keep. The processes with order mail and those without share one part each, a fifth at
 * least is for order mail, and everybody gets one. More than before only as others let go, so that all together stay within the limit
 * unless there are more processes than connections.
 * @param limit   of the relay, over all processes; 1 or more
 * @param others  those whose lease holds
 */
export function connectionShare(
  limit: number,
  self: ConnectionHolder,
  others: readonly ConnectionHolder[],
): number {
  const all = [self, ...others];
  const alike = all.filter(({ bulkOnly }) => bulkOnly === self.bulkOnly);
  const bulk = bulkPart(limit);
  const part = self.bulkOnly ? bulk : alike.length < all.length ? limit - bulk : limit;
  const rank = alike
    .map(({ process }) => process)
    .toSorted()
    .indexOf(self.process);
  const fair = Math.floor(part / alike.length) + (rank < part % alike.length ? 1 : 0);
  const free = limit - others.reduce((held, { connections }) => held + connections, 0);
  return Math.max(1, Math.min(fair, free));
}
