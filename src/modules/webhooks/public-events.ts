import type { EventType } from '../../platform/events/index.js';

/**
 * The events that an endpoint may ask for. The others stay inside: `email.accepted` only repeats the answer to the call,
 * `subscriber.refused` speaks of somebody who is no subscriber, and policies are published by the shop itself.
 */
export const publicEvents = [
  'subscriber.asked',
  'subscriber.confirmed',
  'subscriber.revived',
  'subscriber.changed',
  'subscriber.paused',
  'subscriber.imported',
  'subscriber.unsubscribed',
  'subscriber.erased',
  'order.received',
  'email.sent',
  'email.deferred',
  'email.failed',
  'email.skipped',
  'email.unknown',
  'email.delivered',
  'email.bounced',
  'email.complained',
  'campaign.unscheduled',
  'campaign.started',
  'campaign.paused',
  'campaign.resumed',
  'campaign.resent',
  'campaign.cancelled',
  'campaign.finished',
  'suppression.added',
  'suppression.released',
  'webhook.disabled',
  'alert.raised',
] as const satisfies readonly EventType[];

/** What `POST …/test` sends; it belongs to no event. */
export const TEST_EVENT = 'test.ping';

/** The types behind what an endpoint asks for. @param wanted public types, or "*" */
export function typesOf(wanted: readonly string[]): readonly string[] {
  return wanted.includes('*') ? publicEvents : wanted;
}
