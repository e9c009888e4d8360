import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import PostalMime, { decodeWords } from 'postal-mime';
import { TestApi } from '../../../test/support/api.js';
import { Engine, eventually } from '../../../test/support/engine.js';
import { Sink } from '../../../test/support/sink.js';
import { PersonalDataRegistry } from '../../platform/personal-data/index.js';
import { EmailsModule, emailsControllers } from './index.js';

let sink: Sink;
let api: TestApi;
let engine: Engine;

beforeAll(async () => {
  sink = await Sink.start();
  api = await TestApi.start({ modules: [EmailsModule], controllers: emailsControllers });
  engine = await Engine.start({ smtpUrl: sink.url, ...api.shared });
});
afterAll(async () => {
  await engine.stop();
  await api.stop();
  await sink.stop();
});
beforeEach(() => {
  sink.options = {};
});

const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(5_000)]);
const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(200_000)]);
const later = () => new Date(Date.now() + 3_600_000).toISOString();

const mail = (to: string, more: object = {}) => ({
  to,
  subject: 'Hello',
  text: 'Hi',
  html: '<p>Hi</p>',
  ...more,
});

async function accepted(body: object): Promise<string> {
  const answer = await api.post('/v1/emails', body);
  expect(answer).toMatchObject({ status: 202 });
  return answer.body.id as string;
}

const view = async (id: string) => (await api.read(`/v1/emails/${id}`)).body;
const settled = (id: string, status = 'sent') =>
  eventually(async () => {
    const found = await view(id);
    return found.status === status && found;
  });

async function parsed(to: string) {
  const { raw } = await sink.mail((one) => one.to === to);
  const sunk = sink.to(to).at(-1)!.raw;
  return { raw, octets: sunk, ...(await PostalMime.parse(sunk)) };
}

describe('attachments', () => {
  test('arrive octet by octet, with their names, and pictures where the HTML shows them', async () => {
    const long = `${'Rechnung für Grüße aus Übersee, '.repeat(5)}Ende.pdf`;
    await accepted(
      mail('files@example.com', {
        html: '<p>Look: <img src="cid:logo@shop" alt="Logo"></p>',
        attachments: [
          { filename: 'invoice 10482.pdf', content: PDF.toString('base64') },
          { filename: long, content: PDF.toString('base64'), contentType: 'application/pdf' },
          { filename: '请求.txt', content: Buffer.from('你好').toString('base64') },
          { filename: '../../etc/"quoted".txt', content: Buffer.from('x').toString('base64') },
          { filename: 'logo.png', content: PNG.toString('base64'), contentId: 'logo@shop' },
        ],
      }),
    );
    const { attachments, html, text, octets } = await parsed('files@example.com');
    expect(
      attachments.map(({ filename, mimeType, disposition }) => [filename, mimeType, disposition]),
    ).toEqual(
      expect.arrayContaining([
        ['invoice 10482.pdf', 'application/pdf', 'attachment'],
        [long, 'application/pdf', 'attachment'],
        ['请求.txt', 'text/plain', 'attachment'],
        ['_quoted_.txt', 'text/plain', 'attachment'],
        ['logo.png', 'image/png', 'inline'],
      ]),
    );
    const content = (name: string) =>
      Buffer.from(attachments.find(({ filename }) => filename === name)!.content as ArrayBuffer);
    expect(content('invoice 10482.pdf').equals(PDF)).toBe(true);
    expect(content('logo.png').equals(PNG)).toBe(true);
    expect(content('请求.txt').toString()).toBe('你好');
    expect(attachments.find(({ filename }) => filename === 'logo.png')).toMatchObject({
      contentId: '<logo@shop>',
      related: true,
    });
    expect([html?.trim(), text?.trim()]).toEqual(['<p>Look: <img src="cid:logo@shop" alt="Logo"></p>', 'Hi']);
    for (const line of octets.toString('latin1').split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
    expect(octets.toString('latin1')).not.toMatch(/[\x80-\xff]/);
  });

  test('of nearly ten megabytes arrive too', async () => {
    const content = randomBytes(9.9 * 1024 * 1024);
    await accepted(
      mail('large@example.com', {
        attachments: [{ filename: 'a.dat', content: content.toString('base64') }],
      }),
    );
    const { attachments } = await parsed('large@example.com');
    expect(Buffer.from(attachments[0]!.content as ArrayBuffer).equals(content)).toBe(true);
  });

  test('one file in many mails is one row, and leaves with the last of them', async () => {
    const content = randomBytes(1_000).toString('base64');
    const blobs = async () => (await api.db.selectFrom('blobs').select('sha256').execute()).length;
    const before = await blobs();
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        accepted(
          mail(`shared-${index}@example.com`, { attachments: [{ filename: 'terms.pdf.txt', content }] }),
        ),
      ),
    );
    expect(await blobs()).toBe(before + 1);
    await Promise.all(ids.map((id) => settled(id)));
    const rule = api
      .get(PersonalDataRegistry)
      .holders()
      .flatMap(({ retention }) => retention)
      .find(({ kind }) => kind === 'attachments')!;
    const letGo = (some: string[]) =>
      api.db.updateTable('messages').set({ content: null }).where('id', 'in', some).execute();
    await letGo(ids.slice(1));
    expect([await rule.purge(api.db), await blobs()]).toEqual([0, before + 1]);
    await letGo(ids.slice(0, 1));
    expect([await rule.count(api.db), await rule.purge(api.db), await blobs()]).toEqual([1, 1, before]);
  });

  test('text alone is no mail with an empty page', async () => {
    await accepted({ to: 'plain@example.com', subject: 'Hello', text: 'Only text' });
    const { html, text, raw } = await parsed('plain@example.com');
    expect([html, text?.trim()]).toEqual([undefined, 'Only text']);
    expect(raw).not.toContain('text/html');
  });
});

