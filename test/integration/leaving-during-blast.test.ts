import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { core } from '../../src/app/core.js';
import { SubscribersModule } from '../../src/modules/subscribers/index.js';
import { Unsubscribe } from '../../src/modules/unsubscribe/index.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { LinkTokens } from '../../src/platform/crypto/index.js';
import { Database } from '../../src/platform/database/index.js';
import { RecordingSmtp } from '../crash/recording-smtp.js';
import { addAudience, query } from '../support/audience.js';
import { eventually } from '../support/engine.js';
import { Program } from '../support/program.js';

/**
 * Promise 3, at the size that it is promised for: the program as an operator starts it sends to 20,000, and all the while people leave
 * and are erased, each a second or more before their turn. The relay's own record says who got mail.
 */

const AUDIENCE = 20_000;
const WAVES = 10;
/** Of each wave, so many leave and so many are erased. */
const EACH = 10;
const CONNECTIONS = 8;
const ANSWER_MS = 8;
/** At best a mail each 8 ms and connection: 1,000 a second. So whoever stands so far behind the head of the queue has at least 1.5 s. */
const BEHIND_THE_HEAD = 1_500;

const relay = new RecordingSmtp(ANSWER_MS);
let program: Program;
let inside: { tokens: LinkTokens; unsubscribe: Unsubscribe; db: Database; stop: () => Promise<void> };

beforeAll(async () => {
  await relay.start();
  program = await Program.start({
    SMTP_URL: relay.url,
    SMTP_CONNECTIONS: String(CONNECTIONS),
    WORKER_PROCESSES: '2',
    MAIL_FROM: 'Shop <news@shop.example>',
    POSTAL_ADDRESS: 'Shop, 1 Main Street, 12345 Town',
  });
  inside = await insideOf(program);
}, 120_000);
afterAll(async () => {
  await inside?.stop();
  await program?.remove();
  await relay.stop();
}, 30_000);

/** The services of the program in this process, on its database and with its keys, for what no HTTP call does. */
async function insideOf({ dataDir, databaseUrl }: Program) {
  const config = loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }, '/dev/null');
  const app = await NestFactory.createApplicationContext(
    {
      module: class Inside {},
      imports: [...core({ config, databaseUrl, name: 'test' }, []), SubscribersModule],
      providers: [Unsubscribe],
    },
    { logger: false, abortOnError: false },
  );
  return {
    tokens: app.get(LinkTokens),
    unsubscribe: app.get(Unsubscribe),
    db: app.get(Database),
    stop: () => app.close(),
  };
}

interface Waiting {
  readonly personId: string;
  readonly subscriptionId: string;
  readonly address: string;
}

/** People who wait in the queue, far enough behind whoever is at its head. */
async function waiting(campaignId: string, count: number, not: readonly string[]): Promise<Waiting[]> {
  return (await query(
    program.databaseUrl,
    `SELECT d.person_id AS "personId", s.id AS "subscriptionId", d.address FROM deliveries d
       JOIN subscriptions s ON s.person_id = d.person_id AND s.list_id = d.via_list_id
      WHERE d.campaign_id = $1 AND d.state = 'queued' AND d.address <> ALL($3)
        AND d.id > $4 + (SELECT max(id) FROM deliveries WHERE campaign_id = $1 AND state IN ('sending', 'sent'))
      ORDER BY d.id LIMIT $2`,
    [campaignId, count, not, BEHIND_THE_HEAD],
  )) as Waiting[];
}

const urlencoded = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** The ways out, one after the other. */
async function leave({ subscriptionId }: Waiting, way: number): Promise<void> {
  const path = `/unsubscribe/${inside.tokens.make('unsubscribe', subscriptionId)}`;
  const ways = [
    async () => {
      const body = new FormData();
      body.append('List-Unsubscribe', 'One-Click');
      return (await fetch(`${program.url}${path}`, { method: 'POST', body })).status;
    },
    async () => (await program.call('POST', path, 'List-Unsubscribe=One-Click', urlencoded)).status,
    async () => (await program.call('POST', path, 'action=leave&reason=too_many', urlencoded)).status,
    async () => (await program.call('POST', path, 'action=leave-all', urlencoded)).status,
    async () => (await program.call('DELETE', `/v1/subscriptions/${subscriptionId}`)).status,
    async () => {
      // What a mail to the leaving address does once it is read.
      const link = { subject: subscriptionId, delivery: null };
      const proof = { source: 'mailto', text: null };
      await inside.db.work((work) => inside.unsubscribe.leave(work, link, 'list', proof));
      return 200;
    },
  ];
  expect([200, 204]).toContain(await ways[way % ways.length]!());
}

test('0 of 200 who leave or are erased while a blast of 20,000 runs get it, and the counts say why', async () => {
  expect((await program.call('POST', '/v1/lists', { slug: 'news', name: 'News' })).status).toBe(201);
  await addAudience(program.databaseUrl, AUDIENCE);
  const campaign = { name: 'Blast', subject: 'News', lists: ['news'], content: 'Hello.' };
  const { id } = (await program.call('POST', '/v1/campaigns', campaign)).body;
  expect((await program.call('POST', `/v1/campaigns/${id}/send`)).status).toBe(200);
  await eventually(async () => relay.count > 200, 60_000);

  const gone: { address: string; reason: string; at: number }[] = [];
  for (let wave = 0; wave < WAVES; wave += 1) {
    const not = gone.map(({ address }) => address);
    const some = await waiting(id, EACH * 2, not);
    expect(some).toHaveLength(EACH * 2);
    await Promise.all(
      some.map(async (person, index) => {
        if (index < EACH) await leave(person, wave + index);
        else expect((await program.call('DELETE', `/v1/subscribers/${person.personId}`)).status).toBe(204);
        const reason = index < EACH ? 'unsubscribed' : 'erased';
        gone.push({ address: person.address, reason, at: Date.now() });
      }),
    );
    await sleep(700);
  }
  expect(gone).toHaveLength(WAVES * EACH * 2);

  const view = await eventually(async () => {
    const { body } = await program.call('GET', `/v1/campaigns/${id}`);
    return body.state === 'finished' && body;
  }, 300_000);
  expect(gone.filter(({ address }) => relay.taken.has(address))).toEqual([]);
  expect(relay.taken.size).toBe(AUDIENCE - gone.length);
  expect(relay.count).toBe(AUDIENCE - gone.length);
  expect(view.counts).toEqual({
    recipients: AUDIENCE,
    sent: AUDIENCE - gone.length,
    skipped: gone.length,
    queued: 0,
    sending: 0,
    deferred: 0,
    failed: 0,
    unknown: 0,
  });
  const { body } = await program.call('GET', `/v1/campaigns/${id}/report`);
  expect(
    body.skips.toSorted((a: { reason: string }, b: { reason: string }) => (a.reason < b.reason ? -1 : 1)),
  ).toEqual([
    { reason: 'erased', count: 100 },
    { reason: 'unsubscribed', count: 100 },
  ]);
}, 400_000);
