import type { StoredEvent } from './messages.repository.js';

/** What a receiver needs besides the ids that an event carries; looked up when it is sent, so that what was erased is not in it. */
export interface EventDetail {
  /** Of the recipient or the subscriber; null when it was erased. */
  readonly address: string | null;
  readonly stream: string | null;
  readonly tags: readonly string[];
  /** Slug. */
  readonly list: string | null;
  /** Of an order event, and of a mail that an order made; null when its customer was erased. */
  readonly order: { readonly shop: string; readonly id: string; readonly number: string } | null;
}

/** What this module needs of the others, which it may not import: the composition hands it in under EVENT_DETAILS. */
export interface EventDetails {
  of(events: readonly StoredEvent[]): Promise<ReadonlyMap<StoredEvent, EventDetail>>;
}
export const EVENT_DETAILS = Symbol('EVENT_DETAILS');

const nothing: EventDetail = { address: null, stream: null, tags: [], list: null, order: null };

/** The body as Standard Webhooks shapes it. @param type of the event, or of a test @param at when it happened */
export function payload(type: string, at: Date, data: object): string {
  return JSON.stringify({ type, timestamp: at.toISOString(), data });
}

/** `data` of an event: its ids by the names that the API uses, then the words and numbers that it carries. */
export function dataOf(event: StoredEvent, detail: EventDetail = nothing): object {
  const { personId, campaignId, messageId, deliveryId } = event;
  const [family] = event.type.split('.');
  const words = Object.fromEntries(Object.entries(event.data).filter(([, value]) => value !== null));
  switch (family) {
    case 'email': {
      const { address: to, stream, tags, list, order } = detail;
      const ids = { emailId: messageId, campaignId, deliveryId, subscriberId: personId };
      return { ...words, ...ids, to, stream, list, tags, ...(order && { order }) };
    }
    case 'alert':
      return { ...words, emailId: messageId, campaignId, order: detail.order };
    case 'subscriber':
      return { ...words, subscriberId: personId, email: detail.address, list: detail.list };
    case 'campaign':
      return { ...words, campaignId };
    case 'order': {
      // Our own id of the order says nothing to anybody else.
      const { orderRef: _, ...told } = words;
      const { id: orderId = null, number: orderNumber = null, shop = null } = detail.order ?? {};
      return { ...told, orderId, orderNumber, shop, emailId: messageId, subscriberId: personId };
    }
    case 'suppression':
      return { ...words, list: detail.list };
    default:
      return words;
  }
}
