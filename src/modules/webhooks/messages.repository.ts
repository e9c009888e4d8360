import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { newId } from '../../domain/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import type { MessageRow } from './webhooks.types.js';

/** An event for one endpoint. */
export interface NewMessage {
  readonly endpointId: string;
  readonly type: string;
  readonly bucket: string;
  readonly eventId: number;
  readonly happenedAt: Date;
}

/** An event as it is stored, for the payload. */
export interface StoredEvent {
  readonly id: number;
  readonly bucket: string;
  readonly type: string;
  readonly at: Date;
  readonly personId: string | null;
  readonly listId: string | null;
  readonly campaignId: string | null;
  readonly messageId: string | null;
  readonly deliveryId: number | null;
  readonly data: Record<string, unknown>;
}

@Injectable()
export class WebhookMessagesRepository {
  constructor(private readonly db: Database) {}

  /** Queues events; one that an endpoint has already is left alone, or queued once more. */
  async add(
    executor: Executor,
    messages: readonly NewMessage[],
    existing: 'leave' | 'requeue' = 'leave',
  ): Promise<void> {
    if (messages.length === 0) return;
    const column = <T>(pick: (message: NewMessage) => T) => messages.map(pick);
    const conflict =
      existing === 'leave'
        ? sql`DO NOTHING`
        : sql`DO UPDATE SET state = 'waiting', tries = 0, due_at = now() WHERE webhook_messages.state <> 'waiting'`;
    await sql`
      INSERT INTO webhook_messages (id, endpoint_id, type, event_bucket, event_id, happened_at)
      SELECT * FROM unnest(
        ${column(() => newId())}::uuid[], ${column((m) => m.endpointId)}::uuid[], ${column((m) => m.type)}::text[],
        ${column((m) => m.bucket)}::date[], ${column((m) => m.eventId)}::bigint[],
        ${column((m) => m.happenedAt)}::timestamptz[])
      ON CONFLICT (endpoint_id, event_bucket, event_id) WHERE event_id IS NOT NULL ${conflict}`.execute(
      executor,
    );
  }

  /** A message of no event. @returns its id */
  async addTest(executor: Executor, endpointId: string, type: string): Promise<string> {
    const id = newId();
    const happened_at = new Date();
    await executor
      .insertInto('webhook_messages')
      .values({ id, endpoint_id: endpointId, type, happened_at })
      .execute();
    return id;
  }

  /** Queues one once more. @returns false when retention took it */
  async requeue(executor: Executor, endpointId: string, id: string): Promise<boolean> {
    const { numUpdatedRows } = await executor
      .updateTable('webhook_messages')
      .set({ state: 'waiting', tries: 0, due_at: sql`now()` })
      .where('id', '=', id)
      .where('endpoint_id', '=', endpointId)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Queues those of these events once more that were given up. */
  async requeueFailed(
    executor: Executor,
    endpointId: string,
    bucket: string,
    eventIds: readonly number[],
  ): Promise<void> {
    await executor
      .updateTable('webhook_messages')
      .set({ state: 'waiting', tries: 0, due_at: sql`now()` })
      .where('endpoint_id', '=', endpointId)
      .where('event_bucket', '=', bucket)
      .where('event_id', '=', sql<number>`ANY(${eventIds}::bigint[])`)
      .where('state', '=', 'failed')
      .execute();
  }

  /** What is due for one endpoint, the longest due first. */
  async due(endpointId: string, limit: number): Promise<MessageRow[]> {
    return this.db
      .selectFrom('webhook_messages')
      .selectAll()
      .where('endpoint_id', '=', endpointId)
      .where('state', '=', 'waiting')
      .where('due_at', '<=', sql<Date>`now()`)
      .orderBy('due_at')
      .limit(limit)
      .execute();
  }

  /** The events behind messages, by month and id; one that retention took is missing. */
  async events(messages: readonly MessageRow[]): Promise<Map<string, StoredEvent>> {
    const byBucket = Map.groupBy(
      messages.filter(({ event_id }) => event_id !== null),
      ({ event_bucket }) => event_bucket ?? '',
    );
    const found = new Map<string, StoredEvent>();
    for (const [bucket, some] of byBucket) {
      const rows = await this.db
        .selectFrom('events')
        .selectAll()
        .where('bucket', '=', bucket)
        .where('id', '=', sql<number>`ANY(${some.map(({ event_id }) => event_id)}::bigint[])`)
        .execute();
      for (const row of rows) found.set(eventKey(bucket, row.id), toEvent(row));
    }
    return found;
  }
}

export function eventKey(bucket: string | null, id: number | null): string {
  return `${bucket} ${id}`;
}

function toEvent(row: {
  id: number;
  bucket: string;
  type: string;
  at: Date;
  person_id: string | null;
  list_id: string | null;
  campaign_id: string | null;
  message_id: string | null;
  delivery_id: number | null;
  data: Record<string, unknown>;
}): StoredEvent {
  return {
    id: row.id,
    bucket: row.bucket,
    type: row.type,
    at: row.at,
    personId: row.person_id,
    listId: row.list_id,
    campaignId: row.campaign_id,
    messageId: row.message_id,
    deliveryId: row.delivery_id,
    data: row.data,
  };
}
