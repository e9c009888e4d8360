import type { RelayLimits } from '../quotas/quota.types.js';

/** Names are in URLs, logs and deliveries. */
export const relayNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A server that takes our mail, and what it may be used for. A limit that is null does not exist. */
export interface Relay extends RelayLimits {
  readonly id: string;
  /** With user and password: it is sealed in the database and never shown like this. */
  readonly url: string;
  /** Lower is used first. */
  readonly priority: number;
  /** Over all workers. */
  readonly connections: number | null;
  /** Who signs with DKIM. */
  readonly signing: 'ours' | 'relay';
  /** Whether each delivery has an envelope sender of its own, or the relay wants a fixed one. */
  readonly envelope: 'verp' | 'fixed';
  readonly enabled: boolean;
  readonly lastProblem: string | null;
  readonly lastProblemAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What workers say of a relay, as of now. */
export interface RelayState {
  /** Since when mail does not go there, in at least one worker; null where all is well. */
  readonly openSince: Date | null;
  /** What was given out in the windows that run now. */
  readonly used: { readonly second: number; readonly hour: number; readonly day: number };
  readonly connections: number;
}
