import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../support/ports.js';
import { Program } from '../support/program.js';

/** The example store against the real program, used as a person uses it: by its pages. */

const ROOT = resolve(import.meta.dirname, '../..');
let program: Program;
let store: ChildProcess;
let url: string;

beforeAll(async () => {
  // As on a first start: no key of anybody's own.
  program = await Program.start({ BOOTSTRAP_API_KEY: undefined });
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  store = spawn(process.execPath, ['--import', './test/support/typescript.ts', 'examples/store/start.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: program.dataDir,
      POSTRIDER_URL: program.url,
      STORE_PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await said('The store is open.');
});
afterAll(async () => {
  store.kill();
  await program.remove();
});

async function said(words: string): Promise<void> {
  const heard: string[] = [];
  for await (const line of createInterface({ input: store.stdout! })) {
    heard.push(line);
    if (line.includes(words)) return;
  }
  throw new Error(`The store ended with: ${heard.join('\n')}`);
}

/** A visitor with one cookie. */
let cookie = '';
async function visit(path: string, form?: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}${path}`, {
    headers: { cookie, ...headers },
    redirect: 'manual',
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  });
  cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
  const location = response.headers.get('location') ?? '';
  return { status: response.status, location, text: await response.text() };
}

/** A page that shows it within 20 s. */
async function eventually(read: () => Promise<string>, ...wanted: string[]): Promise<string> {
  const end = Date.now() + 20_000;
  for (;;) {
    const text = await read();
    const missing = wanted.filter((one) => !text.includes(one));
    if (missing.length === 0) return text;
    if (Date.now() > end) throw new Error(`Not there after 20 s: ${missing.join(', ')}\n${text}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const inbox = async () => (await fetch(`${program.url}/inbox`)).text();
const admin = async () => (await visit('/admin')).text;

test('somebody buys; the confirmation is in the inbox, and the webhook at the store', async () => {
  await visit('/basket', { product: 'bowl', act: 'add' });
  await visit('/basket', { product: 'towel', act: 'add' });
  await visit('/basket', { product: 'towel', act: 'add' });
  await visit('/basket', { product: 'bowl', act: 'remove' });
  await visit('/basket', { product: 'bowl', act: 'add' });
  expect((await visit('/')).text).toMatch(/2 × Linen tea towel[^]*€ 122\.90/);

  const placed = await visit('/checkout', { name: 'Ada <b>', email: 'ada@example.com' });
  expect(placed).toMatchObject({ status: 303, location: expect.stringMatching(/^\/orders\//) });
  const thanks = (await visit(placed.location)).text;
  const number = /Order (\d+)/.exec(thanks)?.[1] ?? 'no number';
  await eventually(inbox, number, 'ada@example.com');
  const page = await eventually(
    admin,
    '<b>email.sent</b>',
    '<b>order.received</b>',
    '<b>order.placed</b>',
    '>sent<',
  );
  expect(page).toContain('Ada &#60;b&#62;');
  expect((await visit('/')).text).toContain('Nothing in it yet');

  const [, order = ''] = /\/orders\/(.*)/.exec(placed.location) ?? [];
  for (const step of ['paid', 'shipped', 'refunded']) {
    const click = () => visit(`/admin/orders/${order}/${step}`, {});
    // A double click is one event.
    for (const { status } of [await click(), await click()]) expect(status).toBe(303);
  }
  const after = await eventually(admin, 'order.paid', 'order.shipped', 'order.refunded');
  expect(after.match(/<button disabled>/g)).toHaveLength(3);
});

test('the commands of docs/store.md, as they are printed: one mail for each event, and what became of them', async () => {
  const page = await readFile(resolve(ROOT, 'docs/store.md'), 'utf8');
  const [start, ...commands] = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, code = '']) => code);
  expect(start).toBe('npm start\n');
  const folder = await mkdtemp(join(tmpdir(), 'postrider-store-'));
  await symlink(program.dataDir, join(folder, 'data'));
  const [place, ship] = commands.map((code) => code.replaceAll('http://127.0.0.1:3000', program.url));
  const run = promisify(execFile);
  const { stdout } = await run('sh', ['-ec', `${place}\n${place}\n${ship}`], { cwd: folder });
  await rm(folder, { recursive: true });
  expect(stdout.match(/"status":"queued"/g)!.length).toBeGreaterThanOrEqual(3);
  expect(stdout.match(/"subject":"[^"]*10482[^"]*"/g)).toHaveLength(2);
  await eventually(inbox, 'Your order 10482 is on its way', 'anna@example.com');
});

test('the newsletter box asks for a confirmation', async () => {
  const { text } = await visit('/newsletter', { email: 'grace@example.com' });
  expect(text).toContain('One more click');
  await eventually(inbox, 'grace@example.com');
  await eventually(admin, 'subscriber.asked');
});

test('what Postrider refuses is said to the customer, and the basket stays', async () => {
  await visit('/basket', { product: 'candles', act: 'add' });
  const { status, text } = await visit('/checkout', { name: 'Ada', email: 'nobody' });
  expect(status).toBe(422);
  expect(text).toContain('customer.email');
  expect((await visit('/')).text).toContain('Beeswax candles, four');
});

test('forged webhooks and forms of other pages are refused', async () => {
  const forged = await fetch(`${url}/hooks/postrider`, { method: 'POST', body: '{"type":"email.sent"}' });
  expect(forged.status).toBe(401);
  const foreign = await visit('/checkout', { email: 'ada@example.com' }, { origin: 'https://evil.example' });
  expect(foreign.status).toBe(403);
});

test('a store that cannot start says why', async () => {
  const child = spawn(
    process.execPath,
    ['--import', './test/support/typescript.ts', 'examples/store/start.ts'],
    {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], DATA_DIR: '/nowhere' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.on('data', (text) => (output += String(text)));
  const [code] = await once(child, 'exit');
  expect(code).toBe(1);
  expect(output).toContain('There is no key in /nowhere/quickstart.key: start Postrider first (npm start)');
});
