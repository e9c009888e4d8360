import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/engine.js';
import { Program } from '../support/program.js';
import { startRedis, whyNoRedis, type TestRedis } from '../support/redis.js';
import { Sink } from '../support/sink.js';

const backends = [
  { name: 'PostgreSQL', redis: false },
  { name: 'Redis', redis: true },
];

/** The whole flow of the public interface, over HTTP and SMTP, against the program as an operator starts it. */
for (const backend of backends) {
  const reason = backend.redis ? whyNoRedis() : undefined;
  const suite = reason === undefined ? describe : describe.skip;
  suite(`the main job, queue on ${backend.name}${reason === undefined ? '' : ` (${reason})`}`, () => {
    let sink: Sink;
    let redis: TestRedis | undefined;
    let program: Program;

    beforeAll(async () => {
      sink = await Sink.start();
      redis = backend.redis ? await startRedis() : undefined;
      program = await Program.start({
        SMTP_URL: sink.url,
        MAIL_FROM: 'Shop <news@shop.example>',
        POSTAL_ADDRESS: 'Shop, 1 Main Street, 12345 Town',
        ...(redis && { REDIS_URL: redis.url }),
      });
    }, 60_000);

    afterAll(async () => {
      await program?.remove();
      await redis?.stop();
      await sink?.stop();
    }, 30_000);

    let unsubscribeUrl: string;

    test('a list', async () => {
      const list = {
        slug: 'news',
        name: 'News',
        description: 'All that is new',
        optIn: 'double',
        visibility: 'public',
      };
      expect(await program.call('POST', '/v1/lists', list)).toMatchObject({
        status: 201,
        body: { slug: 'news' },
      });
    });

    test('opt in, confirm with POST only', async () => {
      const answer = await program.call('POST', '/v1/subscriptions', {
        email: 'Ada@Example.com',
        lists: ['news'],
        name: 'Ada',
        consent: { text: 'Yes, send me news', source: 'https://shop.example/footer' },
      });
      expect(answer).toMatchObject({
        status: 202,
        body: { subscriptions: [{ list: 'news', status: 'pending' }] },
      });
      const mail = await sink.mail(({ to }) => to === 'Ada@Example.com');
      expect(mail.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
      const path = new URL(/http:\S+\/confirm\/[\w-]+/.exec(mail.text ?? '')?.[0] ?? '').pathname;
      for (const method of ['GET', 'HEAD']) {
        expect((await program.call(method, path)).status).toBe(200);
      }
      const subscriber = () => program.call('GET', `/v1/subscribers/${answer.body.subscriberId}`);
      expect((await subscriber()).body.subscriptions[0].status).toBe('pending');
      expect(
        (await program.call('POST', path, '', { 'Content-Type': 'application/x-www-form-urlencoded' }))
          .status,
      ).toBe(200);
      expect((await subscriber()).body.subscriptions[0].status).toBe('confirmed');
      expect(
        (await program.call('POST', path, '', { 'Content-Type': 'application/x-www-form-urlencoded' }))
          .status,
      ).toBe(200);
      await eventually(async () => sink.to('Ada@Example.com').length === 2);
    });

    test('an order event is one order mail, however often it comes', async () => {
      const event = {
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
        customer: { email: 'buyer@example.com', name: 'Bea' },
      };
      const first = await program.call('POST', '/v1/order-events', event);
      expect(first).toMatchObject({ status: 202, body: { emailId: expect.any(String), status: 'queued' } });
      const again = await Promise.all(
        Array.from({ length: 10 }, () => program.call('POST', '/v1/order-events', event)),
      );
      for (const answer of again) expect(answer).toMatchObject({ status: 200, body: first.body });
      const changed = { ...event, order: { ...event.order, total: '10.00' } };
      expect((await program.call('POST', '/v1/order-events', changed)).status).toBe(409);
      const mail = await sink.mail(({ to }) => to === 'buyer@example.com');
      expect(mail.text).toContain('1001');
      expect(mail.headers.some(({ key }) => key.startsWith('list-'))).toBe(false);
      const sent = await eventually(async () => {
        const { body } = await program.call('GET', `/v1/emails/${first.body.emailId}`);
        return body.status === 'sent' && body;
      });
      expect(sent.deliveries).toHaveLength(1);
      expect(sink.to('buyer@example.com')).toHaveLength(1);
    });

    test('a news blast reaches who confirmed, with what RFC 8058 asks for', async () => {
      const { body: campaign } = await program.call('POST', '/v1/campaigns', {
        name: 'November',
        subject: 'What is new',
        lists: ['news'],
        content: '# Hello {{ recipient.name | default: "there" }}\n\nOne thing.',
      });
      expect((await program.call('POST', `/v1/campaigns/${campaign.id}/send`)).status).toBe(200);
      const mail = await sink.mail(({ to, raw }) => to === 'Ada@Example.com' && raw.includes('What is new'));
      const header = (name: string) => mail.headers.find(({ key }) => key === name)?.value ?? '';
      expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
      expect(header('list-id')).toContain('<news.');
      expect(header('feedback-id').split(':')).toHaveLength(4);
      unsubscribeUrl = header('list-unsubscribe').slice(1, -1);
      expect(mail.html).toContain(unsubscribeUrl);
      expect(mail.text).toContain('1 Main Street');
      const done = await eventually(async () => {
        const { body } = await program.call('GET', `/v1/campaigns/${campaign.id}`);
        return body.state === 'finished' && body;
      });
      expect(done.counts).toEqual({
        recipients: 1,
        queued: 0,
        sending: 0,
        deferred: 0,
        sent: 1,
        failed: 0,
        skipped: 0,
        unknown: 0,
      });
    });

    test('one click leaves, as multipart and as urlencoded; a look does not', async () => {
      const path = new URL(unsubscribeUrl).pathname;
      expect((await program.call('GET', path)).status).toBe(200);
      const form = new FormData();
      form.set('List-Unsubscribe', 'One-Click');
      const options = { method: 'POST', redirect: 'manual' as const };
      const multipart = await fetch(program.url + path, { ...options, body: form });
      expect(multipart.status).toBe(200);
      expect(multipart.headers.get('set-cookie')).toBeNull();
      const urlencoded = await fetch(program.url + path, {
        ...options,
        body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
      });
      expect(urlencoded.status).toBe(200);
    });

    test('a second campaign does not reach who left, and the counts add up', async () => {
      const { body: campaign } = await program.call('POST', '/v1/campaigns', {
        name: 'December',
        subject: 'Again',
        lists: ['news'],
        content: 'Hello',
      });
      await program.call('POST', `/v1/campaigns/${campaign.id}/send`);
      const done = await eventually(async () => {
        const { body } = await program.call('GET', `/v1/campaigns/${campaign.id}`);
        return body.state === 'finished' && body;
      });
      expect(done.counts.recipients).toBe(0);
      expect(sink.mails.some(({ raw }) => raw.includes('Subject: Again'))).toBe(false);
    });

    test('health and metrics', async () => {
      expect((await program.call('GET', '/health/live')).status).toBe(200);
      expect((await program.call('GET', '/health/ready')).status).toBe(200);
      const metrics = await eventually(async () => {
        const { body } = await program.call('GET', '/metrics');
        return /postrider_smtp_replies_total\{[^}]*class="2xx"/.test(body) && body;
      });
      for (const name of [
        'postrider_queue_depth',
        'postrider_deliveries',
        'postrider_hand_over_seconds_bucket',
      ])
        expect(metrics).toContain(name);
    });

    test('no address is in the log', async () => {
      const log = program.output.split('\n').filter((line) => line.startsWith('{'));
      expect(log.join('\n')).not.toMatch(/@example/i);
    });

    test('SIGTERM ends it within 15 s with code 0, and it starts again on the same data', async () => {
      const stopping = Date.now();
      expect(await program.stop()).toBe(0);
      expect(Date.now() - stopping).toBeLessThan(15_000);
      await program.run();
      expect((await program.call('GET', '/v1/lists/news')).status).toBe(200);
    }, 60_000);
  });
}
