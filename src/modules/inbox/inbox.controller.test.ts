import { request } from 'node:http';
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startInboxApp } from '../../../test/support/inbox-app.js';
import type { InboxApp } from '../../../test/support/inbox-app.js';
import { sampleMails, sendSamples } from '../../../test/support/sample-mails.js';

let app: InboxApp;

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Not fetch, which would not let us say what Host is. */
function ask(path: string, options: RequestOptions = {}, base = app.url): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, base), options, (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((body) => resolve({ status, headers, body }), reject);
    });
    outgoing.on('error', reject).end();
  });
}

const byRecipient = (address: string) => app.store.messages.find(({ rcptTo }) => rcptTo.includes(address))!;

beforeAll(async () => {
  app = await startInboxApp({ TIMEZONE: 'Europe/Berlin' });
  const news = Array.from({ length: 60 }, (_, n) => ({
    from: 'a@b.example',
    to: `r${n}@b.example`,
    subject: `News ${n}`,
    text: 'x',
  }));
  await sendSamples(app.smtpUrl, [...news, ...sampleMails]);
});
afterAll(() => app.close());

test('the list: newest first, by pages, with a search that survives the page', async () => {
  const first = await ask('/inbox');
  expect(first.status).toBe(200);
  expect(first.body).toContain('65 messages');
  expect(first.body.match(/class="row"/g)).toHaveLength(50);
  expect(first.body.indexOf('Order 1043')).toBeLessThan(first.body.indexOf('News 59'));
  const older = /class="older" href="([^"]+)"/.exec(first.body)![1]!;
  const second = await ask(older.replaceAll('&amp;', '&'));
  expect(second.body.match(/class="row"/g)).toHaveLength(15);
  expect(second.body).not.toContain('data-live');
  const found = await ask('/inbox?q=NEWS+4');
  expect(found.body.match(/class="row"/g)).toHaveLength(11);
  expect(found.body).toContain('?q=NEWS+4"');
  expect((await ask('/inbox?q=%25')).body).toContain('Nothing found for “%”');
  expect((await ask('/inbox?after=nonsense&q=1&q=2')).status).toBe(200);
});

test('a message in its views', async () => {
  const { id } = byRecipient('ada@example.com');
  const page = await ask(`/inbox/${id}`);
  expect(page.body).toContain(`<iframe class="in-light" src="/inbox/${id}/html?scheme=light"`);
  expect(page.body).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
  expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect((await ask(`/inbox/${id}?view=text`)).body).toContain(
    '<a href="http://127.0.0.1:3000/confirm/abc" target="_blank"',
  );
  expect((await ask(`/inbox/${id}?view=headers`)).body).toMatch(/<dt>Message-ID<\/dt>/);
  expect((await ask(`/inbox/${id}?view=source`)).body).toContain('Content-Type: multipart/');
  expect((await ask(`/inbox/${id}?view=nonsense`)).status).toBe(200);
});

test('the document of the frame, the source and the attachments, each with a policy of its own', async () => {
  const { id, raw } = byRecipient('ada@example.com');
  const frame = await ask(`/inbox/${id}/html`);
  expect(frame.headers['content-security-policy']).toContain("default-src 'none'");
  expect(frame.headers['content-security-policy']).toContain('sandbox allow-popups');
  expect(frame.body).toContain('src="data:image/png;base64,');
  const source = await ask(`/inbox/${id}/source`);
  expect(source.body).toBe(raw.toString());
  expect(source.headers['content-disposition']).toContain(`filename="${id}.eml"`);
  const order = byRecipient('mueller@example.com');
  const page = await ask(`/inbox/${order.id}/attachments/1`);
  expect(page.body).toBe('<script>alert(1)</script>');
  expect(page.headers['content-type']).toBe('application/octet-stream');
  expect(page.headers['content-disposition']).toContain('attachment; filename="agb.html"');
});

test('what is not there says so', async () => {
  const { id } = byRecipient('mueller@example.com');
  for (const path of [
    '/inbox/nothing',
    `/inbox/${id}/html`,
    `/inbox/${id}/attachments/9`,
    `/inbox/${id}/attachments/-1`,
  ]) {
    const answer = await ask(path);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(answer.body).toContain('This message is gone');
  }
});

test('every path is closed to who is not at this machine, and says how to get there', async () => {
  const { id } = byRecipient('ada@example.com');
  for (const path of [
    '/inbox',
    `/inbox/${id}`,
    `/inbox/${id}/html`,
    `/inbox/${id}/source`,
    `/inbox/${id}/attachments/0`,
  ]) {
    const rebound = await ask(path, { headers: { host: 'rebind.example' } });
    expect([path, rebound.status]).toEqual([path, 403]);
    expect(rebound.body).not.toContain('Sunday Letter');
    expect(rebound.body).toMatch(/ssh -N -L \d+:127\.0\.0\.1:\d+ you@your-server/);
    expect((await ask(path, { headers: { 'x-forwarded-for': '127.0.0.1' } })).status).toBe(403);
  }
  expect((await ask('/inbox', { headers: { host: 'localhost:1' } })).status).toBe(200);
});

test('behind a trusted proxy the addresses it names decide', async () => {
  const proxied = await startInboxApp({ TRUST_PROXY: 'true' });
  try {
    const from = async (addresses: string) =>
      (await ask('/inbox', { headers: { 'x-forwarded-for': addresses } }, proxied.url)).status;
    expect(await from('203.0.113.9')).toBe(403);
    expect(await from('127.0.0.1, 203.0.113.9')).toBe(403);
    expect(await from('127.0.0.1')).toBe(200);
  } finally {
    await proxied.close();
  }
});

test('with a relay there is no inbox', async () => {
  const relayed = await startInboxApp({ SMTP_URL: 'smtp://127.0.0.1:2525' });
  try {
    const answer = await ask('/inbox', {}, relayed.url);
    expect(answer.status).toBe(404);
    expect(answer.body).toContain('There is no inbox');
    expect((await ask('/inbox/empty', { method: 'POST' }, relayed.url)).status).toBe(404);
  } finally {
    await relayed.close();
  }
});

test('emptying: not for other websites, not by GET, and then it is empty', async () => {
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ]) {
    const answer = await ask('/inbox/empty', { method: 'POST', headers });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('Nothing was deleted');
  }
  expect((await ask('/inbox/empty')).status).toBe(404);
  expect(app.store.messages).toHaveLength(65);
  const emptied = await ask('/inbox/empty', { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } });
  expect([emptied.status, emptied.headers.location]).toEqual([303, '/inbox']);
  expect((await ask('/inbox')).body).toContain('No mail yet');
});
