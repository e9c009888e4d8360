import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Retention } from '../../src/modules/privacy/index.js';
import { Suppressions } from '../../src/modules/suppression/index.js';
import { KeyRing } from '../../src/platform/crypto/index.js';
import { keyPurposes } from '../../src/platform/crypto/index.js';
import { PersonalDataRegistry } from '../../src/platform/personal-data/index.js';
import { eventually } from '../support/engine.js';
import { Install } from '../support/install.js';
import { everyRow, tableNames } from '../support/table-text.js';

/** Tables in which nothing is about a person. Whoever adds a table names it here or in a holder of personal data. */
const nothingPersonal = [
  'api_keys',
  'audience_releases',
  'audit_log',
  'batches',
  'brands',
  'campaign_counts',
  'campaign_lists',
  'campaigns',
  'compiled_templates',
  'connection_leases',
  'consent_seals',
  'dkim_keys',
  'domain_caps',
  'keys',
  'kysely_migration',
  'kysely_migration_lock',
  'lists',
  'policy_announcements',
  'privacy_policies',
  'process_metrics',
  'quota_windows',
  'rate_limits', // addresses of machines, gone after two hours, tied to nobody
  'relay_circuits',
  'relays',
  'retention_runs',
  'senders',
  'slow_downs',
  'template_revisions',
  'templates',
];

let install: Install;
beforeAll(async () => {
  install = await Install.start();
});
afterAll(() => install.stop());

test('every table is in the hands of one holder, or holds nothing about people', async () => {
  const held = install
    .get(PersonalDataRegistry)
    .holders()
    .flatMap(({ tables }) => tables);
  const known = [...held, ...nothingPersonal];
  expect(known.filter((table, at) => known.indexOf(table) !== at)).toEqual([]);
  expect([...known].toSorted()).toEqual(await tableNames(install.db));
});

const address = 'Zenobia.Quarles@example.com';
const name = 'Zenobia Quarles';
const secrets = ['zenobia', 'quarles', 'Verdigris Samovar', 'Quince Alley', 'SAMOVAR-4711'];

const order = {
  id: 'evt-samovar',
  type: 'order.placed',
  occurredAt: '2026-11-22T09:41:00Z',
  order: {
    id: 'internal-1',
    number: 'SAMOVAR-4711',
    currency: 'EUR',
    items: [{ name: 'Verdigris Samovar', quantity: 1, price: '89.00' }],
    total: '89.00',
    shippingAddress: { name, line1: '7 Quince Alley', city: 'Trieste', country: 'IT' },
  },
  customer: { email: address, name },
};

/** Each text that a table holds in clear, and what its sealed bytes say, for as long as a key opens them. */
async function readable(): Promise<{ table: string; text: string }[]> {
  const keys = install.app.get(KeyRing);
  return (await everyRow(install.db)).flatMap(({ table, text, row }) => {
    const sealed = Object.values(row).filter(
      (value): value is string => typeof value === 'string' && value.startsWith('\\x'),
    );
    const opened = sealed.flatMap((value) => {
      const bytes = Buffer.from(value.slice(2), 'hex');
      return [
        bytes.toString('utf8'),
        ...keyPurposes.map((purpose) => keys.unseal(purpose, bytes)?.toString() ?? ''),
      ];
    });
    return [text, ...opened].map((one) => ({ table, text: one }));
  });
}

async function whereFound(words: readonly string[]): Promise<string[]> {
  const found = (await readable()).flatMap(({ table, text }) =>
    words
      .filter((word) => text.toLowerCase().includes(word.toLowerCase()))
      .map((word) => `${table}: ${word}`),
  );
  return [...new Set(found)].toSorted();
}

