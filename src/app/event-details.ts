import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { bucketOf, isId } from '../domain/index.js';
import type { EventDetail, EventDetails, StoredEvent } from '../modules/webhooks/index.js';
import { Database } from '../platform/database/index.js';

interface DeliveryFacts {
  readonly address: string | null;
  readonly stream: string;
  readonly listId: string | null;
}

const isString = (value: unknown): value is string => typeof value === 'string';

/** Our own id of the order that an event tells of. */
const orderOf = ({ data }: StoredEvent): string | null =>
  isString(data['orderRef']) && isId(data['orderRef']) ? data['orderRef'] : null;

/**
 * What webhooks say besides ids, from the tables of several modules, for a page of events at a time. Addresses of people who were
 * erased are left out here, whatever their deliveries still hold.
 */
@Injectable()
export class EventDetailsReader implements EventDetails {
  constructor(private readonly db: Database) {}

  async of(events: readonly StoredEvent[]): Promise<ReadonlyMap<StoredEvent, EventDetail>> {
    const deliveries = await this.deliveries(events);
    const addresses = await this.addresses(events.map(({ personId }) => personId).filter(isString));
    const tags = await this.tags(events.map(({ messageId }) => messageId).filter(isString));
    const orders = await this.orders(events.map(orderOf).filter(isString));
    const isOrderMail = ({ deliveryId }: StoredEvent) => deliveries.get(deliveryId ?? 0)?.stream === 'orders';
    const ofMails = await this.ordersOfMails(
      events
        .filter(isOrderMail)
        .map(({ messageId }) => messageId)
        .filter(isString),
    );
    const listOf = (event: StoredEvent) =>
      event.listId ?? deliveries.get(event.deliveryId ?? 0)?.listId ?? null;
    const slugs = await this.slugs(events.map(listOf).filter(isString));
    return new Map(
      events.map((event) => {
        const delivery = deliveries.get(event.deliveryId ?? 0);
        const known = addresses.get(event.personId ?? '') ?? null;
        const detail = {
          // What the mail was sent to may be spelt in another way than what the person has now.
          address: known === null ? null : (delivery?.address ?? known),
          stream: delivery?.stream ?? null,
          tags: tags.get(event.messageId ?? '') ?? [],
          list: slugs.get(listOf(event) ?? '') ?? null,
          order:
            event.personId !== null && known === null
              ? null
              : (orders.get(orderOf(event) ?? '') ?? ofMails.get(event.messageId ?? '') ?? null),
        };
        return [event, detail];
      }),
    );
  }

  private async deliveries(events: readonly StoredEvent[]): Promise<Map<number, DeliveryFacts>> {
    const batches = await this.batchMonths(events.map(({ campaignId }) => campaignId).filter(isString));
    const months = Map.groupBy(
      events.filter(({ deliveryId }) => deliveryId !== null),
      ({ messageId, campaignId }) =>
        messageId === null ? (batches.get(campaignId ?? '') ?? '') : bucketOf(messageId),
    );
    months.delete('');
    const found = new Map<number, DeliveryFacts>();
    for (const [bucket, some] of months) {
      const rows = await this.db
        .selectFrom('deliveries')
        .select(['id', 'address', 'stream', 'via_list_id as listId'])
        .where('bucket', '=', bucket)
        .where('id', '=', sql<number>`ANY(${some.map(({ deliveryId }) => deliveryId)}::bigint[])`)
        .execute();
      for (const { id, ...facts } of rows) found.set(id, facts);
    }
    return found;
  }

  /** The shop's own id and number; of an erased customer neither, whoever the event was about. */
  private async orders(refs: readonly string[]): Promise<Map<string, NonNullable<EventDetail['order']>>> {
    const rows = await this.db
      .selectFrom('orders as o')
      .innerJoin('people as p', 'p.id', 'o.person_id')
      .select(['o.id as ref', 'o.shop', 'o.order_id as id', 'o.number'])
      .where('o.id', '=', sql<string>`ANY(${[...new Set(refs)]}::uuid[])`)
      .where('p.erased_at', 'is', null)
      .execute();
    return new Map(rows.map(({ ref, ...order }) => [ref, order]));
  }

  /** The same by the mail that the order made; one that was sent again is about the order of the first. */
  private async ordersOfMails(
    messageIds: readonly string[],
  ): Promise<Map<string, NonNullable<EventDetail['order']>>> {
    const found = new Map<string, NonNullable<EventDetail['order']>>();
    for (const [bucket, ids] of Map.groupBy(new Set(messageIds), bucketOf)) {
      const { rows } = await sql<{ mail: string; ref: string }>`
        SELECT m.id AS mail, e.order_ref AS ref FROM messages m, LATERAL (
          SELECT order_ref FROM order_events WHERE message_id IN (m.id, m.resend_of) LIMIT 1) e
         WHERE m.bucket = ${bucket} AND m.id = ANY(${ids}::uuid[])`.execute(this.db);
      const orders = await this.orders(rows.map(({ ref }) => ref));
      for (const { mail, ref } of rows) {
        const order = orders.get(ref);
        if (order) found.set(mail, order);
      }
    }
    return found;
  }

  private async batchMonths(ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.db
      .selectFrom('batches')
      .select(['id', 'bucket'])
      .where('id', '=', sql<string>`ANY(${[...new Set(ids)]}::uuid[])`)
      .execute();
    return new Map(rows.map(({ id, bucket }) => [id, bucket]));
  }

  private async addresses(personIds: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.db
      .selectFrom('people')
      .select(['id', 'address'])
      .where('id', '=', sql<string>`ANY(${[...new Set(personIds)]}::uuid[])`)
      .where('erased_at', 'is', null)
      .execute();
    return new Map(rows.flatMap(({ id, address }) => (address === null ? [] : [[id, address]])));
  }

  private async tags(messageIds: readonly string[]): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    for (const [bucket, ids] of Map.groupBy(new Set(messageIds), bucketOf)) {
      const rows = await this.db
        .selectFrom('messages')
        .select(['id', 'tags'])
        .where('bucket', '=', bucket)
        .where('id', '=', sql<string>`ANY(${ids}::uuid[])`)
        .execute();
      for (const { id, tags } of rows) found.set(id, tags);
    }
    return found;
  }

  private async slugs(listIds: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.db
      .selectFrom('lists')
      .select(['id', 'slug'])
      .where('id', '=', sql<string>`ANY(${[...new Set(listIds)]}::uuid[])`)
      .execute();
    return new Map(rows.map(({ id, slug }) => [id, slug]));
  }
}
