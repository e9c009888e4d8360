import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestApi, type TestAnswer } from '../../../test/support/api.js';
import { KeyRing } from '../../platform/crypto/index.js';
import { EmailsModule, emailsControllers } from './index.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ modules: [EmailsModule], controllers: emailsControllers });
});
afterAll(() => api.stop());

const mail = {
  to: 'ada@example.com',
  subject: 'Hello',
  html: '<h1>Hi</h1><p>See <a href="https://shop.example/">us</a></p>',
};
const send = (body: unknown, headers?: Record<string, string>): Promise<TestAnswer> =>
  api.post('/v1/emails', body, headers);

async function accepted(body: unknown): Promise<string> {
  const answer = await send(body);
  expect(answer).toEqual({ status: 202, body: { id: expect.any(String), status: 'queued' } });
  return answer.body.id as string;
}

interface Sealed {
  to: { name: string; address: string }[];
  replyTo: string | null;
  body?: { subject: string; html: string; text: string };
}

async function sealed(id: string): Promise<Sealed> {
  const row = await api.db
    .selectFrom('messages')
    .select('content')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return api.get(KeyRing).unsealJson('content', row.content ?? Buffer.alloc(0)) as Sealed;
}

const mjml =
  '<mjml><mj-body><mj-section><mj-column><mj-text>From MJML</mj-text></mj-column></mj-section></mj-body></mjml>';

describe('sending', () => {
  test('html without text gets a text part', async () => {
    const { body } = await sealed(await accepted(mail));
    expect(body).toEqual({ subject: 'Hello', html: mail.html, text: 'Hi\n\nSee us (https://shop.example/)' });
  });

  test('text alone stays text alone', async () => {
    const { body } = await sealed(await accepted({ to: 'ada@example.com', subject: 'Hello', text: 'Hi' }));
    expect(body).toEqual({ subject: 'Hello', html: '', text: 'Hi' });
  });

  test('mjml is compiled', async () => {
    const { body } = await sealed(await accepted({ to: 'ada@example.com', subject: 'Hello', mjml }));
    expect(body?.html).toContain('From MJML</div>');
    expect(body?.text.trim()).toBe('From MJML');
  });

  test('the ways of naming recipients, cc and bcc, reply-to, sender, tags', async () => {
    const id = await accepted({
      ...mail,
      to: [
        'one@example.com',
        { email: 'Two@Example.com', name: 'Two' },
        'Anna von Berg <anna@example.com>',
        '"Doe, \\"J\\"" <doe@example.com>',
        '<plain@example.com>',
      ],
      cc: { email: 'three@example.com' },
      bcc: 'four@example.com',
      replyTo: 'reply@shop.example',
      sender: 'default',
      tags: ['welcome', 'a:b'],
      locale: 'de',
    });
    expect(await sealed(id)).toMatchObject({
      to: [
        { name: '', address: 'one@example.com' },
        { name: 'Two', address: 'Two@Example.com' },
        { name: 'Anna von Berg', address: 'anna@example.com' },
        { name: 'Doe, "J"', address: 'doe@example.com' },
        { name: '', address: 'plain@example.com' },
      ],
      replyTo: 'reply@shop.example',
    });
    const { body } = await api.read(`/v1/emails/${id}`);
    expect(body).toMatchObject({
      id,
      status: 'queued',
      stream: 'service',
      subject: 'Hello',
      to: ['one@example.com', 'Two@Example.com', 'anna@example.com', 'doe@example.com', 'plain@example.com'],
      cc: ['three@example.com'],
      bcc: ['four@example.com'],
      tags: ['welcome', 'a:b'],
      scheduledAt: null,
    });
    expect(body.deliveries).toHaveLength(7);
    expect(body.deliveries[0]).toMatchObject({
      address: 'one@example.com',
      role: 'to',
      state: 'queued',
      tries: 0,
      reply: null,
    });
    expect(body.history[0]).toMatchObject({ type: 'email.accepted', at: expect.any(String) });
  });

  test('a template with its variables', async () => {
    const variables = {
      order: {
        number: '77',
        currency: 'EUR',
        total: '1.00',
        items: [{ name: 'Bowl', quantity: 1 }],
        placedAt: '2026-11-22',
      },
      customer: { name: null },
    };
    const id = await accepted({ to: 'ada@example.com', template: 'order-placed', variables });
    expect((await api.read(`/v1/emails/${id}`)).body.subject).toContain('77');
    const { currency: _, ...order } = variables.order;
    expect(
      await send({ to: 'ada@example.com', template: 'order-placed', variables: { ...variables, order } }),
    ).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('order.currency') },
    });
  });

  test('later: due at its time', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const id = await accepted({ ...mail, scheduledAt: at });
    const { body } = await api.read(`/v1/emails/${id}`);
    expect(body).toMatchObject({ scheduledAt: at, status: 'queued', deliveries: [{ dueAt: at }] });
  });

  test('the same people in two mails at once do not lock each other out', async () => {
    const people = Array.from({ length: 10 }, (_, index) => `crowd-${index}@example.com`);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        send({ ...mail, to: index % 2 === 0 ? people : people.toReversed() }),
      ),
    );
    expect(answers.every(({ status }) => status === 202)).toBe(true);
  });
});

