import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '../../src/domain/index.js';
import { TestApi } from '../support/api.js';
import { OrdersModule, ordersControllers } from '../../src/modules/orders/index.js';
import { dataOf } from '../../src/modules/webhooks/payload.js';
import { EventDetailsReader } from '../../src/app/event-details.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ modules: [OrdersModule], controllers: ordersControllers });
});
afterAll(() => api.stop());

const placed = (id: string, email: string) => ({
  id: `event-${id}`,
  type: 'order.placed',
  occurredAt: '2026-11-22T09:41:00Z',
  shop: 'berlin',
  order: { id, number: `N-${id}`, currency: 'EUR', items: [{ name: 'Bowl', quantity: 1 }], total: '1.00' },
  customer: { email },
});

async function idOf(address: string): Promise<string> {
  const { id } = await api.db
    .selectFrom('people')
    .select('id')
    .where('address', '=', address)
    .executeTakeFirstOrThrow();
  return id;
}

/** What a webhook would say now of the events of a customer's orders. */
async function told(personId: string, type = 'order.received'): Promise<object[]> {
  const rows = await api.db
    .selectFrom('events')
    .selectAll()
    .where('type', '=', type)
    .where('person_id', '=', personId)
    .orderBy('id')
    .execute();
  const events = rows.map((row) => ({
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
  }));
  const details = await new EventDetailsReader(api.db).of(events);
  return events.map((event) => dataOf(event, details.get(event)));
}

test('an order event names the order as the shop does, and our own id of it to nobody', async () => {
  const { body } = await api.post('/v1/order-events', placed('4711', 'buyer@example.com'));
  const [data] = await told(await idOf('buyer@example.com'));
  expect(data).toEqual({
    type: 'order.placed',
    status: 'queued',
    shop: 'berlin',
    orderId: '4711',
    orderNumber: 'N-4711',
    emailId: body.emailId,
    subscriberId: expect.any(String),
  });
});

test('a mail that an order made says which one, also when it was sent again', async () => {
  const { body } = await api.post('/v1/order-events', placed('4720', 'mailed@example.com'));
  const personId = await idOf('mailed@example.com');
  const again = newId();
  await sql`
    INSERT INTO messages (bucket, id, stream, sender_id, locale, automatic, tags, resend_of)
    SELECT bucket, ${again}, stream, sender_id, locale, automatic, tags, id FROM messages WHERE id = ${body.emailId}`.execute(
    api.db,
  );
  await sql`
    INSERT INTO deliveries (bucket, stream, message_id, person_id, address, recipient_domain)
    SELECT bucket, stream, ${again}, person_id, address, recipient_domain FROM deliveries
     WHERE message_id = ${body.emailId}`.execute(api.db);
  await sql`
    INSERT INTO events (bucket, type, person_id, message_id, delivery_id)
    SELECT bucket, 'email.failed', person_id, message_id, id FROM deliveries
     WHERE person_id = ${personId} ORDER BY id`.execute(api.db);
  const order = { shop: 'berlin', id: '4720', number: 'N-4720' };
  expect(await told(personId, 'email.failed')).toMatchObject([
    { emailId: body.emailId, order },
    { emailId: again, order },
  ]);
  const erased = { erased_at: new Date(), address: null, canonical: null, name: null };
  await api.db.updateTable('people').set(erased).where('id', '=', personId).execute();
  expect(JSON.stringify(await told(personId, 'email.failed'))).not.toContain('4720');
});

test('of an erased customer nothing is told, nor of the order of one to another', async () => {
  await api.post('/v1/order-events', placed('4712', 'gone@example.com'));
  await api.post('/v1/order-events', placed('4713', 'first@example.com'));
  // The order is another person's now, who is erased.
  await api.post('/v1/order-events', {
    ...placed('4713', 'second@example.com'),
    id: 'event-4713-paid',
    type: 'order.paid',
  });
  const ids = await Promise.all(['gone', 'first', 'second'].map((name) => idOf(`${name}@example.com`)));
  const erased = { erased_at: new Date(), address: null, canonical: null, name: null };
  for (const id of [ids[0]!, ids[2]!])
    await api.db.updateTable('people').set(erased).where('id', '=', id).execute();
  const unnamed = { shop: null, orderId: null, orderNumber: null };
  for (const id of ids) expect(await told(id)).toMatchObject([unnamed]);
});
