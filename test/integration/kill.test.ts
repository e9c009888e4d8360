import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import PostalMime from 'postal-mime';
import { eventually } from '../support/engine.js';
import { Program } from '../support/program.js';
import { Sink } from '../support/sink.js';

let sink: Sink;
let program: Program;

beforeAll(async () => {
  sink = await Sink.start({ delayMs: 2 });
  program = await Program.start({ SMTP_URL: sink.url, MAIL_FROM: 'Shop <news@shop.example>' });
}, 60_000);

afterAll(async () => {
  await program?.remove();
  await sink?.stop();
}, 30_000);

/** People who have confirmed, written straight into the tables: this test is about sending. */
async function addAudience(size: number): Promise<void> {
  const client = new pg.Client({ connectionString: program.databaseUrl });
  await client.connect();
  await client.query(
    `WITH added AS (
       INSERT INTO people (id, canonical, address)
       SELECT gen_random_uuid(), 'p' || n || '@example.com', 'p' || n || '@example.com'
         FROM generate_series(1, $1::int) n RETURNING id)
     INSERT INTO subscriptions (id, person_id, list_id, status, confirmed_at)
     SELECT gen_random_uuid(), added.id, lists.id, 'confirmed', now() FROM added, lists`,
    [size],
  );
  await client.end();
}

test('kill -9 of the news worker in a blast of 2,000: every recipient is accounted for', async () => {
  await program.call('POST', '/v1/lists', { slug: 'news', name: 'News' });
  await addAudience(2000);
  const { body: campaign } = await program.call('POST', '/v1/campaigns', {
    name: 'Blast',
    subject: 'Blast',
    lists: ['news'],
    content: 'Hello',
  });
  await program.call('POST', `/v1/campaigns/${campaign.id}/send`);
  await sink.until(() => sink.mails.length > 500, 60_000);
  const connections = 5;
  for (const pid of program.workers('news')) process.kill(pid, 'SIGKILL');
  await program.stop();
  await program.run();

  const { counts } = await eventually(async () => {
    const { body } = await program.call('GET', `/v1/campaigns/${campaign.id}`);
    return body.state === 'finished' && body;
  }, 45_000);
  const { recipients, ...states } = counts;
  expect(recipients).toBe(2000);
  expect(counts.sent + counts.unknown).toBe(2000);
  expect(Object.values<number>(states).reduce((sum, count) => sum + count, 0)).toBe(2000);
  expect(counts.unknown).toBeLessThanOrEqual(connections);

  const got = new Map<string, number>();
  for (const { to } of sink.mails) got.set(to, (got.get(to) ?? 0) + 1);
  expect([...got.values()].filter((times) => times > 1)).toEqual([]);
  // What is unknown may or may not have arrived; all else has.
  expect(got.size).toBeGreaterThanOrEqual(2000 - counts.unknown);
}, 240_000);

test('kill -9 of the order worker among invoices of megabytes: each arrives whole, and what comes twice is the same mail', async () => {
  const MAILS = 10;
  const invoices = Array.from({ length: MAILS }, () =>
    Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(2_000_000)]),
  );
  const address = (index: number) => `invoice-${index}@example.com`;
  const before = sink.mails.length;
  const answers = Promise.all(
    invoices.map((content, index) =>
      program.call('POST', '/v1/order-events', {
        id: `paid-${index}`,
        type: 'order.paid',
        occurredAt: new Date().toISOString(),
        order: {
          id: `${index}`,
          number: `${index}`,
          currency: 'EUR',
          items: [{ name: 'Bowl', quantity: 1 }],
          total: '9.00',
        },
        customer: { email: address(index) },
        invoice: { filename: 'invoice.pdf', content: content.toString('base64') },
      }),
    ),
  );
  await sink.until(() => sink.mails.length > before + 2, 60_000);
  for (const pid of program.workers('orders')) process.kill(pid, 'SIGKILL');
  const atTheKill = sink.mails.length - before;
  expect((await answers).map(({ status }) => status)).toEqual(invoices.map(() => 202));

  await eventually(async () => {
    const views = await Promise.all(
      (await answers).map(({ body }) => program.call('GET', `/v1/emails/${body.emailId}`)),
    );
    return views.every(({ body }) => body.status === 'sent');
  }, 90_000);
  for (const [index, content] of invoices.entries()) {
    const copies = await Promise.all(sink.to(address(index)).map(({ raw }) => PostalMime.parse(raw)));
    expect(new Set(copies.map(({ messageId }) => messageId)).size).toBe(1);
    const files = copies.flatMap(({ attachments }) =>
      attachments.map((file) => sha256(file.content as ArrayBuffer)),
    );
    expect(files).toEqual(copies.map(() => sha256(content)));
  }
  expect(atTheKill).toBeLessThan(MAILS);
  // On the wire was at most one mail a connection.
  expect(sink.mails.length - before - MAILS).toBeLessThanOrEqual(5);
}, 240_000);

function sha256(content: Buffer | ArrayBuffer): string {
  return createHash('sha256').update(new Uint8Array(content)).digest('hex');
}
