import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addAudience } from '../support/audience.js';
import { postrider } from '../support/command.js';
import { eventually } from '../support/engine.js';
import { freePort } from '../support/ports.js';
import { childrenOf, isRunning } from '../support/processes.js';
import { API_KEY, Program } from '../support/program.js';
import { Sink } from '../support/sink.js';

let sink: Sink;
let program: Program;

beforeAll(async () => {
  sink = await Sink.start();
  program = await Program.start({ SMTP_URL: sink.url, MAIL_FROM: 'Shop <news@shop.example>' });
  await program.call('POST', '/v1/lists', { slug: 'news', name: 'News' });
  await addAudience(program.databaseUrl, 300);
}, 120_000);

afterEach(() => {
  sink.options = {};
});

afterAll(async () => {
  await program?.remove();
  await sink?.stop();
}, 60_000);

const postgres = () =>
  Number(readFileSync(join(program.dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
const send = async (to: string) =>
  program.call('POST', '/v1/emails', { to, subject: 'Hello', text: 'Hello' });

/** Everyone got it, and no one twice. */
function expectOnceEach(): void {
  const times = new Map<string, number>();
  for (const { to } of sink.mails) times.set(to, (times.get(to) ?? 0) + 1);
  expect([...times].filter(([, count]) => count > 1)).toEqual([]);
  expect(times.size).toBe(sink.mails.length);
}

test('SIGTERM in a blast over a slow relay: it ends in time, nothing is lost and nothing doubled', async () => {
  sink.options = { delayMs: 200 };
  const { body: campaign } = await program.call('POST', '/v1/campaigns', {
    name: 'Blast',
    subject: 'Blast',
    lists: ['news'],
    content: 'Hello',
  });
  await program.call('POST', `/v1/campaigns/${campaign.id}/send`);
  await sink.until(() => sink.mails.length > 30, 60_000);
  const orders = await Promise.all(['a', 'b', 'c'].map((name) => send(`${name}@example.com`)));
  for (const { status } of orders) expect(status).toBe(202);
  const asked = Date.now();
  expect(await program.stop()).toBe(0);
  expect(Date.now() - asked).toBeLessThan(15_000);
  expect(sink.mails.length).toBeLessThan(300);
  sink.options = {};
  await program.run();

  const { counts } = await eventually(async () => {
    const { body } = await program.call('GET', `/v1/campaigns/${campaign.id}`);
    return body.state === 'finished' && body;
  }, 60_000);
  expect(counts).toMatchObject({ recipients: 300, sent: 300, unknown: 0, failed: 0 });
  for (const { body } of orders) {
    await eventually(async () => (await program.call('GET', `/v1/emails/${body.id}`)).body.status === 'sent');
  }
  expect(sink.mails).toHaveLength(303);
  expectOnceEach();
}, 180_000);

test('kill -9 of the API: it is there again at the same address, and that is said', async () => {
  const [api = 0] = childrenOf(program.pid, 'api');
  process.kill(api, 'SIGKILL');
  await eventually(async () => {
    const [next] = childrenOf(program.pid, 'api');
    return (
      next !== undefined &&
      next !== api &&
      (await program.call('GET', '/health/ready').catch(() => null))?.status === 200
    );
  }, 60_000);
  expect(program.output).toContain('api ended (SIGKILL); starting it again in 0.5 s');
}, 90_000);

test('kill -9 of the supervisor: its processes end, and the next start adopts the database', async () => {
  const children = ['api', 'worker'].flatMap((word) => childrenOf(program.pid, word));
  expect(children).toHaveLength(3);
  const database = postgres();
  await program.kill();
  await eventually(async () => !children.some(isRunning), 30_000);
  expect(isRunning(database)).toBe(true);
  await program.run();
  expect(program.output).toContain(`(pid ${database}): adopted`);
  expect(postgres()).toBe(database);
  const { body } = await send('after-kill@example.com');
  await sink.mail(({ to }) => to === 'after-kill@example.com');
  await eventually(async () => (await program.call('GET', `/v1/emails/${body.id}`)).body.status === 'sent');
}, 120_000);

describe('two on one data folder', () => {
  let second: Program;
  beforeAll(async () => {
    second = await Program.start({
      DATA_DIR: program.dataDir,
      SMTP_URL: sink.url,
      MAIL_FROM: 'Shop <news@shop.example>',
    });
  }, 60_000);
  afterAll(async () => second?.stop(), 30_000);

  test('share the database, and no mail goes out twice', async () => {
    expect(second.output).toMatch(/PostgreSQL still runs on port \d+ \(pid \d+\): adopted/);
    expect((await second.call('GET', '/v1/lists/news')).status).toBe(200);
    sink.mails.length = 0;
    await Promise.all(Array.from({ length: 20 }, (_, index) => send(`shared-${index}@example.com`)));
    await sink.until(() => sink.mails.length >= 20, 30_000);
  });

  test('the database stays for the one that stays, and ends with it', async () => {
    const database = postgres();
    expect(await program.stop()).toBe(0);
    expect(program.output).toContain(`PostgreSQL keeps running for process ${second.pid}`);
    const { status } = await second.call('POST', '/v1/emails', {
      to: 'last@example.com',
      subject: 'x',
      text: 'x',
    });
    expect(status).toBe(202);
    await sink.mail(({ to }) => to === 'last@example.com');
    expect(await second.stop()).toBe(0);
    expect(isRunning(database)).toBe(false);
    expect(sink.mails).toHaveLength(21);
    expectOnceEach();
    await program.run();
  }, 90_000);
});

test('another SECRET_KEY on the same database is refused in words, and the first goes on', async () => {
  const { code, output } = await postrider(['start'], {
    DATA_DIR: join(program.dataDir, 'another'),
    DATABASE_URL: program.databaseUrl,
    PORT: String(await freePort()),
    SECRET_KEY: randomBytes(32).toString('hex'),
    BOOTSTRAP_API_KEY: API_KEY,
  });
  expect([code, output]).toEqual([
    1,
    expect.stringContaining('SECRET_KEY: does not open the keys in this database'),
  ]);
  expect(output).not.toMatch(/\n\s+at /);
  const { body } = await send('still-here@example.com');
  await sink.mail(({ to }) => to === 'still-here@example.com');
  expect(body.id).toEqual(expect.any(String));
}, 90_000);
