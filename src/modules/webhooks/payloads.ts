import { Inject, Injectable } from '@nestjs/common';
import { eventKey, WebhookMessagesRepository } from './messages.repository.js';
import { dataOf, EVENT_DETAILS, payload, type EventDetails } from './payload.js';
import { TEST_EVENT } from './public-events.js';
import type { MessageRow } from './webhooks.types.js';

/** Bodies of messages, made when they are sent. */
@Injectable()
export class Payloads {
  constructor(
    private readonly messages: WebhookMessagesRepository,
    @Inject(EVENT_DETAILS) private readonly details: EventDetails,
  ) {}

  /** @returns the body of each, by message id; none where retention took the event */
  async of(messages: readonly MessageRow[]): Promise<Map<string, string>> {
    const events = await this.messages.events(messages);
    const details = await this.details.of([...events.values()]);
    const bodies = new Map<string, string>();
    for (const { id, type, endpoint_id, event_bucket, event_id, happened_at } of messages) {
      const event = events.get(eventKey(event_bucket, event_id));
      if (event) bodies.set(id, payload(type, happened_at, dataOf(event, details.get(event))));
      else if (type === TEST_EVENT) bodies.set(id, payload(type, happened_at, { endpointId: endpoint_id }));
    }
    return bodies;
  }
}
