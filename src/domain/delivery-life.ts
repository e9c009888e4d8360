/**
 * The life of one delivery: one row per envelope recipient. This table is the only place that says which moves exist;
 * the repository refuses any other. What came after the hand-over (delivered, bounced, complained) is an outcome beside the state.
 */

export const deliveryStates = [
  'queued',
  'sending',
  'deferred',
  'sent',
  'failed',
  'skipped',
  'unknown',
] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** `orders` never waits behind `news`; `service` is mail that a person's own act asked for (confirmations). */
export const streams = ['orders', 'service', 'news'] as const;
export type Stream = (typeof streams)[number];

/** Why a delivery was skipped. Shown to marketers and support, so the words are the field's. */
export type SkipReason =
  | 'unsubscribed'
  | 'not_confirmed'
  | 'paused' // by the person, for a time
  | 'frequency' // the person wants fewer mails, and had one
  | 'suppressed'
  | 'erased'
  | 'cancelled'
  | 'list_archived';

/** What happened to a delivery, in the words of the engine. */
export type DeliveryMove =
  | 'claim' // a worker took it, with a lease
  | 'accept' // the server answered 250 after the final dot
  | 'refuse' // the server said no for good, or the tries are used up
  | 'defer' // the server said "later"
  | 'release' // provably not handed over: lease ended with evidence, relay trouble, pause, shutdown
  | 'lose' // handed over, and no answer was seen
  | 'skip' // consent, suppression, cancel, erasure
  | 'retry'; // a person asks again (news), or an unknown order mail goes out with the same Message-ID

const moves: Record<DeliveryState, Partial<Record<DeliveryMove, DeliveryState>>> = {
  queued: { claim: 'sending', skip: 'skipped' },
  deferred: { claim: 'sending', skip: 'skipped' },
  sending: {
    accept: 'sent',
    refuse: 'failed',
    defer: 'deferred',
    release: 'queued',
    lose: 'unknown',
    skip: 'skipped',
  },
  // Later evidence: a report, or what the worker itself saw (its journal), which alone can prove that the final dot never left.
  unknown: {
    accept: 'sent',
    refuse: 'failed',
    defer: 'deferred',
    release: 'queued',
    skip: 'skipped',
    retry: 'queued',
  },
  failed: { retry: 'queued' },
  sent: {},
  skipped: {},
};

/** The state after a move, or undefined where the life has no such move. */
export function nextState(from: DeliveryState, move: DeliveryMove): DeliveryState | undefined {
  return moves[from][move];
}

/** The states from which a move exists: the `WHERE state IN (…)` of the update that makes it. */
export function statesBefore(move: DeliveryMove): DeliveryState[] {
  return deliveryStates.filter((state) => moves[state][move] !== undefined);
}

export type DeliveryCounts = Record<DeliveryState, number> & { recipients: number };

/** `recipients` is by definition the sum of the states, so the two can not disagree. */
export function withRecipients(byState: Record<DeliveryState, number>): DeliveryCounts {
  const recipients = deliveryStates.reduce((sum, state) => sum + byState[state], 0);
  return { recipients, ...byState };
}