test('headers of the caller', async () => {
  await accepted(
    mail('headers@example.com', {
      headers: {
        'X-Order': '10482',
        'X-Note': 'Grüße, 你好',
        References: '<a@shop.example> <b@shop.example>',
        'In-Reply-To': `<${'c'.repeat(100)}@shop.example>`,
      },
    }),
  );
  const { headers, raw } = await parsed('headers@example.com');
  const value = (name: string) => decodeWords(headers.find(({ key }) => key === name)?.value ?? '');
  expect(['x-order', 'x-note', 'references'].map(value)).toEqual([
    '10482',
    'Grüße, 你好',
    '<a@shop.example> <b@shop.example>',
  ]);
  expect(raw).toContain(`<${'c'.repeat(100)}@shop.example>`);
});

describe('cancel', () => {
  test('a mail that is scheduled is never sent; once more says the same', async () => {
    const id = await accepted(
      mail('scheduled@example.com', { scheduledAt: later(), cc: 'copy@example.com' }),
    );
    const cancelled = { status: 200, body: { id, status: 'skipped', cancelled: 2 } };
    expect(await api.post(`/v1/emails/${id}/cancel`)).toEqual(cancelled);
    expect(await api.post(`/v1/emails/${id}/cancel`)).toEqual(cancelled);
    expect(await view(id)).toMatchObject({
      status: 'skipped',
      deliveries: [{ reason: 'cancelled' }, { reason: 'cancelled' }],
    });
    expect((await view(id)).history.map(({ type }: { type: string }) => type)).toEqual([
      'email.accepted',
      'email.accepted',
      'email.skipped',
      'email.skipped',
    ]);
  });

  test('too late is a 409 with the state, and an unknown id a 404', async () => {
    const id = await accepted(mail('sent@example.com'));
    await settled(id);
    expect(await api.post(`/v1/emails/${id}/cancel`)).toMatchObject({
      status: 409,
      body: { name: 'too_late', message: expect.stringContaining('"sent"') },
    });
    for (const unknown of ['nope', '019abcde-0000-7000-8000-000000000000'])
      expect(await api.post(`/v1/emails/${unknown}/cancel`)).toMatchObject({ status: 404 });
  });

  test('against the worker: what is cancelled does not leave, what left is not cancelled', async () => {
    const results = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const address = `race-${index}@example.com`;
        const id = await accepted(mail(address));
        await new Promise((resolve) => setTimeout(resolve, (index % 12) * 4));
        return { address, id, status: (await api.post(`/v1/emails/${id}/cancel`)).status };
      }),
    );
    for (const { address, id, status } of results) {
      expect([200, 409]).toContain(status);
      await settled(id, status === 200 ? 'skipped' : 'sent');
      expect(sink.to(address)).toHaveLength(status === 200 ? 0 : 1);
    }
  });
});

describe('resend', () => {
  test('the same mail with its files goes out as a new one, and both know of it', async () => {
    const id = await accepted(
      mail('again@example.com', { attachments: [{ filename: 'a.pdf', content: PDF.toString('base64') }] }),
    );
    await settled(id);
    const { status, body } = await api.post(`/v1/emails/${id}/resend`);
    expect({ status, body }).toEqual({
      status: 202,
      body: { id: expect.any(String), status: 'queued', resendOf: id },
    });
    await settled(body.id);
    const [first, second] = await Promise.all(
      sink.to('again@example.com').map(({ raw }) => PostalMime.parse(raw)),
    );
    expect(second?.messageId).not.toBe(first?.messageId);
    expect(Buffer.from(second!.attachments[0]!.content as ArrayBuffer).equals(PDF)).toBe(true);
    expect(await view(id)).toMatchObject({ resendOf: null, resends: [body.id] });
    expect(await view(body.id)).toMatchObject({ resendOf: id, resends: [], subject: 'Hello' });
  });

  test('never while one is open, whoever asks at the same time', async () => {
    const waiting = await accepted(mail('open@example.com', { scheduledAt: later() }));
    expect(await api.post(`/v1/emails/${waiting}/resend`)).toMatchObject({
      status: 409,
      body: { name: 'still_open' },
    });
    await api.post(`/v1/emails/${waiting}/cancel`);
    sink.options = { delayMs: 1_000 };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => api.post(`/v1/emails/${waiting}/resend`)),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
  });

  test('not once its content is gone', async () => {
    const id = await accepted(mail('gone@example.com'));
    await settled(id);
    await api.db.updateTable('messages').set({ content: null }).where('id', '=', id).execute();
    expect(await api.post(`/v1/emails/${id}/resend`)).toMatchObject({
      status: 409,
      body: { name: 'content_gone' },
    });
  });
});

