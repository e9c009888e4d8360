import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../support/engine.js';
import { Program } from '../support/program.js';
import { Receiver } from '../support/webhooks.js';

const EVENTS = 400;
/** On their way at the kill, and answered but not written yet. */
const IN_HAND = 16;

let program: Program;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start();
  program = await Program.start();
}, 60_000);
afterAll(async () => {
  await program?.remove();
  await receiver?.stop();
}, 30_000);

async function happen(events: number): Promise<void> {
  const client = new pg.Client({ connectionString: program.databaseUrl });
  await client.connect();
  await client.query(
    `INSERT INTO events (bucket, type, campaign_id)
     SELECT date_trunc('month', now()), 'campaign.started', gen_random_uuid() FROM generate_series(1, $1::int)`,
    [events],
  );
  await client.end();
}

test('kill -9 of the worker that sends: every event arrives, what arrives twice has one webhook-id', async () => {
  const { body: endpoint } = await program.call('POST', '/v1/webhook-endpoints', {
    url: receiver.url,
    events: ['campaign.started'],
  });
  receiver.answer = (response) => void setTimeout(() => response.writeHead(204).end(), 20);
  await happen(EVENTS);
  await eventually(async () => receiver.received.length > 100);
  for (const pid of program.workers('webhooks')) process.kill(pid, 'SIGKILL');
  await eventually(async () => {
    const { body } = await program.call('GET', `/v1/webhook-endpoints/${endpoint.id}`);
    return body.waiting === 0 && receiver.received.length >= EVENTS;
  }, 60_000);

  const ids = Map.groupBy(receiver.received, ({ body }) => body.data.campaignId as string);
  expect(ids.size).toBe(EVENTS);
  for (const copies of ids.values()) expect(new Set(copies.map(({ id }) => id)).size).toBe(1);
  expect(receiver.received.length - EVENTS).toBeLessThanOrEqual(IN_HAND);
  for (const webhook of receiver.received) receiver.verify(webhook, endpoint.secret);
}, 120_000);
