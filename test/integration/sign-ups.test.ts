import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DnsServer } from '../support/dns.js';
import { eventually } from '../support/engine.js';
import { Program } from '../support/program.js';
import { Sink } from '../support/sink.js';

/** Sign-ups through the whole program: the request, the worker, a real DNS, a real SMTP server. */
describe('sign-ups', () => {
  let dns: DnsServer;
  let sink: Sink;
  let program: Program;

  beforeAll(async () => {
    dns = await DnsServer.start({
      'post.example': { mx: ['10 mx.post.example'] },
      'null.example': { mx: ['0 .'] },
      'broken.example': 'SERVFAIL',
      'slow.example': 'silent',
    });
    sink = await Sink.start();
    program = await Program.start({
      SMTP_URL: sink.url,
      MAIL_FROM: 'Shop <news@shop.example>',
      DNS_SERVERS: dns.server,
    });
    await program.call('POST', '/v1/lists', { slug: 'news', name: 'News' });
    await program.call('POST', '/v1/lists', { slug: 'open', name: 'Open', optIn: 'single' });
  }, 60_000);

  afterAll(async () => {
    await program?.remove();
    await sink?.stop();
    await dns?.stop();
  }, 30_000);

  const post = async (email: string) => {
    const response = await fetch(`${program.url}/subscribe`, {
      method: 'POST',
      body: new URLSearchParams({ email, list: 'news' }),
    });
    const html = await response.text();
    const status = /href="(\/subscribe\/status\/[\w-]+)"/.exec(html)?.[1] ?? '';
    return { code: response.status, html, status, refresh: response.headers.get('refresh') };
  };
  const look = async (path: string) => (await fetch(program.url + path)).text();
  const found = async (email: string) =>
    (await program.call('POST', '/v1/subscribers/search', { email })).body.data;
  const said = (html: string) => /<h1>([^<]*)</.exec(html)?.[1];
  const asked = (email: string, lists = ['news']) =>
    program.call('POST', '/v1/subscriptions', {
      email,
      lists,
      consent: { text: 'Yes', source: 'https://shop.example/checkout' },
    });

  test('a form is answered at once; the mail comes from a worker, and its button confirms', async () => {
    const { code, html } = await post('ada@post.example');
    expect([code, said(html)]).toEqual([200, 'Check your inbox']);
    const mail = await sink.mail(({ to }) => to === 'ada@post.example');
    const path = new URL(/http:\S+\/confirm\/[\w-]+/.exec(mail.text ?? '')?.[0] ?? '').pathname;
    expect((await program.call('POST', path)).status).toBe(200);
    expect((await found('ada@post.example'))[0].subscriptions[0].status).toBe('confirmed');
    expect(dns.questions).toContain('MX post.example');
  });

  test('who is on the list already hears it by mail, and the pages say the same as ever', async () => {
    const known = await post('ada@post.example');
    const mail = await sink.mail(({ to, raw }) => to === 'ada@post.example' && raw.includes('already'));
    expect(mail.subject).toBe('You are already on the list of Shop');
    const unknown = await post('new@post.example');
    const alike = (html: string) => html.replaceAll(/(ada|new)@post\.example|status\/[\w-]+/g, '…');
    expect(alike(known.html)).toBe(alike(unknown.html));
    await sink.mail(({ to }) => to === 'new@post.example');
    expect(await look(known.status)).toBe(await look(unknown.status));
  });

  test.each(['null.example', 'nowhere.example'])(
    '%s is refused with a kind word, and no mail is tried',
    async (domain) => {
      const { html, status, refresh } = await post(`ada@${domain}`);
      expect(said(html)).toBe('Check your inbox');
      expect(refresh).toBe(`8; url=${status}`);
      const page = await eventually(async () => {
        const seen = await look(status);
        return said(seen) === 'We cannot reach that address' && seen;
      });
      expect(page).toContain(`No mail server answers for ${domain}. Is it spelled right?`);
      expect(page).toContain('href="/subscribe?list=news"');
      expect(await found(`ada@${domain}`)).toEqual([]);
      expect(sink.to(`ada@${domain}`)).toEqual([]);
    },
  );

  test.each(['broken.example', 'slow.example'])('a DNS that fails (%s) keeps nobody out', async (domain) => {
    await post(`ada@${domain}`);
    await sink.mail(({ to }) => to === `ada@${domain}`);
  });

  test('over the API a domain without mail ends the subscription, and says why', async () => {
    const { status, body } = await asked('api@null.example', ['news', 'open']);
    expect([status, body.subscriptions.map((one: { status: string }) => one.status)]).toEqual([
      202,
      ['pending', 'confirmed'],
    ]);
    const ended = await eventually(async () => {
      const { body: now } = await program.call('GET', `/v1/subscribers/${body.subscriberId}`);
      return (
        now.subscriptions.every((one: { refused: string | null }) => one.refused !== null) &&
        now.subscriptions
      );
    });
    expect(ended).toMatchObject([
      { list: 'news', status: 'unsubscribed', refused: 'takes_no_mail', leftAt: null },
      { list: 'open', status: 'unsubscribed', refused: 'takes_no_mail', leftAt: null },
    ]);
    expect(sink.to('api@null.example')).toEqual([]);
    // The day is not spent on a mail that never left: once the domain takes mail, the next asking is mailed.
    dns.zones['again.example'] = { mx: ['0 .'] };
    const first = await asked('api@again.example');
    await eventually(async () => {
      const { body: now } = await program.call('GET', `/v1/subscribers/${first.body.subscriberId}`);
      return now.subscriptions[0].refused === 'takes_no_mail';
    });
    expect(
      (await program.call('POST', `/v1/subscriptions/${first.body.subscriptions[0].id}/resend`)).status,
    ).toBe(409);
  });

  test('a sign-up outlives a kill -9 between its row and its mail', async () => {
    const { url } = program;
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        fetch(`${url}/subscribe`, {
          method: 'POST',
          body: new URLSearchParams({ email: `killed-${index}@post.example`, list: 'news' }),
        }),
      ),
    );
    await program.kill();
    await program.run();
    for (let index = 0; index < 20; index += 1)
      await sink.mail(({ to }) => to === `killed-${index}@post.example`, 40_000);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    for (let index = 0; index < 20; index += 1)
      expect(sink.to(`killed-${index}@post.example`).length).toBeLessThanOrEqual(2);
  }, 90_000);
});
