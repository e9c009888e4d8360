import type { Selectable } from 'kysely';
import type { Tables } from '../../platform/database/index.js';

export type EndpointRow = Selectable<Tables['webhook_endpoints']>;
export type MessageRow = Selectable<Tables['webhook_messages']>;
export type AttemptRow = Selectable<Tables['webhook_attempts']>;
export type NewAttempt = AttemptRow;

/** Why an endpoint gets nothing: somebody switched it off, it said 410, or it took nothing for days. */
export type DisabledReason = NonNullable<EndpointRow['disabled_reason']>;

/** `webhook-id`: the same for every attempt, so that a receiver can tell a repetition. */
export function messageName(id: string): string {
  return `msg_${id}`;
}

/** The one job of the queue that is about no endpoint: read the events, and queue replays. */
export const READ_EVENTS = 'events';
