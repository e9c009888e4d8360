import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exampleOf } from '../../src/modules/orders/order-examples.js';
import { DeliverabilityCounter } from '../../src/modules/reports/deliverability-counter.js';
import { DeliverabilityCountingRepository } from '../../src/modules/reports/deliverability-counting.repository.js';
import { Metrics } from '../../src/platform/metrics/index.js';
import { eventually } from '../support/engine.js';
import { Install } from '../support/install.js';
import { Receiver, type ReceivedWebhook } from '../support/webhooks.js';

const DOMAIN = 'sandbox.postrider.test';

let install: Install;
let receiver: Receiver;
let secret: string;

beforeAll(async () => {
  install = await Install.start();
  receiver = await Receiver.start();
  const endpoint = await install.done('POST', '/v1/webhook-endpoints', { url: receiver.url, events: ['*'] });
  ({ secret } = endpoint);
}, 60_000);
afterAll(async () => {
  await install?.stop();
  await receiver?.stop();
}, 30_000);

const mailTo = (to: unknown) => ({ to, subject: 'Hello', text: 'Hello' });
const send = async (to: unknown): Promise<string> =>
  (await install.done('POST', '/v1/emails', mailTo(to))).id as string;
const view = (id: string) => install.done('GET', `/v1/emails/${id}`);

/** The webhooks about a mail. They may overtake each other on their way; the history says in which order things happened. */
const toldOf = (id: string): ReceivedWebhook[] =>
  receiver.received.filter(({ body }) => body.data.emailId === id);
const chainOf = async (id: string, length: number): Promise<ReceivedWebhook[]> =>
  eventually(async () => toldOf(id).length >= length && toldOf(id), 45_000);
const typesOf = (webhooks: readonly ReceivedWebhook[]): Set<string> =>
  new Set(webhooks.map(({ body }) => body.type as string));

describe('four mails to test addresses', () => {
  const chains = {
    delivered: ['email.sent', 'email.delivered'],
    bounced: ['email.sent', 'email.bounced'],
    complained: ['email.sent', 'email.complained'],
    deferred: ['email.deferred', 'email.sent'],
  };
  const ids: Record<string, string> = {};

  test('are four chains of events at a webhook receiver', async () => {
    for (const fate of Object.keys(chains)) ids[fate] = await send(`${fate}+run.1@${DOMAIN}`);
    for (const [fate, chain] of Object.entries(chains)) {
      const told = await chainOf(ids[fate]!, chain.length);
      expect({ fate, types: typesOf(told) }).toEqual({ fate, types: new Set(chain) });
      for (const webhook of told) {
        receiver.verify(webhook, secret);
        expect(webhook.body.data).toMatchObject({ to: `${fate}+run.1@${DOMAIN}`, stream: 'service' });
      }
    }
    const about = (fate: string, type: string) =>
      toldOf(ids[fate]!).find(({ body }) => body.type === type)?.body.data;
    expect(about('bounced', 'email.bounced')).toMatchObject({
      reason: 'user_unknown',
      hard: true,
      status: '5.1.1',
    });
    expect(about('deferred', 'email.deferred')).toMatchObject({ reason: 'greylisted', replyCode: 451 });
  }, 90_000);

  test('show in the message log: state, tries, replies, history', async () => {
    const taken = { relay: '(sandbox)', state: 'sent', replyCode: 250 };
    const expected = {
      delivered: { outcome: 'delivered', tries: 1, attempts: [taken] },
      bounced: { outcome: 'bounced', reason: 'user_unknown', tries: 1, attempts: [taken] },
      complained: { outcome: 'complained', tries: 1, attempts: [taken] },
      deferred: {
        outcome: null,
        tries: 2,
        attempts: [{ relay: '(sandbox)', state: 'deferred', replyCode: 451 }, taken],
      },
    };
    for (const [fate, delivery] of Object.entries(expected)) {
      const mail = await view(ids[fate]!);
      expect(mail).toMatchObject({ status: 'sent', deliveries: [{ state: 'sent', ...delivery }] });
      expect(mail.history.map((event: { type: string }) => event.type)).toEqual([
        'email.accepted',
        ...chains[fate as keyof typeof chains],
      ]);
    }
    expect((await view(ids.bounced!)).deliveries[0].reply).toMatch(/^550 5\.1\.1 /);
    expect((await view(ids.deferred!)).deliveries[0].attempts[0].reply).toMatch(/^451 4\.7\.1 /);
  });

  test('suppress nobody: the same again is the same', async () => {
    for (const fate of ['bounced', 'complained']) {
      const id = await send(`${fate}+run.1@${DOMAIN}`);
      expect(typesOf(await chainOf(id, 2))).toEqual(new Set(['email.sent', `email.${fate}`]));
    }
    expect((await install.done('POST', '/v1/suppressions/search', {})).data).toEqual([]);
  }, 60_000);
});

