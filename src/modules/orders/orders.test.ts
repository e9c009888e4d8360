import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestApi, type TestAnswer } from '../../../test/support/api.js';
import { orderEventTypes } from '../../domain/index.js';
import { KeyRing } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { MessageMoves, Messages } from '../delivery/index.js';
import { People } from '../subscribers/index.js';
import { OrdersModule, ordersControllers } from './index.js';
import { exampleOf } from './order-examples.js';
import { orderEvent } from './orders.schemas.js';
import { Orders } from './orders.service.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ modules: [OrdersModule], controllers: ordersControllers });
});
afterAll(() => api.stop());

let counter = 0;

function placed(
  overrides: { order?: object; customer?: object; [field: string]: unknown } = {},
): Record<string, unknown> {
  counter += 1;
  const { order, customer, ...rest } = overrides;
  return {
    id: `evt-${counter}`,
    type: 'order.placed',
    occurredAt: '2026-11-22T09:41:00Z',
    order: {
      id: `order-${counter}`,
      number: String(1000 + counter),
      currency: 'EUR',
      items: [{ name: 'Walnut bowl', quantity: 1, price: '89.00' }],
      total: '89.00',
      ...order,
    },
    customer: { email: `customer-${counter}@example.com`, name: 'Anna', ...customer },
    ...rest,
  };
}

const shipped = (of: Record<string, unknown>, overrides: object = {}): Record<string, unknown> => {
  counter += 1;
  return { ...of, id: `evt-${counter}`, type: 'order.shipped', ...overrides };
};

const about = (type: string, extra: object = {}, of = placed()): Record<string, unknown> => {
  counter += 1;
  return { ...of, id: `evt-${counter}`, type, ...extra };
};

const send = (event: unknown, headers?: Record<string, string>): Promise<TestAnswer> =>
  api.post('/v1/order-events', event, headers);
const messages = async (): Promise<number> =>
  (
    await api.db
      .selectFrom('messages')
      .select((row) => row.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
  ).n;

describe('an event', () => {
  test('becomes one mail, and the whole of it commits together', async () => {
    const event = placed({ customer: { email: 'Anna.Lind@EXAMPLE.com', locale: 'en-gb' } });
    const { status, body } = await send(event);
    expect({ status, body }).toEqual({
      status: 202,
      body: { emailId: expect.any(String), status: 'queued' },
    });
    const message = await api.get(Messages).find(body.emailId);
    expect(message).toMatchObject({
      stream: 'orders',
      tags: ['order.placed'],
      subject: expect.stringContaining(String(1000 + counter)),
    });
    expect(message?.deliveries).toMatchObject([
      { address: 'Anna.Lind@EXAMPLE.com', state: 'queued', role: 'to' },
    ]);
    const person = await api.get(People).byAddress(api.db, 'anna.lind@example.com');
    expect(person).toMatchObject({ name: 'Anna', locale: 'en-GB' });
    const row = await api.db
      .selectFrom('order_events')
      .selectAll()
      .where('event_id', '=', String(event['id']))
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      source: 'api',
      type: 'order.placed',
      status: 'queued',
      message_id: body.emailId,
    });
    expect(row.body?.includes('Anna')).toBe(false);
    expect(api.get(KeyRing).unsealJson('content', row.body ?? Buffer.alloc(0))).toEqual(event);
  });

  test('comes again: 200, the same answer, no second mail', async () => {
    const event = placed();
    const first = await send(event);
    const before = await messages();
    const again = await send(event);
    expect(again).toEqual({ status: 200, body: first.body });
    const reordered = await send(Object.fromEntries(Object.entries(event).toReversed()));
    expect(reordered).toEqual({ status: 200, body: first.body });
    expect(await messages()).toBe(before);
  });

  test('arrives twenty times at once: one mail', async () => {
    const event = placed();
    const before = await messages();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(event)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ body }) => body.emailId)).size).toBe(1);
    expect(await messages()).toBe(before + 1);
  });

  test('with the id of another one is refused', async () => {
    const event = placed();
    await send(event);
    const answer = await send({ ...event, occurredAt: '2026-11-23T09:41:00Z' });
    expect(answer).toMatchObject({
      status: 409,
      body: { name: 'event_id_reused', message: expect.stringContaining(String(event['id'])) },
    });
  });

  test('goes with an Idempotency-Key as well', async () => {
    const event = placed();
    const headers = { 'Idempotency-Key': 'order-key' };
    const first = await send(event, headers);
    expect(await send(event, headers)).toEqual(first);
    expect(await send(placed(), headers)).toMatchObject({
      status: 422,
      body: { name: 'idempotency_mismatch' },
    });
  });
});

