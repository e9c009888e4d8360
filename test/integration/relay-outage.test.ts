import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';
import { addAudience } from '../support/audience.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/engine.js';
import { freePort } from '../support/ports.js';
import { Program } from '../support/program.js';

/** A relay that wants a password. It keeps whom it got mail for. */
class Relay {
  readonly recipients: string[] = [];
  refuses = 0;
  private readonly server: SMTPServer;

  private constructor(private readonly password: string) {
    this.server = new SMTPServer({
      allowInsecureAuth: true,
      authMethods: ['PLAIN'],
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 100,
      onAuth: (auth, _session, callback) => {
        if (auth.password === this.password) return callback(null, { user: auth.username });
        this.refuses += 1;
        return callback(Object.assign(new Error('5.7.8 Authentication failed'), { responseCode: 535 }));
      },
      onData: (stream, session, callback) => {
        stream.resume();
        stream.on('end', () => {
          this.recipients.push(...session.envelope.rcptTo.map(({ address }) => address));
          callback();
        });
      },
    });
    this.server.on('error', () => undefined);
  }

  static async start(port: number, password: string): Promise<Relay> {
    const relay = new Relay(password);
    relay.server.listen(port, '127.0.0.1');
    await once(relay.server.server, 'listening');
    return relay;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

let port: number;
let database: TestDatabase;
let program: Program;
let campaignId: string;
let mails: string[];

const status = async (id: string) => (await program.call('GET', `/v1/emails/${id}`)).body;
const campaign = async () => (await program.call('GET', `/v1/campaigns/${campaignId}`)).body;
const audience = Array.from({ length: 20 }, (_, index) => `p${index + 1}@example.com`);

/** Nobody has failed, nobody has got anything, no try is counted. */
async function expectAllWaiting(): Promise<void> {
  for (const id of mails) {
    const { deliveries } = await status(id);
    for (const { state, tries } of deliveries) {
      expect(['queued', 'sending', 'deferred']).toContain(state);
      expect(tries).toBe(0);
    }
  }
  const { counts } = await campaign();
  expect(counts.queued + counts.sending + counts.deferred).toBe(audience.length);
  expect(counts.recipients).toBe(audience.length);
}

beforeAll(async () => {
  port = await freePort();
  database = await testDatabase();
  program = await Program.start({
    DATABASE_URL: database.url,
    SMTP_URL: `smtp://shop:p%40ss%2Fword@127.0.0.1:${port}?tls=off`,
    MAIL_FROM: 'Shop <news@shop.example>',
  });
}, 60_000);

afterAll(async () => {
  await program?.remove();
  await database?.drop();
}, 60_000);

describe('a relay in trouble', () => {
  test('that is down: everything is accepted and waits', async () => {
    await program.call('POST', '/v1/lists', { slug: 'news', name: 'News' });
    await addAudience(database.url, audience.length);
    const order = await program.call('POST', '/v1/order-events', {
      id: 'evt_1',
      type: 'order.placed',
      occurredAt: new Date().toISOString(),
      order: {
        id: 'o1',
        number: '1001',
        currency: 'EUR',
        items: [{ name: 'Tea', quantity: 2, unitPrice: '4.50' }],
        total: '9.00',
      },
      customer: { email: 'buyer@example.com' },
    });
    const email = await program.call('POST', '/v1/emails', {
      to: ['ada@example.com', 'bea@example.com'],
      subject: 'Hello',
      text: 'Hello',
    });
    expect([order.status, email.status]).toEqual([202, 202]);
    mails = [order.body.emailId, email.body.id];
    const news = { name: 'News', subject: 'News', lists: ['news'], content: 'Hello' };
    campaignId = (await program.call('POST', '/v1/campaigns', news)).body.id;
    expect((await program.call('POST', `/v1/campaigns/${campaignId}/send`)).status).toBe(200);
    await eventually(async () => (await campaign()).counts.recipients === audience.length);
    await eventually(async () => program.output.split('is in trouble, mail waits').length > 2, 30_000);
    await expectAllWaiting();
    expect((await program.call('GET', '/health/ready')).status).toBe(200);
  }, 90_000);

  test('that says 535 to our password: no recipient fails', async () => {
    const relay = await Relay.start(port, 'another');
    // Two workers, each of which has tried at least twice.
    await eventually(async () => relay.refuses >= 4, 90_000);
    await expectAllWaiting();
    const shown = await eventually(async () => {
      const { deliveries } = await status(mails[0]!);
      return deliveries[0].reply?.startsWith('535') && deliveries[0];
    }, 60_000);
    expect(shown).toMatchObject({
      reply: expect.stringContaining('535 5.7.8 Authentication failed'),
      tries: 0,
    });
    await relay.stop();
  }, 180_000);

  test('that is well again: all goes out, each mail once', async () => {
    const relay = await Relay.start(port, 'p@ss/word');
    await eventually(async () => (await campaign()).state === 'finished', 120_000);
    for (const id of mails) await eventually(async () => (await status(id)).status === 'sent', 90_000);
    expect((await campaign()).counts).toMatchObject({ recipients: 20, sent: 20, failed: 0, unknown: 0 });
    expect([...relay.recipients].sort()).toEqual(
      [...audience, 'ada@example.com', 'bea@example.com', 'buyer@example.com'].sort(),
    );
    await relay.stop();
  }, 240_000);
});
