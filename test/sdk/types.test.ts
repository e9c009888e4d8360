import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

/** A store's code against the SDK's types, as the store's own compiler sees it. */

const SDK = resolve(import.meta.dirname, '../../sdk');
const FILE = join(SDK, 'src/store.ts');
const { options: own } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(SDK, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
  ts.sys,
  SDK,
);

const order = `{ number: '10482', currency: 'EUR', total: '29.00', placedAt: '2026-11-22T10:15:00Z',
  items: [{ name: 'Linen notebook', quantity: 2 }] }`;
const event = `{ id: 'evt_1', occurredAt: '2026-11-22T10:15:00Z', customer: { email: 'ada@example.com' },
  order: { id: '1', number: '1', currency: 'EUR', total: '29.00', items: [{ name: 'Linen notebook', quantity: 2 }] } }`;

// A store on Node has Node's types besides; an example need not use everything that it shows.
const options = { ...own, types: ['node'], noEmit: true, declaration: false, noUnusedLocals: false };
const real = ts.createCompilerHost(options);
/** Read once for all: the types of Node and of the browser are most of the work. */
const files = new Map<string, ts.SourceFile | undefined>();
let before: ts.Program | undefined;

const PRELUDE = `import { Postrider } from './index.js';
  const postrider = new Postrider({ apiKey: 'pr_', baseUrl: 'http://127.0.0.1:3000' });
  declare const name: string;`;

/** What the compiler says about one statement of a store. */
const complaints = (statement: string): string => compile(`${PRELUDE} export const answer = ${statement};`);

/** @returns what the compiler says about a file of a store */
function compile(code: string): string {
  const store = ts.createSourceFile(FILE, code, ts.ScriptTarget.ES2022);
  const host: ts.CompilerHost = {
    ...real,
    fileExists: (path) => path === FILE || real.fileExists(path),
    getSourceFile: (path, ...rest) => {
      if (path === FILE) return store;
      if (!files.has(path)) files.set(path, real.getSourceFile(path, ...rest));
      return files.get(path);
    },
  };
  before = ts.createProgram([FILE], options, host, before);
  return [...before.getSyntacticDiagnostics(store), ...before.getSemanticDiagnostics(store)]
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
    .join('\n');
}

const send = (content: string) => `postrider.emails.send({ to: 'ada@example.com', ${content} })`;

test.each([
  send(`template: 'order-placed', variables: { order: ${order} }`),
  send(
    `template: 'order-placed', variables: { order: { ...${order}, fees: '1.00' }, customer: { name: 'Ada' } }`,
  ),
  send(`template: 'our-own', variables: { anything: 1 }`),
  send(`template: 'our-own'`),
  send(`template: name, variables: { anything: 1 }`),
  send(`subject: 'Hello', text: 'Hello', tags: ['hello']`),
  `postrider.emails.batch([{ to: 'ada@example.com', template: 'order-placed', variables: { order: ${order} } },
    { to: 'ada@example.com', subject: 'Hello', text: 'Hello' }, { to: 'ada@example.com', template: 'our-own' }])`,
  `postrider.orders.placed(${event})`,
  `postrider.orders.event({ ...${event}, type: 'order.paid', payment: { method: 'Visa' } })`,
  `postrider.orders.events([{ ...${event}, type: 'order.shipped' }])`,
])('compiles: %s', (statement) => {
  expect(complaints(statement)).toBe('');
});

test.each([
  [send(`template: 'order-placed', variables: {}`), "Property 'order' is missing in type '{}'"],
  [send(`template: 'order-placed'`), "Property 'variables' is missing"],
  [
    send(
      `template: 'order-placed', variables: { order: { number: '10482', currency: 'EUR', total: '29.00', items: [] } }`,
    ),
    "Property 'placedAt' is missing",
  ],
  [
    send(`template: 'order-shipped', variables: { order: { number: '10482', items: [{ quantity: 1 }] } }`),
    "Property 'name' is missing",
  ],
  [send(`template: 'order-paid', variables: { order: ${order} }`), "Property 'payment' is missing"],
  [
    send(`template: 'order-placed', variables: { order: ${order}, custommer: {} }`),
    "'custommer' does not exist",
  ],
  [send(`template: 'our-own', subject: 'Hello'`), "Type 'string' is not assignable to type 'undefined'"],
  [
    `postrider.emails.batch([{ to: 'ada@example.com', subject: 'Hello', text: 'Hello' },
      { to: 'ada@example.com', template: 'order-placed', variables: {} }])`,
    "Property 'order' is missing in type '{}'",
  ],
  [`postrider.orders.fulfilled(${event})`, "Property 'fulfilment' is missing"],
  [
    `postrider.orders.placed({ ...${event}, id: undefined })`,
    "'undefined' is not assignable to type 'string'",
  ],
])('does not compile: %s', (statement, complaint) => {
  expect(complaints(statement)).toContain(complaint);
});

const VERIFIED = `import { verifyWebhook } from './index.js';
  const event = await verifyWebhook('', new Headers(), 'whsec_');`;

test('of a webhook the type tells the data', () => {
  expect(
    compile(`${VERIFIED}
      if (event.type === 'email.bounced') { const to: string | null = event.data.to; }
      switch (event.type) {
        case 'order.received': { const order: string | null = event.data.orderId; break; }
        case 'subscriber.unsubscribed': { const list: string | null = event.data.list; break; }
        default: console.log(event.type, event.timestamp, event.data);
      }
      export {};`),
  ).toBe('');
  expect(compile(`${VERIFIED} if (event.type === 'email.bounced') event.data.orderId;`)).toContain(
    "Property 'orderId' does not exist",
  );
  expect(compile(`${VERIFIED} event.type === 'email.bonced';`)).toContain('no overlap');
});

test('every type of webhook that can be asked for has its data, and the examples of docs/webhooks.md are such', () => {
  const page = readFileSync(join(SDK, '../docs/webhooks.md'), 'utf8');
  const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => json);
  expect(examples.length).toBeGreaterThan(20);
  expect(
    compile(`import type { NewWebhookEndpoint, WebhookEvent, WebhookEventType } from './index.js';
      type Asked = Exclude<NewWebhookEndpoint['events'][number], '*'> | 'test.ping';
      export const same: [Asked, WebhookEventType] extends [WebhookEventType, Asked] ? true : false = true;
      export const examples: WebhookEvent[] = [${examples.join(',')}];`),
  ).toBe('');
});

test('the examples of docs/sdk.md compile', () => {
  const page = readFileSync(join(SDK, '../docs/sdk.md'), 'utf8');
  const blocks = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(blocks.length).toBeGreaterThan(3);
  expect(compile(blocks.join('\n').replaceAll('@postrider/sdk', './index.js'))).toBe('');
});
