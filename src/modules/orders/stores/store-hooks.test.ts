import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { TestApi, type TestAnswer } from '../../../../test/support/api.js';
import { KeyRing } from '../../../platform/crypto/index.js';
import { OrdersModule, ordersControllers } from '../index.js';

const STRIPE = 'whsec_test_0123456789abcdef';
const SHOPIFY = 'shpss_test_0123456789abcdef';

let api: TestApi;
let counter = 0;
let orderId = '';

beforeAll(async () => {
  api = await TestApi.start({
    modules: [OrdersModule],
    controllers: ordersControllers,
    environment: { STRIPE_WEBHOOK_SECRET: STRIPE, SHOPIFY_WEBHOOK_SECRET: SHOPIFY },
  });
});
afterAll(() => api.stop());
beforeEach(() => {
  counter += 1;
  orderId = `45078960${counter}`;
});

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

function stripeHook(event: object, { secret = STRIPE, at = nowSeconds() } = {}): Promise<TestAnswer> {
  const body = JSON.stringify(event);
  const v1 = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return api.post('/hooks/store/stripe', body, {
    'stripe-signature': `t=${at},v1=${'0'.repeat(64)},v1=${v1},v0=abc`,
  });
}

function shopifyHook(
  topic: string,
  object: object,
  headers: Record<string, string> = {},
): Promise<TestAnswer> {
  counter += 1;
  const body = JSON.stringify(object);
  return api.post('/hooks/store/shopify', body, {
    'x-shopify-topic': topic,
    'x-shopify-event-id': `event-${counter}`,
    'x-shopify-hmac-sha256': createHmac('sha256', SHOPIFY).update(body).digest('base64'),
    ...headers,
  });
}

const stripeEvent = (type: string, object: object, more: object = {}): Record<string, unknown> => ({
  id: `evt_${counter}_${type}`,
  object: 'event',
  created: nowSeconds(),
  type,
  data: { object, ...more },
});

/** As https://docs.stripe.com/api/payment_intents shows it, cut down. */
const intent = (more: object = {}): Record<string, unknown> => ({
  id: `pi_${counter}`,
  object: 'payment_intent',
  amount: 9590,
  amount_received: 9590,
  currency: 'eur',
  description: null,
  latest_charge: `ch_${counter}`,
  receipt_email: 'payer@example.com',
  metadata: { order_id: orderId },
  ...more,
});

/** As https://shopify.dev/docs/api/webhooks shows it, cut down. */
const shopifyOrder = (more: object = {}): Record<string, unknown> => ({
  id: Number(orderId),
  name: '#1001',
  order_number: 1001,
  email: 'jon@example.com',
  created_at: '2026-11-22T10:15:00-05:00',
  updated_at: '2026-11-22T10:16:00-05:00',
  processed_at: '2026-11-22T10:15:00-05:00',
  currency: 'EUR',
  customer_locale: 'de',
  total_price: '95.90',
  subtotal_price: '89.00',
  total_tax: '14.21',
  taxes_included: true,
  total_discounts: '0.00',
  total_shipping_price_set: { shop_money: { amount: '6.90', currency_code: 'EUR' } },
  order_status_url: 'https://shop.example/orders/abc/authenticate?key=1',
  customer: { id: 1, email: 'jon@example.com', first_name: 'Jon', last_name: 'Snow' },
  shipping_address: { name: 'Jon Snow', address1: 'Weg 1', zip: '10115', city: 'Berlin', country_code: 'DE' },
  line_items: [
    { id: 1, name: 'Walnut bowl - large', title: 'Walnut bowl', quantity: 1, price: '89.00', sku: 'B-1' },
  ],
  ...more,
});

interface Told {
  type: string;
  source: string;
  status: string;
  reason: string | null;
  body: Record<string, never>;
}
async function told(): Promise<Told[]> {
  const rows = await api.db
    .selectFrom('order_events')
    .innerJoin('orders', 'orders.id', 'order_events.order_ref')
    .select([
      'order_events.type',
      'order_events.source',
      'order_events.status',
      'order_events.reason',
      'order_events.body',
    ])
    .where('orders.order_id', '=', orderId)
    .orderBy('order_events.id')
    .execute();
  return rows.map(({ body, ...row }) => ({
    ...row,
    body: api.get(KeyRing).unsealJson('content', body ?? Buffer.alloc(0)) as Record<string, never>,
  }));
}

