import { monthOf } from '../../domain/index.js';
import type { Executor } from '../database/index.js';

/** Everything that happens and that a webhook, a report or a timeline may want to know. Past tense, `thing.happened`. */
export type EventType =
  | 'subscriber.asked'
  | 'subscriber.confirmed'
  | 'subscriber.unsubscribed'
  | 'subscriber.erased'
  | 'order.received'
  | 'email.accepted'
  | 'email.sent'
  | 'email.deferred'
  | 'email.failed'
  | 'email.skipped'
  | 'email.unknown'
  | 'campaign.unscheduled'
  | 'campaign.started'
  | 'campaign.paused'
  | 'campaign.resumed'
  | 'campaign.cancelled'
  | 'campaign.finished'
  | 'suppression.added'
  | 'suppression.released';

/** Ids only, no address and no content: a reader looks up what it may see. `data` holds words and numbers such as a reply's code. */
export interface NewEvent {
  readonly type: EventType;
  readonly personId?: string | null;
  readonly listId?: string | null;
  readonly campaignId?: string | null;
  readonly messageId?: string | null;
  readonly deliveryId?: number | null;
  readonly data?: Record<string, string | number | boolean | null>;
}

/** Appends in the caller's transaction, so that an event exists exactly when what it tells has happened. */
export async function appendEvents(executor: Executor, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const bucket = monthOf(new Date());
  await executor
    .insertInto('events')
    .values(
      events.map((event) => ({
        bucket,
        type: event.type,
        person_id: event.personId ?? null,
        list_id: event.listId ?? null,
        campaign_id: event.campaignId ?? null,
        message_id: event.messageId ?? null,
        delivery_id: event.deliveryId ?? null,
        data: JSON.stringify(event.data ?? {}),
      })),
    )
    .execute();
}