test('an order mail to a test address is in the timeline of its order', async () => {
  const event = exampleOf('order.placed');
  const order = event['order'] as { id: string };
  const customer = { email: `Bounced@${DOMAIN.toUpperCase()}`, name: 'Ada' };
  const { emailId } = await install.done('POST', '/v1/order-events', { ...event, customer });
  // The order's own event is one of them.
  expect(typesOf(await chainOf(emailId, 3))).toContain('email.bounced');
  expect(await install.done('GET', `/v1/orders/${encodeURIComponent(order.id)}`)).toMatchObject({
    events: [{ email: { id: emailId, state: 'sent', outcome: 'bounced' } }],
  });
}, 60_000);

test('an unknown test address is refused with the four that there are; nothing is stored', async () => {
  const known = `there are delivered@, bounced@, complained@, deferred@`;
  const unknown = `someone@${DOMAIN}`;
  const wrong = await install.call(
    'POST',
    '/v1/emails',
    mailTo(['delivered@sandbox.postrider.test', unknown]),
  );
  expect(wrong).toMatchObject({
    status: 422,
    body: { name: 'validation_failed', details: [{ field: 'to', message: expect.stringContaining(known) }] },
  });
  expect(wrong.body.message).toContain(`${unknown} is no test address`);
  const event = { ...exampleOf('order.cancelled'), customer: { email: unknown } };
  const batch = await install.done('POST', '/v1/order-events/batch', { events: [event] });
  expect(batch.data).toMatchObject([{ statusCode: 422, error: { details: [{ field: 'customer.email' }] } }]);
  expect((await install.done('POST', '/v1/subscribers/search', { email: unknown })).data).toEqual([]);
});

test('news to test addresses: they may subscribe, an unknown one fails, and nobody is suppressed', async () => {
  await install.done('POST', '/v1/lists', { slug: 'news', name: 'News', optIn: 'single' });
  const consent = { text: 'Yes', source: 'https://shop.example/' };
  for (const name of ['complained', 'someone'])
    await install.done('POST', '/v1/subscriptions', { email: `${name}@${DOMAIN}`, lists: ['news'], consent });
  const campaign = { name: 'C', subject: 'S', lists: ['news'], content: 'Hello' };
  const { id } = await install.done('POST', '/v1/campaigns', campaign);
  await install.done('POST', `/v1/campaigns/${id}/send`);
  const { counts } = await eventually(async () => {
    const view = await install.done('GET', `/v1/campaigns/${id}`);
    return view.state === 'finished' && view;
  });
  expect(counts).toMatchObject({ recipients: 2, sent: 1, failed: 1 });
  const { data } = await install.done('GET', `/v1/campaigns/${id}/deliveries`);
  expect(data).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ state: 'sent', outcome: 'complained' }),
      expect.objectContaining({ state: 'failed', reply: expect.stringMatching(/^550 5\.1\.1 /) }),
    ]),
  );
  expect((await install.done('POST', '/v1/suppressions/search', {})).data).toEqual([]);
}, 60_000);

test('a mail to a real and a test address is both; only the real one leaves, and only that is counted', async () => {
  const id = await send(['ada@example.com', `delivered@${DOMAIN}`]);
  await install.sink.mail(({ to }) => to === 'ada@example.com');
  await chainOf(id, 3);
  const relays = (await view(id)).deliveries.map(({ attempts }: { attempts: { relay: string }[] }) =>
    attempts.map(({ relay }) => relay),
  );
  expect(relays).toEqual([['default'], ['(sandbox)']]);
  expect(install.sink.mails.map(({ to }) => to)).toEqual(['ada@example.com']);

  const counter = new DeliverabilityCounter(
    install.db,
    new DeliverabilityCountingRepository(),
    install.get(Metrics),
  );
  const days = await eventually(async () => {
    await counter.countAll();
    const rows = await install.db.selectFrom('deliverability_days').selectAll().execute();
    return rows.some(({ recipient_domain }) => recipient_domain === 'example.com') && rows;
  });
  expect(days.map(({ recipient_domain }) => recipient_domain)).toEqual(['example.com']);
}, 60_000);