const placedByApi = (): Promise<TestAnswer> =>
  api.post('/v1/order-events', {
    id: `api-${orderId}`,
    type: 'order.placed',
    occurredAt: '2026-11-22T09:41:00Z',
    order: {
      id: orderId,
      number: '10482',
      currency: 'EUR',
      items: [{ name: 'Walnut bowl', quantity: 1, unitPrice: '89.00' }],
      shipping: '6.90',
      total: '95.90',
    },
    customer: { email: 'anna@example.com', name: 'Anna' },
  });

describe('Stripe', () => {
  test('a payment becomes the receipt of an order that the shop told of before', async () => {
    await placedByApi();
    expect(await stripeHook(stripeEvent('payment_intent.succeeded', intent()))).toEqual({
      status: 200,
      body: { events: 1 },
    });
    expect((await told())[1]).toMatchObject({
      type: 'order.paid',
      source: 'stripe',
      status: 'queued',
      body: {
        order: { number: '10482', items: [{ name: 'Walnut bowl' }] },
        customer: { email: 'anna@example.com' },
        payment: { amount: '95.90' },
      },
    });
  });

  test('the same webhook again, and the same payment through the API, send nothing more', async () => {
    await placedByApi();
    const event = stripeEvent('payment_intent.succeeded', intent());
    await stripeHook(event);
    expect(await stripeHook(event)).toMatchObject({ status: 200 });
    await stripeHook({ ...event, id: 'evt_other' });
    expect((await told()).map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'order.placed null',
      'order.paid null',
      'order.paid duplicate',
    ]);
  });

  test('a Checkout Session is an order and its payment', async () => {
    const session = {
      id: 'cs_1',
      client_reference_id: orderId,
      currency: 'jpy',
      amount_subtotal: 5000,
      amount_total: 5600,
      total_details: { amount_discount: 0, amount_shipping: 600, amount_tax: 0 },
      customer_details: { email: 'kei@example.com', name: 'Kei' },
      locale: 'auto',
      payment_status: 'paid',
      line_items: {
        data: [{ description: 'Tea', quantity: 2, amount_total: 5000, price: { unit_amount: 2500 } }],
      },
    };
    expect((await stripeHook(stripeEvent('checkout.session.completed', session))).body).toEqual({
      events: 2,
    });
    expect(await told()).toMatchObject([
      { type: 'order.placed', body: { order: { total: '5600', items: [{ name: 'Tea', quantity: 2 }] } } },
      { type: 'order.paid', body: { customer: { email: 'kei@example.com', name: 'Kei' } } },
    ]);
  });

  test('refunds, a part and then the rest', async () => {
    await placedByApi();
    const charge = { id: `ch_${orderId}`, amount: 9590, currency: 'eur', metadata: { order_id: orderId } };
    await stripeHook(
      stripeEvent(
        'charge.refunded',
        { ...charge, amount_refunded: 1000, refunded: false },
        { previous_attributes: { amount_refunded: 0 } },
      ),
    );
    await stripeHook({
      ...stripeEvent(
        'charge.refunded',
        { ...charge, amount_refunded: 9590, refunded: true },
        { previous_attributes: { amount_refunded: 1000 } },
      ),
      id: `evt_rest_${orderId}`,
    });
    expect((await told()).slice(1)).toMatchObject([
      { type: 'order.partially_refunded', body: { refund: { amount: '10.00' } } },
      { type: 'order.refunded', body: { refund: { amount: '85.90' } } },
    ]);
  });

  test('a payment that fails says why', async () => {
    const failed = intent({ last_payment_error: { message: 'Your card was declined.' }, amount_received: 0 });
    await stripeHook(stripeEvent('payment_intent.payment_failed', failed));
    expect(await told()).toMatchObject([
      {
        type: 'order.payment_failed',
        body: { payment: { reason: 'Your card was declined.', amount: '95.90' } },
      },
    ]);
  });

  test('what speaks of no order of a shop is taken and changes nothing', async () => {
    expect(
      (await stripeHook(stripeEvent('payment_intent.succeeded', intent({ metadata: {} })))).body,
    ).toEqual({ events: 0 });
    expect((await stripeHook(stripeEvent('customer.created', { id: 'cus_1' }))).body).toEqual({ events: 0 });
  });

  test('nothing is known of the customer: Stripe is to send it again', async () => {
    const event = stripeEvent('payment_intent.succeeded', intent({ receipt_email: null }));
    expect(await stripeHook(event)).toMatchObject({ status: 409, body: { name: 'order_unknown' } });
    await placedByApi();
    expect(await stripeHook(event)).toMatchObject({ status: 200 });
    expect(await told()).toHaveLength(2);
  });

  test.each<[string, (event: Record<string, unknown>) => Promise<TestAnswer>, string]>([
    ['another secret', (event) => stripeHook(event, { secret: 'whsec_other' }), 'does not match'],
    ['ten minutes old', (event) => stripeHook(event, { at: nowSeconds() - 600 }), 's ago'],
    ['from the future', (event) => stripeHook(event, { at: nowSeconds() + 600 }), 's ago'],
    ['no signature', (event) => api.post('/hooks/store/stripe', event), 'is missing'],
  ])('%s: refused, and nothing changes', async (_, send, says) => {
    await placedByApi();
    const answer = await send(stripeEvent('payment_intent.succeeded', intent()));
    expect(answer).toMatchObject({ status: 401, body: { name: 'invalid_signature' } });
    expect(answer.body.message).toContain(says);
    expect(await told()).toHaveLength(1);
  });
});

