import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { TestApi, type TestAnswer } from '../../../../test/support/api.js';
import { KeyRing } from '../../../platform/crypto/index.js';
import { OrdersModule, ordersControllers } from '../index.js';

const STRIPE = 'whsec_test_0123456789abcdef';
const STRIPE_TEST_MODE = 'whsec_test_mode_0123456789';
const SHOPIFY = 'shpss_test_0123456789abcdef';

let api: TestApi;
let counter = 0;
let orderId = '';

beforeAll(async () => {
  api = await TestApi.start({
    modules: [OrdersModule],
    controllers: ordersControllers,
    environment: { STRIPE_WEBHOOK_SECRET: `${STRIPE}, ${STRIPE_TEST_MODE}`, SHOPIFY_WEBHOOK_SECRET: SHOPIFY },
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

  test('two endpoints, one for real and one for test payments, have a secret each', async () => {
    const event = stripeEvent('payment_intent.succeeded', intent());
    expect(await stripeHook(event, { secret: STRIPE_TEST_MODE })).toMatchObject({ body: { events: 1 } });
  });

  test('a time that is none is taken for now', async () => {
    const event = { ...stripeEvent('payment_intent.succeeded', intent()), created: 1e20 };
    expect(await stripeHook(event)).toMatchObject({ status: 200, body: { events: 1 } });
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
    ['from the future', (event) => stripeHook(event, { at: nowSeconds() + 600 }), 's in the future'],
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

  test('what does not fit an optional field costs the field, not the mail', async () => {
    const answer = await shopifyHook(
      'orders/fulfilled',
      shopifyOrder({
        customer_locale: 'en_US',
        note: 'x'.repeat(6_000),
        customer: { first_name: 'Jon\nSnow' },
        line_items: [{ name: 'Walnut bowl '.repeat(100), quantity: 1, price: '89.00' }],
        fulfillments: [{ id: 7, tracking_number: '1Z', tracking_url: 'www.ups.com/1Z' }],
      }),
    );
    expect(answer).toMatchObject({ status: 200, body: { events: 1 } });
    const [event] = await told();
    expect(event).toMatchObject({ status: 'queued', body: { shipment: { id: '7', trackingNumber: '1Z' } } });
    expect(event?.body['order']).not.toHaveProperty('note');
    expect(event?.body['customer']).toEqual({ email: 'jon@example.com' });
  });

  test('an order of some hundred lines is more than a megabyte', async () => {
    const line = { name: 'Bowl', quantity: 1, price: '1.00', tax_lines: [{ title: 'x'.repeat(4_000) }] };
    const order = shopifyOrder({ line_items: Array.from({ length: 400 }, () => line) });
    expect(await shopifyHook('orders/create', order)).toMatchObject({ status: 200, body: { events: 1 } });
  });

  test('sold at a counter: without an address there is nobody to write to, now or later', async () => {
    const order = shopifyOrder({ email: '', customer: null });
    expect(await shopifyHook('orders/create', order)).toMatchObject({ status: 200, body: { events: 0 } });
    expect(await told()).toHaveLength(0);
  });

  test('an order that nobody told of: sent again for an hour, then let go', async () => {
    const refund = (at: number) => ({
      id: 9,
      order_id: Number(orderId),
      created_at: new Date(at).toISOString(),
      transactions: [{ kind: 'refund', status: 'success', amount: '5.00' }],
    });
    expect(await shopifyHook('refunds/create', refund(Date.now() - 60_000))).toMatchObject({ status: 409 });
    const late = await shopifyHook('refunds/create', refund(Date.now() - 3_700_000));
    expect(late).toMatchObject({ status: 200, body: { events: 0 } });
  });

  test('is told in the currency that the customer saw and paid', async () => {
    const set = (shop: string, customer: string) => ({
      shop_money: { amount: shop, currency_code: 'EUR' },
      presentment_money: { amount: customer, currency_code: 'USD' },
    });
    const order = shopifyOrder({
      presentment_currency: 'USD',
      total_price_set: set('95.90', '110.00'),
      subtotal_price_set: set('89.00', '102.00'),
      total_shipping_price_set: set('6.90', '8.00'),
      line_items: [{ name: 'Walnut bowl', quantity: 1, price: '89.00', price_set: set('89.00', '102.00') }],
    });
    await shopifyHook('orders/paid', order);
    expect((await told())[0]?.body).toMatchObject({
      order: { currency: 'USD', total: '110.00', shipping: '8.00', items: [{ unitPrice: '102.00' }] },
      payment: { amount: '110.00' },
    });
  });

  test('without what was taken out of it; a cancelled one as it was', async () => {
    const lines = [
      { name: 'Walnut bowl', quantity: 1, current_quantity: 1, price: '89.00' },
      { name: 'Linen towel', quantity: 2, current_quantity: 0, price: '14.50' },
    ];
    const order = { total_price: '124.90', subtotal_price: '118.00', line_items: lines };
    const current = { current_total_price: '95.90', current_subtotal_price: '89.00' };
    await shopifyHook('orders/paid', shopifyOrder({ ...order, ...current }));
    const none = lines.map((line) => ({ ...line, current_quantity: 0 }));
    const cancelled = {
      ...order,
      line_items: none,
      current_total_price: '0.00',
      cancelled_at: '2026-11-22T10:00:00Z',
    };
    await shopifyHook('orders/cancelled', shopifyOrder(cancelled));
    expect((await told()).map(({ body }) => body['order'])).toMatchObject([
      { total: '95.90', items: [{ name: 'Walnut bowl', quantity: 1 }] },
      { total: '124.90', items: [{ quantity: 1 }, { name: 'Linen towel', quantity: 2 }] },
    ]);
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
