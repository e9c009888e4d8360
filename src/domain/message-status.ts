import type { DeliveryState } from './delivery-life.js';

/**
 * What is still to happen comes first, then what went wrong; "sent" is left where every recipient's server took the mail.
 * So a mail is never "sent" while one of its recipients waits or was refused.
 */
const mostTelling = ['sending', 'queued', 'deferred', 'unknown', 'failed', 'skipped', 'sent'] as const;

/** One word for a mail with several recipients: the most telling state among its deliveries. */
export function messageStatus(deliveries: readonly DeliveryState[]): DeliveryState {
  return mostTelling.find((state) => deliveries.includes(state)) ?? 'queued';
}