describe('Shopify', () => {
  test('an order, its payment, its parcel, its delivery', async () => {
    await shopifyHook('orders/create', shopifyOrder());
    await shopifyHook('orders/paid', shopifyOrder({ payment_gateway_names: ['shopify_payments'] }));
    const fulfillments = [
      {
        id: 77,
        created_at: '2026-11-23T09:00:00Z',
        tracking_company: 'DHL',
        tracking_number: 'X1',
        line_items: [{ name: 'Walnut bowl', quantity: 1 }],
      },
    ];
    await shopifyHook('orders/fulfilled', shopifyOrder({ fulfillments, updated_at: '2026-11-23T09:00:01Z' }));
    await shopifyHook('fulfillment_events/create', {
      id: 5,
      fulfillment_id: 77,
      order_id: Number(orderId),
      status: 'delivered',
      happened_at: '2026-11-24T11:00:00Z',
    });
    const events = await told();
    expect(events.map(({ type, status }) => `${type} ${status}`)).toEqual([
      'order.placed queued',
      'order.paid queued',
      'order.shipped queued',
      'order.delivered queued',
    ]);
    expect(events[2]?.body).toMatchObject({
      shipment: { id: '77', carrier: 'DHL' },
      customer: { locale: 'de', name: 'Jon' },
    });
    expect(events[3]?.body).toMatchObject({ order: { number: '#1001' }, shipment: { id: '77' } });
  });

  test('a refund of all, and one of a part', async () => {
    await shopifyHook('orders/create', shopifyOrder());
    const refund = (id: number, amount: string) =>
      shopifyHook('refunds/create', {
        id,
        order_id: Number(orderId),
        created_at: `2026-11-2${id}T10:00:00Z`,
        note: 'Broken',
        refund_line_items: [{ quantity: 1, line_item: { name: 'Walnut bowl' } }],
        transactions: [{ kind: 'refund', status: 'success', amount }],
      });
    await refund(3, '4.50');
    await refund(4, '95.90');
    expect((await told()).slice(1)).toMatchObject([
      { type: 'order.partially_refunded', body: { refund: { amount: '4.50', reason: 'Broken' } } },
      { type: 'order.refunded', body: { refund: { amount: '95.90' } } },
    ]);
  });

  test('a tip that is in no line: the total is shown, what does not add up is not', async () => {
    await shopifyHook('orders/create', shopifyOrder({ total_price: '105.90' }));
    const [event] = await told();
    expect(event?.body).toMatchObject({
      order: { total: '105.90', items: [{ name: 'Walnut bowl - large' }] },
    });
    expect(event?.body['order']).not.toHaveProperty('subtotal');
  });

  test('a retry, and a replay under another id, send nothing more', async () => {
    const order = shopifyOrder();
    await shopifyHook('orders/create', order, { 'x-shopify-event-id': `same-${orderId}` });
    await shopifyHook('orders/create', order, { 'x-shopify-event-id': `same-${orderId}` });
    await shopifyHook('orders/create', order);
    expect((await told()).map(({ reason }) => reason)).toEqual([null, 'duplicate']);
  });

  test('a changed body is refused', async () => {
    const answer = await shopifyHook('orders/create', shopifyOrder(), {
      'x-shopify-hmac-sha256': createHmac('sha256', SHOPIFY).update('{}').digest('base64'),
    });
    expect(answer).toMatchObject({ status: 401 });
    expect(await told()).toHaveLength(0);
  });
});

test('a platform that is not there, and one that is not set up', async () => {
  expect(await api.post('/hooks/store/magento', {})).toMatchObject({
    status: 404,
    body: { message: expect.stringContaining('stripe, shopify') },
  });
  const bare = await TestApi.start({ modules: [OrdersModule], controllers: ordersControllers });
  try {
    expect(await bare.post('/hooks/store/stripe', {})).toMatchObject({
      status: 404,
      body: { message: expect.stringContaining('STRIPE_WEBHOOK_SECRET') },
    });
  } finally {
    await bare.stop();
  }
});