describe('Idempotency-Key', () => {
  test('the same body: the same answer, one mail', async () => {
    const headers = { 'Idempotency-Key': 'once' };
    const first = await send(mail, headers);
    expect(await send(mail, headers)).toEqual(first);
    expect(await send({ ...mail, subject: 'Other' }, headers)).toMatchObject({
      status: 422,
      body: { name: 'idempotency_mismatch' },
    });
  });

  test('in flight: 409, and never two mails', async () => {
    const headers = { 'Idempotency-Key': 'in-flight' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(mail, headers)));
    const ids = answers.filter(({ status }) => status === 202).map(({ body }) => body.id);
    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(1);
    const refused = answers.filter(({ status }) => status !== 202);
    expect(refused.every(({ status, body }) => status === 409 && body.name === 'idempotency_in_flight')).toBe(
      true,
    );
  });
});

describe('bad input is refused by name, and leaves nothing', () => {
  const many = Array.from({ length: 51 }, (_, index) => `r${index}@example.com`);

  test.each<[string, unknown, string]>([
    ['an unknown field', { ...mail, attachment: [] }, 'attachment'],
    ['no recipient', { ...mail, to: undefined }, 'to'],
    ['an empty list of recipients', { ...mail, to: [] }, 'to'],
    ['an address that is far too long', { ...mail, to: 'x'.repeat(2_000) }, 'to'],
    ['a broken address', { ...mail, to: 'ada@' }, 'to: is not an email address'],
    [
      'a broken address among others',
      { ...mail, to: ['a@example.com', { email: 'b', name: 'B' }] },
      'to.1.email: is not',
    ],
    ['an unknown field of a recipient', { ...mail, to: { email: 'a@example.com', phone: '1' } }, 'phone'],
    ['51 recipients', { ...mail, to: many }, 'to: must be'],
    ['51 recipients with cc', { ...mail, to: many.slice(0, 30), cc: many.slice(30) }, 'to: has more than 50'],
    ['one address twice', { ...mail, cc: ['b@example.com', 'ADA@example.com'] }, 'cc.1: is a recipient'],
    [
      'a template and a subject',
      { to: 'a@example.com', template: 'welcome', subject: 'x' },
      'subject: a mail has either',
    ],
    ['nothing to say', { to: 'a@example.com' }, 'template: a mail needs'],
    ['a subject alone', { to: 'a@example.com', subject: 'x' }, 'html: a mail with a subject needs'],
    ['html without a subject', { to: 'a@example.com', html: 'x' }, 'subject: is needed'],
    ['html and mjml', { ...mail, mjml }, 'mjml: a mail has either'],
    ['variables without a template', { ...mail, variables: {} }, 'variables: are for a template'],
    [
      'an unknown template',
      { to: 'a@example.com', template: 'nope' },
      'template: there is no template \\"nope\\"',
    ],
    ['an unknown sender', { ...mail, sender: 'nope' }, 'sender: there is no sender \\"nope\\"'],
    ['a sender with NUL', { ...mail, sender: 'a\0' }, 'sender: must not hold a NUL'],
    ['a broken reply-to', { ...mail, replyTo: 'x' }, 'replyTo: is not'],
    [
      'a line break in the subject',
      { ...mail, subject: 'x\r\nBcc: y@example.com' },
      'subject: must be one line',
    ],
    [
      'a line break in a name before an address',
      { ...mail, to: 'Ada\r\nBcc: b <a@example.com>' },
      'to: has a name that must be one line',
    ],
    [
      'a picture that is not there',
      { ...mail, html: '<p><IMG alt="" src = cid:logo%40shop></p>' },
      'html: shows cid:logo@shop, and no attachment has this contentId',
    ],
    [
      'a header that adds recipients at the relay',
      { ...mail, headers: { 'X-SMTPAPI': '{"to":["b@example.com"]}' } },
      'headers.X-SMTPAPI: adds recipients',
    ],
    [
      'a line break in a name',
      { ...mail, to: { email: 'a@example.com', name: 'a\nb' } },
      'to.name: must be one line',
    ],
    ['a NUL in the body', { ...mail, html: 'a\0' }, 'html: must not hold a NUL'],
    [
      'half a surrogate pair in a variable',
      { to: 'a@example.com', template: 'welcome', variables: { a: ['\udc00'] } },
      'variables.a.0',
    ],
    [
      'variables of megabytes',
      { to: 'a@example.com', template: 'welcome', variables: { a: 'x'.repeat(300_000) } },
      'variables: is too large: 293 KB',
    ],
    [
      'a variable that makes a subject without end',
      {
        to: 'a@example.com',
        template: 'order-placed',
        variables: {
          order: {
            number: 'x'.repeat(600),
            currency: 'EUR',
            total: '1.00',
            items: [],
            placedAt: '2026-11-22T09:41:00Z',
          },
        },
      },
      'variables: make a subject of',
    ],
    [
      'MJML with a mistake',
      { to: 'a@example.com', subject: 'x', mjml: '<mjml>\n<mj-body>\n<mj-tex />\n</mj-body></mjml>' },
      'mjml: line 3',
    ],
    [
      'MJML with a merge tag',
      { to: 'a@example.com', subject: 'x', mjml: mjml.replace('From', '{{ name }}') },
      '\\"name\\" is missing',
    ],
    [
      'a mistake in the subject, with MJML',
      { to: 'a@example.com', subject: 'Hi {{ name }}', mjml },
      '"field":"subject"',
    ],
    [
      'a subject that is no Liquid, with MJML',
      { to: 'a@example.com', subject: 'Hi {{ name', mjml },
      '"field":"subject"',
    ],
    [
      'a time far away',
      { ...mail, scheduledAt: '2999-01-01T00:00:00Z' },
      'scheduledAt: is more than 30 days',
    ],
    ['a tag with a space', { ...mail, tags: ['a b'] }, 'tags.0'],
    ['a language that is none', { ...mail, locale: '??' }, 'locale'],
  ])('%s', async (_, body, named) => {
    const count = () =>
      api.db
        .selectFrom('messages')
        .select((row) => row.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
    const before = await count();
    const answer = await send(body);
    expect(answer).toMatchObject({ status: 422, body: { statusCode: 422, name: 'validation_failed' } });
    expect(JSON.stringify(answer.body)).toContain(named);
    expect(await count()).toEqual(before);
  });

  test('a body of thirty megabytes', async () => {
    const content = 'x'.repeat(30 * 1024 * 1024);
    expect(await send({ ...mail, attachments: [{ filename: 'a.txt', content }] })).toMatchObject({
      status: 413,
    });
  });

  test('HTML that nests a hundred thousand elements is cut in the text part', async () => {
    const { body } = await sealed(await accepted({ ...mail, html: `<p>top</p>${'<b>'.repeat(100_000)}` }));
    expect(body?.text).toContain('top');
  });

  const base64 = (content: string | Buffer) => Buffer.from(content).toString('base64');
  const zipOf = (name: string) => {
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50);
    entry.writeUInt16LE(name.length, 28);
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt32LE(4, 16);
    return Buffer.concat([Buffer.from('PK\x03\x04'), entry, Buffer.from(name), end]);
  };
  const text = base64('x');

  test.each<[string, object[], string]>([
    [
      'a program by its name',
      [{ filename: 'invoice.pdf.EXE', content: text }],
      'attachments.0.filename: ends in .exe',
    ],
    [
      'a program behind dots',
      [{ filename: 'a.exe. . ', content: text }],
      'attachments.0.filename: ends in .exe',
    ],
    ['a program turned around', [{ filename: 'annexe\u202efdp.scr', content: text }], 'ends in .scr'],
    ['a script', [{ filename: 'a.txt', content: base64('#!/bin/sh') }], 'attachments.0.content: is a script'],
    [
      'a Windows program',
      [{ filename: 'a.pdf', content: base64('MZ\x90\0\x03') }],
      'is a program for Windows',
    ],
    ['a Linux program', [{ filename: 'a.bin2', content: base64('\x7fELF') }], 'is a program for Linux'],
    [
      'a script in an archive',
      [{ filename: 'a.zip', content: base64(zipOf('in/voice.js')) }],
      'an archive with a .js file',
    ],
    [
      'a type of a program',
      [{ filename: 'a', content: text, contentType: 'application/x-msdownload' }],
      'contentType: ',
    ],
    [
      'a mail in a mail',
      [{ filename: 'a', content: text, contentType: 'message/rfc822' }],
      'application/octet-stream',
    ],
    ['a type that is none', [{ filename: 'a', content: text, contentType: 'pdf' }], 'is not a media type'],
    [
      'a type with a line break',
      [{ filename: 'a', content: text, contentType: 'a/b\r\nX: y' }],
      'is not a media type',
    ],
    [
      'a type that it is not',
      [{ filename: 'a', content: text, contentType: 'image/png' }],
      'contentType: says image/png',
    ],
    ['no PDF', [{ filename: 'a.pdf', content: text }], 'content: says application/pdf'],
    ['no base64', [{ filename: 'a.txt', content: 'ä' }], 'attachments.0.content: is not base64'],
    ['no content', [{ filename: 'a.txt' }], 'attachments.0.content'],
    ['no name', [{ filename: '/\r\n', content: text }], 'filename: is no name'],
    [
      'a content id with a bracket',
      [{ filename: 'a', content: text, contentId: 'a>b' }],
      'contentId: must be',
    ],
    [
      'one content id twice',
      [
        { filename: 'a', content: text, contentId: 'logo' },
        { filename: 'b', content: text, contentId: 'logo' },
      ],
      'attachments.1.contentId: is that of another',
    ],
    ['21 files', Array.from({ length: 21 }, () => ({ filename: 'a', content: text })), 'attachments'],
    [
      'eleven megabytes in all',
      Array.from({ length: 2 }, () => ({ filename: 'a', content: base64(Buffer.alloc(5.5 * 1024 * 1024)) })),
      'attachments: have 11.0 MB together',
    ],
    [
      'eleven megabytes in one',
      [{ filename: 'a', content: base64(Buffer.alloc(11 * 1024 * 1024)) }],
      'has more than 10 MB',
    ],
  ])('an attachment: %s', async (_, attachments, named) => {
    const answer = await send({ ...mail, attachments });
    expect(answer).toMatchObject({ status: 422, body: { name: 'validation_failed' } });
    expect(answer.body.message).toContain(named);
    expect(await api.db.selectFrom('blobs').select('sha256').execute()).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['X-Note', 'a\r\nBcc: eve@example.com', 'headers.X-Note: must not hold a line break'],
    ['X-Note\r\nBcc', 'x', 'is no name of a header field'],
    ['Reply-To', 'a@example.com', 'headers.Reply-To: has a field of its own: replyTo'],
    ['List-Unsubscribe', '<https://x.example>', 'belongs to newsletters'],
    ['From', 'a@example.com', 'is made by Postrider'],
    ['Content-Type', 'text/plain', 'is made by Postrider'],
    ['X-Postrider-Delivery', '1', 'is a field of Postrider itself'],
    ['References', 'not an id', 'must be message ids'],
    ['X-Long', 'x'.repeat(1_000), 'has more than 900 characters'],
    ['X-Empty', '', 'must not be empty'],
  ])('a header %j', async (name, value, named) => {
    const answer = await send({ ...mail, headers: { [name]: value } });
    expect(answer).toMatchObject({ status: 422 });
    expect(answer.body.message).toContain(named);
  });

  test('an email that does not exist', async () => {
    for (const id of [
      '019abcde-0000-7000-8000-000000000000',
      'nope',
      '%00',
      'ffffffff-ffff-7fff-bfff-ffffffffffff',
    ]) {
      expect(await api.read(`/v1/emails/${id}`)).toMatchObject({ status: 404 });
    }
  });
});

