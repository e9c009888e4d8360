import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addAudience } from '../support/audience.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/engine.js';
import { expectError } from '../support/error-shape.js';
import { freePort } from '../support/ports.js';
import { childrenOf, isRunning } from '../support/processes.js';
import { Program } from '../support/program.js';
import { startRedis, whyNoRedis, type TestRedis } from '../support/redis.js';
import { Sink } from '../support/sink.js';

const reason = whyNoRedis();
const suite = reason === undefined ? describe : describe.skip;

suite(`the queue's Redis goes away${reason === undefined ? '' : ` (${reason})`}`, () => {
  let port: number;
  let redis: TestRedis | undefined;
  let sink: Sink;
  let database: TestDatabase;
  let program: Program;

  beforeAll(async () => {
    port = await freePort();
    sink = await Sink.start();
    database = await testDatabase();
    program = await Program.start({
      DATABASE_URL: database.url,
      REDIS_URL: `redis://127.0.0.1:${port}`,
      SMTP_URL: sink.url,
      MAIL_FROM: 'Shop <news@shop.example>',
    });
  }, 60_000);

  afterAll(async () => {
    await program?.remove();
    await redis?.stop();
    await database?.drop();
    await sink?.stop();
  }, 60_000);

  const send = async (to: string) => {
    const { status, body } = await program.call('POST', '/v1/emails', {
      to,
      subject: 'Hello',
      text: 'Hello',
    });
    expect(status).toBe(202);
    return body.id as string;
  };
  const children = () => ['api', 'worker'].flatMap((word) => childrenOf(program.pid, word));
  const campaign = async () => {
    const news = { name: 'News', subject: 'News', lists: ['news'], content: 'Hello' };
    const { body } = await program.call('POST', '/v1/campaigns', news);
    expect((await program.call('POST', `/v1/campaigns/${body.id}/send`)).status).toBe(200);
    return body.id as string;
  };

  async function expectQueueAway(): Promise<void> {
    const ready = await eventually(async () => {
      const answer = await program.call('GET', '/health/ready');
      return answer.status === 503 && answer;
    }, 30_000);
    expectError(ready, { status: 503, name: 'not_ready', says: 'queue', field: 'queue' });
    expect((await program.call('GET', '/health/live')).status).toBe(200);
    const metrics = await program.call('GET', '/metrics');
    expect([metrics.status, metrics.body]).toEqual([200, expect.stringContaining('postrider_deliveries{')]);
  }

  async function expectAllSent(ids: string[]): Promise<void> {
    await eventually(async () => (await program.call('GET', '/health/ready')).status === 200, 60_000);
    for (const id of ids) {
      await eventually(
        async () => (await program.call('GET', `/v1/emails/${id}`)).body.status === 'sent',
        60_000,
      );
    }
  }

  test('down at start: it starts, accepts mail, and sends it when Redis is there', async () => {
    await program.call('POST', '/v1/lists', { slug: 'news', name: 'News' });
    await addAudience(database.url, 10);
    await expectQueueAway();
    const ids = await Promise.all(['a', 'b', 'c'].map(async (name) => send(`${name}@example.com`)));
    expect(sink.mails).toHaveLength(0);
    redis = await startRedis(port);
    await expectAllSent(ids);
    expect(sink.mails).toHaveLength(3);
  }, 180_000);

  test('down later, with all its jobs gone: what was accepted goes out when it is back', async () => {
    sink.mails.length = 0;
    const before = children();
    await redis?.stop();
    redis = undefined;
    await expectQueueAway();
    const ids = await Promise.all(['d', 'e', 'f'].map(async (name) => send(`${name}@example.com`)));
    const id = await campaign();
    redis = await startRedis(port);
    await expectAllSent(ids);
    const { counts } = await eventually(async () => {
      const { body } = await program.call('GET', `/v1/campaigns/${id}`);
      return body.state === 'finished' && body;
    }, 60_000);
    expect(counts).toMatchObject({ recipients: 10, sent: 10, unknown: 0, failed: 0 });
    expect(sink.mails).toHaveLength(13);
    expect(children()).toEqual(before);
  }, 180_000);

  test('SIGTERM while it is away ends in time', async () => {
    await redis?.stop();
    redis = undefined;
    await send('last@example.com');
    const before = children();
    const asked = Date.now();
    expect(await program.stop()).toBe(0);
    expect(before.filter(isRunning)).toEqual([]);
    // The 10 s of the drain are for mail in hand; there is none.
    expect(Date.now() - asked).toBeLessThan(9_500);
  }, 60_000);
});
