import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addAudience } from '../support/audience.js';
import { eventually } from '../support/engine.js';
import { expectError } from '../support/error-shape.js';
import { childrenOf, isRunning } from '../support/processes.js';
import { Program } from '../support/program.js';
import { Sink } from '../support/sink.js';

let sink: Sink;
let program: Program;

beforeAll(async () => {
  sink = await Sink.start();
  program = await Program.start({ SMTP_URL: sink.url, MAIL_FROM: 'Shop <news@shop.example>' });
  await program.call('POST', '/v1/lists', { slug: 'news', name: 'News' });
  await addAudience(program.databaseUrl, 100);
}, 120_000);

afterAll(async () => {
  await program?.remove();
  await sink?.stop();
}, 60_000);

const postmaster = () =>
  Number(readFileSync(join(program.dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
const children = () => ['api', 'worker'].flatMap((word) => childrenOf(program.pid, word));
const isReady = async () => (await program.call('GET', '/health/ready')).status === 200;
const send = async (to: string, more: object = {}) =>
  program.call('POST', '/v1/emails', { to, subject: 'Hello', text: 'Hello', ...more });

/** Stops PostgreSQL while the supervisor is frozen, so that the outage lasts as long as `meanwhile`. */
async function withoutDatabase(signal: NodeJS.Signals, meanwhile: () => Promise<void>): Promise<void> {
  const pid = postmaster();
  process.kill(program.pid, 'SIGSTOP');
  try {
    process.kill(pid, signal);
    await eventually(async () => !isRunning(pid), 30_000);
    await meanwhile();
  } finally {
    process.kill(program.pid, 'SIGCONT');
  }
}

test('while the database is away every call says so, and none is half done', async () => {
  const before = children();
  const due = new Date(Date.now() + 3_000);
  const accepted = await send('later@example.com', { scheduledAt: due.toISOString() });
  expect(accepted.status).toBe(202);

  await withoutDatabase('SIGINT', async () => {
    const unavailable = { status: 503, name: 'database_unavailable', says: 'database does not answer' };
    const list = { slug: 'lost', name: 'Lost' };
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all([
        program.call('GET', '/v1/lists'),
        program.call('POST', '/v1/lists', list),
        program.call('POST', '/v1/lists', list, { 'Idempotency-Key': 'k1' }),
        program.call('GET', `/v1/emails/${accepted.body.id}`),
        program.call('GET', '/subscribe'),
        program.call('GET', '/metrics'),
        // The key itself cannot be looked up: that is no wrong key.
        program.call('GET', '/v1/lists', undefined, { Authorization: 'Bearer pr_never_seen_before_00' }),
      ]);
      for (const answer of answers) {
        expectError(answer, unavailable);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
    }
    expect((await program.call('GET', '/health/live')).status).toBe(200);
    const ready = await program.call('GET', '/health/ready');
    expectError(ready, { status: 503, name: 'not_ready', says: 'database', field: 'database' });
    const page = await fetch(`${program.url}/subscribe`, { headers: { Accept: 'text/html' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([
      503,
      expect.stringContaining('text/html'),
    ]);
    await eventually(async () => Date.now() > due.getTime());
  });

  await eventually(isReady, 60_000);
  expect((await program.call('GET', '/v1/lists/lost')).status).toBe(404);
  expect(
    (await program.call('POST', '/v1/lists', { slug: 'lost', name: 'Lost' }, { 'Idempotency-Key': 'k1' }))
      .status,
  ).toBe(201);
  await sink.mail(({ to }) => to === 'later@example.com', 60_000);
  await eventually(
    async () => (await program.call('GET', `/v1/emails/${accepted.body.id}`)).body.status === 'sent',
    60_000,
  );
  expect(sink.to('later@example.com')).toHaveLength(1);
  expect(children()).toEqual(before);
  expect(program.output).toContain('PostgreSQL had ended and was started again');
}, 180_000);

test('it crashes in the middle of a blast: all of it goes out, and the counts add up', async () => {
  sink.mails.length = 0;
  sink.options = { delayMs: 100 };
  const news = { name: 'News', subject: 'News', lists: ['news'], content: 'Hello' };
  const { body: campaign } = await program.call('POST', '/v1/campaigns', news);
  await program.call('POST', `/v1/campaigns/${campaign.id}/send`);
  await sink.until(() => sink.mails.length > 10, 60_000);
  await withoutDatabase('SIGKILL', async () => undefined);
  const { counts } = await eventually(async () => {
    const answer = await program.call('GET', `/v1/campaigns/${campaign.id}`).catch(() => undefined);
    return answer?.body.state === 'finished' && answer.body;
  }, 120_000);
  const { recipients, ...states } = counts;
  expect(recipients).toBe(100);
  expect(Object.values<number>(states).reduce((sum, count) => sum + count, 0)).toBe(100);
  expect(counts.sent + counts.unknown).toBe(100);
  const got = new Set(sink.mails.map(({ to }) => to));
  expect(sink.mails).toHaveLength(got.size);
  expect(got.size).toBeGreaterThanOrEqual(counts.sent);
}, 240_000);