describe('the life of an order', () => {
  test('one mail a shipment', async () => {
    const order = placed();
    await send(order);
    const one = await send(
      shipped(order, { shipment: { id: 's1', carrier: 'PostNord', estimatedDelivery: '2026-11-26' } }),
    );
    expect(one).toMatchObject({ status: 202, body: { status: 'queued' } });
    expect((await send(shipped(order, { shipment: { id: 's2' } }))).body.status).toBe('queued');
    const same = await send(shipped(order, { shipment: { id: 's1' } }));
    expect(same).toEqual({ status: 202, body: { emailId: null, status: 'skipped', reason: 'duplicate' } });
  });

  test('placed twice by two events, at once: one mail', async () => {
    const order = placed();
    const events = Array.from({ length: 8 }, (_, index) => ({
      ...order,
      id: `${String(order['id'])}-${index}`,
    }));
    const answers = await Promise.all(events.map((event) => send(event)));
    expect(answers.filter(({ body }) => body.emailId !== null)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.reason === 'duplicate')).toHaveLength(7);
  });

  test('shipped before placed is sent; placed after it is late, kept, and sends nothing', async () => {
    const order = placed();
    expect((await send(shipped(order))).body.status).toBe('queued');
    const late = await send(order);
    expect(late).toEqual({ status: 202, body: { emailId: null, status: 'skipped', reason: 'late' } });
    expect(await send(order)).toEqual({ status: 200, body: late.body });
  });
});

describe('every kind of event', () => {
  test.each(orderEventTypes)('%s sends the mail of its name', async (type) => {
    const example = exampleOf(type);
    const order = { ...(example['order'] as object), id: `example-${type}` };
    const { status, body } = await send({ ...example, order });
    expect({ status, body }).toEqual({
      status: 202,
      body: { emailId: expect.any(String), status: 'queued' },
    });
    expect(await api.get(Messages).find(body.emailId)).toMatchObject({ tags: [type] });
  });

  test('one payment told through two channels is one mail', async () => {
    const order = placed();
    const paid = orderEvent.parse(about('order.paid', {}, order));
    const answers = await Promise.all(
      (['stripe', 'shopify'] as const).map((source) =>
        api.db.work((work) =>
          api.get(Orders).receive(work, { ...paid, id: `${source}-1` }, { source }, source),
        ),
      ),
    );
    expect(answers.map(({ body }) => body.reason ?? 'sent').toSorted()).toEqual(['duplicate', 'sent']);
  });

  test('what comes after a cancellation is kept and sends nothing', async () => {
    const order = placed();
    await send(order);
    await send(about('order.cancelled', {}, order));
    const late = await send(about('order.shipped', {}, order));
    expect(late.body).toEqual({ emailId: null, status: 'skipped', reason: 'cancelled' });
    expect((await send(about('order.refunded', {}, order))).body.status).toBe('queued');
  });

  test('the same order id in another shop is another order', async () => {
    const order = placed();
    await send(order);
    expect((await send(about('order.placed', { shop: 'berlin' }, order))).body.status).toBe('queued');
  });
});

