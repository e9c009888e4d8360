import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { expectError } from '../support/error-shape.js';
import { Program } from '../support/program.js';
import { rowCounts } from '../support/row-counts.js';
import { Sink } from '../support/sink.js';

let sink: Sink;
let database: TestDatabase;
let program: Program;
let before: Record<string, number>;

beforeAll(async () => {
  sink = await Sink.start();
  database = await testDatabase();
  program = await Program.start({
    DATABASE_URL: database.url,
    SMTP_URL: sink.url,
    MAIL_FROM: 'Shop <news@shop.example>',
  });
  await program.call('POST', '/v1/lists', { slug: 'news', name: 'News' });
  before = await rowCounts(database.db);
}, 120_000);

afterAll(async () => {
  await program?.remove();
  await database?.drop();
  await sink?.stop();
}, 60_000);

type Json = Record<string, unknown>;

/** A request that would be accepted, for each route that takes a body. Every test below breaks one of them in one place. */
const consent = { text: 'Yes, send me news', source: 'https://shop.example/footer' };
const order = {
  id: 'o1',
  number: '1001',
  currency: 'EUR',
  items: [{ name: 'Tea', quantity: 2, unitPrice: '4.50' }],
  total: '9.00',
};
const right = {
  list: ['/v1/lists', { slug: 'spare', name: 'Spare' }],
  subscription: ['/v1/subscriptions', { email: 'ada@example.com', lists: ['news'], consent }],
  email: ['/v1/emails', { to: 'ada@example.com', subject: 'Hello', text: 'Hello' }],
  order: [
    '/v1/order-events',
    {
      id: 'evt_1',
      type: 'order.placed',
      occurredAt: '2026-11-01T10:00:00Z',
      order,
      customer: { email: 'ada@example.com' },
    },
  ],
  campaign: ['/v1/campaigns', { name: 'November', subject: 'News', lists: ['news'], content: 'Hello' }],
  suppression: ['/v1/suppressions', { address: 'eve@example.com', scope: 'all', reason: 'manual' }],
  people: ['/v1/subscribers/search', { email: 'ada@example.com' }],
  mails: ['/v1/emails/search', { limit: 5 }],
} satisfies Record<string, [path: string, body: Json]>;
type Kind = keyof typeof right;

const broken = async (kind: Kind, change: Json) => {
  const [path, body] = right[kind];
  return program.call('POST', path, { ...body, ...change });
};

const refused = (field: string, says: string | RegExp) => ({
  status: 422,
  name: 'validation_failed',
  says,
  field,
});