test('an erasure leaves nothing that names the person, in no table, in clear or sealed', async () => {
  await install.done('POST', '/v1/lists', { slug: 'letters', name: 'Letters' });
  const id = await install.subscribed(address, ['letters'], { name, attributes: { nick: 'Zenobia' } });
  await install.done('POST', '/v1/order-events', order, { 'Idempotency-Key': `order of ${address}` });
  await install.done('POST', '/v1/emails', {
    to: [{ email: address, name }, 'other@example.com'],
    subject: `About your ${order.order.items[0]!.name}`,
    text: `Dear ${name}`,
    html: `<p>Dear ${name}</p>`,
    attachments: [{ filename: `${name}.txt`, content: Buffer.from(`For ${name}`).toString('base64') }],
  });
  await install.done('POST', '/v1/emails', {
    to: address,
    subject: `Later, ${name}`,
    text: 'x',
    html: '<p>x</p>',
    scheduledAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const { id: campaign } = await install.done('POST', '/v1/campaigns', {
    name: 'November',
    subject: 'Hello {{ recipient.name }}',
    lists: ['letters'],
    content: 'Dear {{ recipient.name }}',
  });
  await install.done('POST', `/v1/campaigns/${campaign}/send`);
  await install.db.work((work) =>
    install.get(Suppressions).add(work, {
      address: address.toLowerCase(),
      scope: 'all',
      reason: 'hard_bounce',
      evidence: `550 5.1.1 <${address}> unknown`,
    }),
  );
  const manual = { address, scope: 'news', reason: 'manual' };
  await install.done('POST', '/v1/suppressions', manual, { 'Idempotency-Key': 's-1' });
  const counts = async () => (await install.done('GET', `/v1/campaigns/${campaign}`)).counts;
  await eventually(async () => (await counts()).sent === 1 || (await counts()).skipped === 1);
  await install.sink.until(() => install.sink.to(address).length >= 3);
  const before = await counts();
  // The dump finds what is there to be found: the tables that hold something now.
  expect(new Set((await whereFound(secrets)).map((hit) => hit.split(':')[0]))).toEqual(
    new Set([
      'blobs',
      'deliveries',
      'idempotency_keys',
      'messages',
      'order_events',
      'orders',
      'people',
      'suppressions',
    ]),
  );

  const { data } = await install.done('GET', `/v1/subscribers/${id}/export`);
  expect(data).toMatchObject({
    person: { address, name },
    subscriptions: [{ list: 'letters', status: 'confirmed' }],
    orders: [{ number: 'SAMOVAR-4711' }],
    orderEvents: [{ type: 'order.placed', body: order }],
    suppressions: [{ reason: 'hard_bounce' }, { reason: 'manual' }],
  });
  expect(data.mails).toHaveLength(6);
  expect(JSON.stringify(data)).not.toContain('other@example.com');

  await install.done('DELETE', `/v1/subscribers/${id}`);
  expect(await whereFound(secrets)).toEqual([]);
  expect(await counts()).toEqual(before);
  const waiting = await install.db
    .selectFrom('deliveries')
    .select('reason')
    .where('state', '=', 'skipped')
    .execute();
  expect(waiting.map(({ reason }) => reason)).toContain('erased');
  expect((await install.call('GET', `/v1/subscribers/${id}/export`)).status).toBe(404);
});

test('who was erased and comes back meets the hard bounce again, and an event of the old order sends nothing twice', async () => {
  await install.done('POST', '/v1/order-events', order);
  const mails = install.sink.to(address).length;
  const answer = await install.done('POST', '/v1/order-events', {
    ...order,
    id: 'evt-2',
    order: { ...order.order, id: 'internal-2', number: '4712' },
  });
  const skipped = await eventually(async () => {
    const { status } = await install.done('GET', `/v1/emails/${answer.emailId}`);
    return status !== 'queued' && status !== 'sending' && status;
  });
  expect(skipped).toBe('skipped');
  expect(install.sink.to(address)).toHaveLength(mails);
  const { data } = await install.done('POST', '/v1/suppressions/search', { address });
  expect(data).toMatchObject([
    { address: address.toLowerCase(), reason: 'manual' },
    { address: address.toLowerCase(), reason: 'hard_bounce', evidence: null },
  ]);
});

test('who was erased and buys again gets the receipt', async () => {
  const email = 'comes.back@example.com';
  const placed = { ...order, customer: { email, name: 'Back' } };
  await install.done('POST', '/v1/order-events', {
    ...placed,
    id: 'back-1',
    order: { ...order.order, id: 'back-1' },
  });
  await install.sink.until(() => install.sink.to(email).length === 1);
  const { data } = await install.done('POST', '/v1/subscribers/search', { email });
  await install.done('DELETE', `/v1/subscribers/${data[0].id}`);
  await install.done('POST', '/v1/order-events', {
    ...placed,
    id: 'back-2',
    order: { ...order.order, id: 'back-2' },
  });
  await install.sink.until(() => install.sink.to(email).length === 2);
});

test('a mail to several people reaches the others, without the erased one in it, and then its content goes', async () => {
  const { id: email } = await install.done('POST', '/v1/emails', {
    to: [{ email: 'leaves@example.com', name: 'Leaves Early' }, 'stays@example.com'],
    subject: 'Lunch',
    text: 'At noon',
    html: '<p>At noon</p>',
    scheduledAt: new Date(Date.now() + 4_000).toISOString(),
  });
  const { data } = await install.done('POST', '/v1/subscribers/search', { email: 'leaves@example.com' });
  await install.done('DELETE', `/v1/subscribers/${data[0].id}`);
  const arrived = await install.sink.mail(({ to }) => to === 'stays@example.com');
  expect([arrived.subject, arrived.to?.map(({ address: one }) => one)]).toEqual([
    'Lunch',
    ['stays@example.com'],
  ]);
  expect(arrived.raw).not.toMatch(/leaves/i);
  expect(install.sink.to('leaves@example.com')).toEqual([]);
  const view = await eventually(async () => {
    const found = await install.done('GET', `/v1/emails/${email}`);
    return found.deliveries.some(({ state }: { state: string }) => state === 'sent') && found;
  });
  expect(view).toMatchObject({ subject: null, to: ['[erased]', 'stays@example.com'] });
  await install.get(Retention).run();
  const { rows } = await install.db.pool.query('SELECT content FROM messages WHERE id = $1', [email]);
  expect(rows).toEqual([{ content: null }]);
});