describe('many in one call', () => {
  const batch = (events: unknown[]) => api.post('/v1/order-events/batch', { events });

  test('an answer for each, in order; a mistake in one costs the others nothing', async () => {
    const order = placed();
    const { status, body } = await batch([order, { ...order, total: 1 }, shipped(order), order, 'nonsense']);
    expect(status).toBe(200);
    expect(body.data).toMatchObject([
      { statusCode: 202, status: 'queued', emailId: expect.any(String) },
      { statusCode: 422, error: { details: [{ field: 'total', message: 'is not a field of this call' }] } },
      { statusCode: 202, status: 'queued' },
      { statusCode: 200, status: 'queued', emailId: body.data[0].emailId },
      { statusCode: 422, error: { name: 'validation_failed' } },
    ]);
    expect(await batch([order])).toMatchObject({ body: { data: [{ statusCode: 200 }] } });
  });

  test('none, and a hundred and one, are refused', async () => {
    expect(await batch([])).toMatchObject({ status: 422 });
    expect(await batch(Array.from({ length: 101 }, () => placed()))).toMatchObject({
      status: 422,
      body: { details: [{ field: 'events' }] },
    });
  });
});

describe('the timeline of an order', () => {
  test('shows its events, their mails, and what became of them', async () => {
    const order = placed();
    const first = await send(order);
    await send(shipped(order, { shipment: { id: 's1' } }));
    await send({ ...order, id: `${String(order['id'])}-again` });
    const { id } = order['order'] as { id: string };
    const { status, body } = await api.read(`/v1/orders/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id,
      shop: 'default',
      state: 'shipped',
      events: [
        {
          type: 'order.placed',
          source: 'api',
          status: 'queued',
          email: { id: first.body.emailId, state: 'queued' },
        },
        { type: 'order.shipped', part: 's1', email: { state: 'queued' } },
        { type: 'order.placed', status: 'skipped', reason: 'duplicate', email: null },
      ],
    });
    expect(await api.read(`/v1/orders/${id}?shop=berlin`)).toMatchObject({ status: 404 });
  });

  test('shows what repeats a mail beside it, a repetition of a repetition too', async () => {
    const order = placed();
    const { emailId } = (await send(order)).body;
    const resent = async (id: string) => {
      await api.db.updateTable('deliveries').set({ state: 'sent' }).where('message_id', '=', id).execute();
      return (await api.get(Database).work((work) => api.get(MessageMoves).resend(work, id))).id;
    };
    const first = await resent(emailId);
    const second = await resent(first);
    const { id } = order['order'] as { id: string };
    const [event] = (await api.read(`/v1/orders/${id}`)).body.events;
    expect(event).toMatchObject({
      email: { id: emailId, state: 'sent' },
      resends: [
        { id: first, state: 'sent', subject: event.email.subject },
        { id: second, state: 'queued' },
      ],
    });
  });
});

describe('what the mail says', () => {
  const html = async (event: unknown) => {
    const { body } = await send(event);
    expect(body).toMatchObject({ status: 'queued' });
    const row = await api.db
      .selectFrom('messages')
      .select('content')
      .where('id', '=', body.emailId)
      .executeTakeFirstOrThrow();
    return api.get(KeyRing).unsealJson('content', row.content ?? Buffer.alloc(0)) as {
      variables: {
        order: Record<string, unknown> & { items: object[] };
        shipment?: object;
      };
    };
  };

  test('what a parcel holds has the pictures and links that the order names', async () => {
    const items = [
      {
        name: 'Bowl',
        quantity: 1,
        imageUrl: 'https://shop.example/bowl.jpg',
        url: 'https://shop.example/bowl',
      },
      { name: 'Towel', quantity: 2, sku: 'T-1', imageUrl: 'https://shop.example/towel.jpg' },
    ];
    const parcel = [
      { name: 'Bowl', quantity: 1 },
      { name: 'Tea towel', quantity: 1, sku: 'T-1' },
      { name: 'Gift', quantity: 1 },
    ];
    const event = shipped(placed({ order: { items, total: '9.00' } }), { shipment: { items: parcel } });
    const { variables } = await html(event);
    expect(variables.shipment).toEqual({
      items: [
        { ...parcel[0], imageUrl: items[0]!.imageUrl, url: items[0]!.url },
        { ...parcel[1], imageUrl: items[1]!.imageUrl },
        parcel[2],
      ],
    });
  });

  test('amounts are decimal strings, price is unitPrice, addresses are lines, unknown fields stay', async () => {
    const { variables } = await html(
      placed({
        order: {
          total: 86.5,
          discount: '-5',
          shipping: null,
          giftWrap: 'red',
          items: [
            { name: 'Bowl', quantity: 1, price: 89, engraving: 'A.' },
            { name: 'Screw', quantity: 200, unitPrice: '0.0125', total: '2.50' },
          ],
          shippingAddress: {
            name: 'Anna',
            line1: 'Weg 1',
            postalCode: '10115',
            city: 'Berlin',
            country: 'DE',
          },
          billingAddress: 'Anna\nWeg 1',
        },
      }),
    );
    expect(variables.order).toMatchObject({
      total: '86.50',
      discount: '-5.00',
      shipping: null,
      giftWrap: 'red',
      placedAt: '2026-11-22T09:41:00.000Z',
      shippingAddress: ['Anna', 'Weg 1', '10115 Berlin', 'Germany'],
      billingAddress: ['Anna', 'Weg 1'],
      items: [
        { name: 'Bowl', unitPrice: '89.00', engraving: 'A.' },
        { name: 'Screw', unitPrice: '0.0125', total: '2.50' },
      ],
    });
    expect(variables.order.items[0]).not.toHaveProperty('price');
  });

  test('a shipment goes with it', async () => {
    const shipment = {
      carrier: 'PostNord',
      trackingUrl: 'https://tracking.example/1',
      items: [{ name: 'Bowl', quantity: 1 }],
    };
    const { variables } = await html(shipped(placed(), { shipment }));
    expect(variables.shipment).toEqual(shipment);
  });
});

describe('bad input is refused by name, and leaves nothing', () => {
  test.each<[string, () => unknown, string]>([
    ['an unknown field', () => placed({ colour: 'red' }), 'colour'],
    ['an unknown field of the customer', () => placed({ customer: { phone: '1' } }), 'phone'],
    ['a missing field', () => ({ ...placed(), occurredAt: undefined }), 'occurredAt'],
    ['a broken address', () => placed({ customer: { email: 'anna@' } }), 'customer.email'],
    [
      'an unknown type, with the known ones',
      () => placed({ type: 'shipped' }),
      'order.placed, order.paid, order.payment_failed',
    ],
    ['a shipment of an order that was placed', () => placed({ shipment: {} }), 'shipment'],
    ['a currency that does not exist', () => placed({ order: { currency: 'QQQ' } }), 'order.currency'],
    [
      'a total that does not match, with the one that would',
      () => placed({ order: { shipping: '6.90', total: '89.00' } }),
      'order.total: does not match its parts, which give 95.90',
    ],
    [
      'a refund of a part that names no amount',
      () => about('order.partially_refunded', { refund: {} }),
      'refund.amount',
    ],
    [
      'a refund of a part without an id',
      () => about('order.partially_refunded', { refund: { amount: '1.00' } }),
      'refund.id',
    ],
    [
      'a parcel of several without an id',
      () => about('order.partially_shipped', { shipment: {} }),
      'shipment.id',
    ],
    [
      'a refund of more than was charged',
      () => about('order.refunded', { refund: { amount: '500.00' } }),
      "refund.amount: is more than the order's total",
    ],
    ['a refund of nothing', () => about('order.refunded', { refund: { amount: '0.00' } }), 'refund.amount'],
    ['a refund of less', () => about('order.refunded', { refund: { amount: '-5.00' } }), 'refund.amount'],
    ['a payment of less', () => about('order.paid', { payment: { amount: '-5.00' } }), 'payment.amount'],
    ['a total below nothing', () => placed({ order: { total: '-89.00' } }), 'order.total'],
    [
      'seconds for milliseconds',
      () => placed({ occurredAt: '1970-01-21T09:41:00Z' }),
      'between 2000 and 2100',
    ],
    [
      'a refund with half a cent',
      () => about('order.refunded', { refund: { amount: '1.005' } }),
      'refund.amount',
    ],
    ['digital goods without any', () => about('order.fulfilled', { fulfilment: {} }), 'fulfilment'],
    ['a shop that is no slug', () => placed({ shop: 'Berlin Store' }), 'shop'],
    ['a total that is not exact', () => placed({ order: { total: 0.1 + 0.2 } }), 'order.total'],
    [
      'an amount that is none',
      () => placed({ order: { items: [{ name: 'x', quantity: 1, total: '1,50' }] } }),
      'order.items.0.total',
    ],
    [
      'two prices',
      () => placed({ order: { items: [{ name: 'x', quantity: 1, price: '1', unitPrice: '2' }] } }),
      'order.items.0.price',
    ],
    ['no items', () => placed({ order: { items: [] } }), 'order.items'],
    ['a script for a link', () => placed({ order: { url: 'javascript:alert(1)' } }), 'order.url'],
    ['a local time', () => placed({ occurredAt: '2026-11-22 09:41' }), 'occurredAt'],
    ['a language that is none', () => placed({ customer: { locale: 'not a locale' } }), 'customer.locale'],
    [
      'megabytes in a field of the shop',
      () => placed({ order: { gift: 'x'.repeat(1_100_000) } }),
      'is too large: 1075 KB',
    ],
    ['a NUL in a field of the shop', () => placed({ order: { gift: { text: 'a\0b' } } }), 'order.gift.text'],
    ['half a surrogate pair', () => placed({ order: { note: 'x\ud800' } }), 'order.note'],
    ['a line break in the number', () => placed({ order: { number: '1\nBcc: x' } }), 'order.number'],
    ['an address that is a number', () => placed({ order: { shippingAddress: 5 } }), 'order.shippingAddress'],
    ['no object at all', () => [1], 'object'],
  ])('%s', async (_, event, named) => {
    const before = await messages();
    const answer = await send(event());
    expect(answer).toMatchObject({ status: 422, body: { statusCode: 422, name: 'validation_failed' } });
    expect(JSON.stringify(answer.body)).toContain(named);
    expect(await messages()).toBe(before);
  });

  test('a body of many megabytes, and one that is no JSON', async () => {
    // An invoice may be large; nothing else is.
    expect(await send(placed({ order: { note: 'x'.repeat(2 * 1024 * 1024) } }))).toMatchObject({
      status: 422,
      body: { details: [{ field: 'order.note' }] },
    });
    expect(await send(placed({ order: { note: 'x'.repeat(17 * 1024 * 1024) } }))).toMatchObject({
      status: 413,
    });
    expect(await send('{"id":')).toMatchObject({ status: 400 });
  });

  test('arrays nested a hundred thousand deep', async () => {
    const event = JSON.stringify(placed({ order: { gift: 'HERE' } })).replace(
      '"HERE"',
      '['.repeat(100_000) + ']'.repeat(100_000),
    );
    expect(await send(event)).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('nested') },
    });
  });
});

test('a template is compiled before the transaction, so that no connection waits for it', async () => {
  const compiled = async () => {
    const rows = await api.db
      .selectFrom('compiled_templates')
      .select('locale')
      .where('locale', '=', 'de')
      .execute();
    return rows.length;
  };
  const before = await compiled();
  const wrong = about(
    'order.on_hold',
    {},
    placed({ customer: { locale: 'de' }, order: { total: '1.00', subtotal: '89.00' } }),
  );
  expect((await send(wrong)).status).toBe(422);
  expect(await compiled()).toBe(before + 1);
});