describe('a request with one mistake', () => {
  afterEach(async () => {
    expect(await rowCounts(database.db)).toEqual(before);
    expect(sink.mails).toEqual([]);
  });

  test.each(Object.keys(right) as Kind[])('%s: an unknown field is named', async (kind) => {
    expectError(await broken(kind, { colour: 'red' }), refused('colour', 'colour'));
  });

  test.each<[Kind, string]>([
    ['list', 'slug'],
    ['subscription', 'email'],
    ['subscription', 'consent'],
    ['email', 'to'],
    ['order', 'id'],
    ['order', 'customer'],
    ['campaign', 'subject'],
    ['suppression', 'address'],
  ])('%s: a missing %s is named', async (kind, field) => {
    expectError(await broken(kind, { [field]: undefined }), refused(field, field));
  });

  test('deeper fields are named by their path', async () => {
    const wrong = { ...consent, ip: 'localhost', colour: 'red' };
    const answer = await broken('subscription', { consent: wrong });
    expectError(answer, refused('consent.ip', 'IP address'));
    expectError(answer, refused('consent.colour', 'colour'));
    const item = { name: 'Tea', quantity: 0, unitPrice: '4.50' };
    expectError(
      await broken('order', { order: { ...order, items: [item] } }),
      refused('order.items.0.quantity', 'quantity'),
    );
  });

  test.each<[Kind, string, (address: string) => Json]>([
    ['subscription', 'email', (email) => ({ email })],
    ['email', 'to', (to) => ({ to })],
    ['email', 'to.1', (to) => ({ to: ['bea@example.com', to] })],
    ['email', 'cc', (cc) => ({ cc })],
    ['email', 'replyTo', (replyTo) => ({ replyTo })],
    ['order', 'customer.email', (email) => ({ customer: { email } })],
    ['suppression', 'address', (address) => ({ address })],
  ])('%s: a broken address in %s', async (kind, field, change) => {
    for (const address of [
      'ada',
      'ada@localhost',
      'ada@exam\r\nple.com',
      'ada@example.com/x',
      'a\ud800@b.example',
    ]) {
      expectError(await broken(kind, change(address)), refused(field, /email address|surrogate/));
    }
  });

  test('an unknown list, sender or template is named', async () => {
    expectError(await broken('subscription', { lists: ['news', 'nope'] }), refused('lists.1', '"nope"'));
    expectError(await broken('campaign', { lists: ['nope'] }), refused('lists.0', '"nope"'));
    expectError(await broken('campaign', { sender: 'nope' }), refused('sender', '"nope"'));
    expectError(await broken('email', { sender: 'nope' }), refused('sender', '"nope"'));
    const templated = { subject: undefined, text: undefined, template: 'nope' };
    expectError(await broken('email', templated), refused('template', '"nope"'));
    expectError(
      await broken('email', { ...templated, template: 'order-placed', variables: {} }),
      refused('variables.order', 'variable "order" is missing'),
    );
  });

  test.each<[Kind, Json, string, string | RegExp]>([
    ['campaign', { content: 'One\n\nHi {% if %}' }, 'content', 'line 3'],
    ['campaign', { content: 'Hi {{ recipient.nmae }}' }, 'content', 'nmae'],
    ['campaign', { subject: 'For {{ recipient.name' }, 'subject', 'not closed'],
    ['campaign', { content: undefined, mjml: '<mj-section><mj-colum' }, 'mjml', 'mj-colum'],
    [
      'email',
      { text: undefined, mjml: '<mjml><mj-body><mj-txt>Hi</mj-txt></mj-body></mjml>' },
      'mjml',
      'mj-txt',
    ],
    ['email', { text: undefined, mjml: '<mjml><mj-body>{% if x %}</mj-body></mjml>' }, 'mjml', 'not closed'],
  ])('%s: a template with a mistake says where: %j', async (kind, change, field, says) => {
    expectError(await broken(kind, change), refused(field, says));
  });

  test.each<[Kind, Json, string]>([
    ['list', { name: 'a\0b' }, 'name'],
    ['list', { description: 'a\ud800b' }, 'description'],
    ['subscription', { name: 'a\0b' }, 'name'],
    ['subscription', { attributes: { size: 'a\udc00b' } }, 'attributes.size'],
    ['subscription', { consent: { ...consent, text: 'a\0b' } }, 'consent.text'],
    ['email', { subject: 'a\0b' }, 'subject'],
    ['email', { html: '<p>a\ud800b</p>' }, 'html'],
    ['order', { id: 'a\0b' }, 'id'],
    ['order', { order: { ...order, number: 'a\ud800b' } }, 'order.number'],
    ['campaign', { content: 'a\0b' }, 'content'],
    ['campaign', { preheader: 'a\ud800b' }, 'preheader'],
  ])('%s: NUL and half a surrogate pair are refused, %j', async (kind, change, field) => {
    expectError(await broken(kind, change), refused(field, /NUL|surrogate|control/));
  });

  test('a line break in a header is refused', async () => {
    expectError(
      await broken('email', { subject: 'x\r\nBcc: eve@example.com' }),
      refused('subject', 'one line'),
    );
    expectError(await broken('campaign', { name: 'x\ny' }), refused('name', 'one line'));
  });

  test('lists of ten thousand are refused, not worked through', async () => {
    const many = <T>(one: (index: number) => T) => Array.from({ length: 10_000 }, (_, index) => one(index));
    expectError(await broken('subscription', { lists: many(() => 'news') }), refused('lists', '50'));
    expectError(await broken('email', { to: many((index) => `a${index}@example.com`) }), refused('to', '50'));
    expectError(await broken('campaign', { lists: many((index) => `l${index}`) }), refused('lists', '20'));
    const items = many(() => order.items[0]);
    expectError(await broken('order', { order: { ...order, items } }), refused('order.items', '500'));
  });

  test('a very deep body is refused, not followed', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const sent = async (path: string, body: Json) =>
      program.call('POST', path, JSON.stringify(body).replace('"deep"', deep));
    const [path, body] = right.subscription;
    expectError(
      await sent(path, { ...body, attributes: { a: 'deep' } }),
      refused('attributes.a', 'must be a text'),
    );
    const templated = { to: 'ada@example.com', template: 'order-placed', variables: { order: 'deep' } };
    expectError(await sent('/v1/emails', templated), refused('variables.order.0', 'nested deeper'));
  });

  test('prototype keys change nothing', async () => {
    const [path, body] = right.subscription;
    for (const key of ['__proto__', 'constructor']) {
      const text = JSON.stringify({ ...body, attributes: { x: { prototype: { admin: true } } } });
      const answer = await program.call('POST', path, text.replace('"x"', `"${key}"`));
      expect(answer.body).toMatchObject({
        statusCode: expect.any(Number),
        name: expect.stringMatching(/bad_request|validation/),
      });
    }
    expect(({} as Json)['admin']).toBeUndefined();
    expect((await program.call('GET', '/v1/lists/constructor')).status).toBe(404);
    expect((await program.call('GET', '/v1/lists?__proto__[limit]=1')).status).toBe(422);
  });

  test('a PATCH is checked as a whole before it changes anything', async () => {
    const answer = await program.call('PATCH', '/v1/lists/news', { name: 'Renamed', sender: 'nope' });
    expectError(answer, refused('sender', '"nope"'));
    expectError(await program.call('PATCH', '/v1/lists/news', { slug: 'x' }), refused('slug', 'slug'));
    expect((await program.call('GET', '/v1/lists/news')).body.name).toBe('News');
  });
});

test('the same requests without the mistake are accepted', async () => {
  for (const [path, body] of Object.values(right)) {
    const { status } = await program.call('POST', path, body);
    expect([path, Math.floor(status / 100)]).toEqual([path, 2]);
  }
  // The confirmation, the mail and the order mail.
  await sink.until(() => sink.mails.length === 3);
});