describe('the message log', () => {
  const search = async (body: object) => (await api.post('/v1/emails/search', body)).body;
  const found = async (body: object) => ((await search(body)).data as { id: string }[]).map(({ id }) => id);

  test('pages from the newest, and filters', async () => {
    const from = new Date().toISOString();
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      ids.unshift(
        await accepted({
          ...mail,
          to: `log-${index % 2}@example.com`,
          tags: index === 4 ? ['log', 'last'] : ['log'],
        }),
      );
    }
    const first = await search({ tag: 'log', limit: 3 });
    expect(first).toMatchObject({
      hasMore: true,
      data: ids.slice(0, 3).map((id) => ({ id, status: 'queued', subject: 'Hello' })),
    });
    const second = await search({ tag: 'log', limit: 3, after: ids[2] });
    expect(second).toMatchObject({ hasMore: false, data: ids.slice(3).map((id) => ({ id })) });
    expect(await found({ from })).toEqual(ids);
    expect((await search({ from, to: from })).data).toEqual([]);
    expect(await found({ address: 'LOG-1@example.com' })).toEqual([ids[1], ids[3]]);
    expect(await found({ from: '9999-12-31T23:59:59-14:00' })).toEqual([]);
    expect(await found({ tag: 'log', from: '0000-01-01T00:00:00Z' })).toHaveLength(5);
    expect((await search({ address: 'nobody@example.com' })).data).toEqual([]);
    expect((await search({ tag: 'last' })).data).toMatchObject([
      { to: ['log-0@example.com'], tags: ['log', 'last'] },
    ]);
    expect((await search({ tag: 'log', state: 'queued' })).data).toHaveLength(5);
    expect((await search({ tag: 'log', state: 'failed' })).data).toEqual([]);
  });

  test('refuses what it does not know', async () => {
    for (const body of [
      { nope: 1 },
      { state: 'lost' },
      { after: 'x' },
      { from: 'yesterday' },
      { address: 'x' },
      { limit: 1000 },
    ]) {
      expect(await api.post('/v1/emails/search', body)).toMatchObject({ status: 422 });
    }
  });
});
