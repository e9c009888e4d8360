import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/ports.js';
import { childrenOf } from '../support/processes.js';
import { Program, type Answer } from '../support/program.js';

let database: TestDatabase;
let program: Program;
let campaignId: string;
let subscriberId: string;

beforeAll(async () => {
  database = await testDatabase();
  program = await Program.start({
    DATABASE_URL: database.url,
    SMTP_URL: `smtp://127.0.0.1:${await freePort()}`,
  });
  await program.call('POST', '/v1/lists', { slug: 'news', name: 'News', optIn: 'single' });
  const campaign = { name: 'x', subject: 'x', lists: ['news'], content: 'x' };
  campaignId = (await program.call('POST', '/v1/campaigns', campaign)).body.id;
  const subscription = { email: 'z@example.com', lists: ['news'], consent: { text: 'Yes', source: 'x' } };
  subscriberId = (await program.call('POST', '/v1/subscriptions', subscription)).body.subscriberId;
}, 120_000);

afterAll(async () => {
  await program?.remove();
  await database?.drop();
}, 60_000);

const texts = [
  ['', ' ', '\0', '\r\n', '%00', '\ud800', '\u202e', 'x'.repeat(20_000), '__proto__', "';--", '-0', '1e5000'],
  ['{{ x }}', '{% if %}', '2026-13-45', '0000-01-01T00:00:00Z'],
].flat();
const objects: unknown[] = [
  [],
  {},
  [[]],
  [null],
  { toString: 1 },
  { length: 1e9 },
  Array.from({ length: 600 }, () => 'x'),
];
const nasty: unknown[] = [null, true, -1, 1.5, 1e308, ...objects, ...texts];

const time = '2026-11-01T10:00:00Z';
const item = { name: 'T', quantity: 2, unitPrice: '4.50', total: '9.00' };
const order = { id: 'o1', number: '1', currency: 'EUR', items: [item], shipping: '1.00', total: '10.00' };
const consent = { text: 'Yes', source: 'x', ip: '192.0.2.1', userAgent: 'x' };
const person = { email: 'a@example.com', name: 'A', locale: 'en' };
const letter = { name: 'N', subject: 'S', preheader: 'p', lists: ['news'], sender: 'default', content: 'x' };
const address = 'a@example.com';
const bodies = (): [method: string, path: string, body: object][] => [
  ['POST', '/v1/lists', { slug: 'l', name: 'N', description: 'd', optIn: 'double', sender: 'default' }],
  ['PATCH', '/v1/lists/news', { name: 'N', description: 'd', visibility: 'public', sender: 'default' }],
  ['POST', '/v1/subscriptions', { ...person, lists: ['news'], attributes: { a: 'x', b: ['y'] }, consent }],
  [
    'POST',
    '/v1/emails',
    {
      to: [{ email: address, name: 'A' }],
      cc: 'b@example.com',
      replyTo: address,
      subject: 's',
      html: 'x',
      tags: ['a'],
      scheduledAt: time,
    },
  ],
  [
    'POST',
    '/v1/emails',
    { to: address, template: 'order-placed', variables: { order: { number: '1', items: [] } } },
  ],
  ['POST', '/v1/emails/search', { state: 'sent', tag: 'a', address, from: time, to: time, limit: 5 }],
  ['POST', '/v1/order-events', { id: 'e1', type: 'order.placed', occurredAt: time, order, customer: person }],
  ['POST', '/v1/campaigns', letter],
  ['PATCH', `/v1/campaigns/${campaignId}`, letter],
  ['POST', `/v1/campaigns/${campaignId}/schedule`, { at: time }],
  ['POST', `/v1/campaigns/${campaignId}/test`, { to: [address] }],
  ['POST', '/v1/suppressions', { address: 's@example.com', scope: 'list', list: 'news', reason: 'manual' }],
  ['POST', '/v1/subscribers/search', { email: address }],
  ['PATCH', `/v1/subscribers/${subscriberId}`, { name: 'N', locale: 'en', attributes: { a: 1 } }],
];

type Path = readonly (string | number)[];

function pathsIn(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [
    [],
    ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner).map((path) => [key, ...path])),
  ];
}

function withValue(value: unknown, [key, ...rest]: Path, nastyValue: unknown): unknown {
  if (key === undefined) return nastyValue;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = withValue(copy[key], rest, nastyValue);
  return copy;
}

const isSane = ({ status, body }: Answer) =>
  status < 300 ||
  (status < 500 &&
    body.statusCode === status &&
    /^[a-z_]+$/.test(body.name) &&
    Array.isArray(body.details) &&
    body.message.length < 5_000);

/** What is not answered as it should be. */
async function wrongAnswers(requests: (() => Promise<[what: string, answer: Answer]>)[]): Promise<string[]> {
  const waiting = [...requests];
  const wrong: string[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [what, answer] = await next();
      if (!isSane(answer))
        wrong.push(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`.slice(0, 400));
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return wrong;
}

test('whatever stands in whatever field, the answer is yes or says what is wrong', async () => {
  const api = childrenOf(program.pid, 'api');
  const requests = bodies().flatMap(([method, path, body]) =>
    pathsIn(body).flatMap((field) =>
      nasty.map((value) => async (): Promise<[string, Answer]> => {
        const text = JSON.stringify(withValue(body, field, value));
        const what = `${method} ${path} ${field.join('.')} = ${JSON.stringify(value).slice(0, 40)}`;
        return [what, await program.call(method, path, text)];
      }),
    ),
  );
  expect(requests.length).toBeGreaterThan(2_000);
  expect(await wrongAnswers(requests)).toEqual([]);
  expect(childrenOf(program.pid, 'api')).toEqual(api);
  expect(program.output).not.toContain('"level":"error"');
}, 120_000);

test('the same in a path and in a query', async () => {
  const paths = texts
    .filter((text) => text.isWellFormed())
    .flatMap((value) => {
      const text = encodeURIComponent(value.slice(0, 4_000));
      return [
        ...['lists', 'campaigns', 'emails', 'subscribers'].map((kind) => `/v1/${kind}/${text}`),
        ...['limit', 'after', 'state'].map(
          (name) => `/v1/campaigns/${campaignId}/deliveries?${name}=${text}`,
        ),
        ...['limit', 'after'].flatMap((name) => [
          `/v1/lists?${name}=${text}`,
          `/v1/campaigns?${name}=${text}`,
        ]),
      ];
    });
  const requests = paths.map((path) => async (): Promise<[string, Answer]> => [
    path,
    await program.call('GET', path),
  ]);
  expect(await wrongAnswers(requests)).toEqual([]);
  expect(program.output).not.toContain('"level":"error"');
}, 120_000);