test('every try is told, with its time, its relay and the words of the server', async () => {
  sink.options = { refuse: (to) => (to === 'grey@example.com' ? '451 4.7.1 Come back later' : undefined) };
  const id = await accepted(mail('grey@example.com'));
  await settled(id, 'deferred');
  sink.options = {};
  await api.db
    .updateTable('deliveries')
    .set({ due_at: new Date(Date.now() - 5_000) })
    .where('message_id', '=', id)
    .execute();
  const { deliveries } = await settled(id);
  expect(deliveries[0].attempts).toMatchObject([
    {
      at: expect.any(String),
      relay: 'default',
      state: 'deferred',
      replyCode: 451,
      reply: '451 4.7.1 Come back later',
    },
    { at: expect.any(String), relay: 'default', state: 'sent', replyCode: 250 },
  ]);
});

describe('batch', () => {
  test('an answer for each, and a mistake costs the others nothing', async () => {
    const { status, body } = await api.post('/v1/emails/batch', {
      emails: [
        mail('batch-1@example.com'),
        mail('nobody'),
        'no mail',
        mail('batch-2@example.com', { sender: 'nope' }),
        mail('batch-3@example.com'),
      ],
    });
    expect(status).toBe(200);
    expect(body.data).toMatchObject([
      { statusCode: 202, status: 'queued' },
      { statusCode: 422, error: { details: [{ field: 'to' }] } },
      { statusCode: 422 },
      { statusCode: 422, error: { details: [{ field: 'sender' }] } },
      { statusCode: 202 },
    ]);
    await settled(body.data[4].id);
    expect(await api.post('/v1/emails/batch', { emails: [] })).toMatchObject({ status: 422 });
    const many = Array.from({ length: 101 }, () => mail('a@example.com'));
    expect(await api.post('/v1/emails/batch', { emails: many })).toMatchObject({ status: 422 });
  });

  test('the same Idempotency-Key with another batch is refused as a whole', async () => {
    const key = { 'Idempotency-Key': 'one-batch' };
    const emails = [mail('key-1@example.com'), mail('key-2@example.com')];
    const first = await api.post('/v1/emails/batch', { emails }, key);
    expect(await api.post('/v1/emails/batch', { emails }, key)).toEqual(first);
    const more = { emails: [...emails, mail('key-3@example.com')] };
    expect(await api.post('/v1/emails/batch', more, key)).toMatchObject({
      status: 422,
      body: { name: 'idempotency_mismatch' },
    });
    const { body } = await api.post('/v1/emails/search', { address: 'key-3@example.com' });
    expect(body.data).toEqual([]);
  });

  test('the same batch at once: each is sent once, and nobody hears that one of them failed', async () => {
    const emails = Array.from({ length: 10 }, (_, index) => mail(`at-once-${index}@example.com`));
    const call = () => api.post('/v1/emails/batch', { emails }, { 'Idempotency-Key': 'at-once' });
    const answers = await Promise.all([call(), call(), call(), call()]);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200))
      expect([status, body.name]).toEqual([409, 'idempotency_in_flight']);
    const { status, body } = await call();
    expect(status).toBe(200);
    for (const { body: given } of answers.filter((answer) => answer.status === 200))
      expect(given).toEqual(body);
    await sink.until(() => emails.every(({ to }) => sink.to(to).length > 0));
    expect(emails.filter(({ to }) => sink.to(to).length !== 1)).toEqual([]);
  });

  test('the database goes away in the middle: 503, and the same call again sends each once', async () => {
    const emails = Array.from({ length: 100 }, (_, index) => mail(`outage-${index}@example.com`));
    const call = () => api.post('/v1/emails/batch', { emails }, { 'Idempotency-Key': 'outage' });
    // Ready before it begins: the whole call takes half a second.
    const cutConnections = await readyToCut();
    const first = call();
    await eventually(async () => {
      const row = await api.db
        .selectFrom('messages')
        .innerJoin('deliveries', 'deliveries.message_id', 'messages.id')
        .select('messages.id')
        .where('deliveries.address', '=', 'outage-3@example.com')
        .executeTakeFirst();
      return row !== undefined;
    });
    await cutConnections();
    const { status } = await first;
    expect(status).toBe(503);
    const again = await eventually(async () => {
      const answer = await call();
      return answer.status === 200 && answer.body;
    });
    expect(again.data.every(({ statusCode }: { statusCode: number }) => statusCode === 202)).toBe(true);
    await sink.until(() => emails.every(({ to }) => sink.to(to).length > 0));
    expect(emails.filter(({ to }) => sink.to(to).length !== 1)).toEqual([]);
  });
});

/** What a restart of the database does to connections, but for this one alone. */
async function readyToCut(): Promise<() => Promise<void>> {
  const { default: pg } = await import('pg');
  const url = new URL(api.shared.databaseUrl);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return async () => {
    await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    await client.end();
  };
}
