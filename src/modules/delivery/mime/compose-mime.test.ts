import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import MailComposer from 'nodemailer/lib/mail-composer';
import PostalMime from 'postal-mime';
import { composeMime, type Mail } from './compose-mime.js';

const mail = (change: Partial<Mail> = {}): Mail => ({
  from: { name: 'Shop', address: 'news@shop.example' },
  to: [{ name: 'Ada', address: 'ada@example.com' }],
  subject: 'Hello',
  date: new Date('2026-11-22T09:41:00Z'),
  messageId: '0198f2a0.1@shop.example',
  fields: {},
  text: 'Hello\n',
  html: '<p>Hello</p>',
  ...change,
});

const lf = (text: string) => text.replace(/\r\n?/g, '\n');

/** What postal-mime gives for a part; where it is not base64, with the line break before the boundary (RFC 2046 §5.1.1: not the part's). */
function expectRead(read: string | undefined, text: string, encoding: string | undefined): void {
  const same = lf(read ?? '') === lf(text.toWellFormed()) + (encoding === 'base64' ? '' : '\n');
  // A difference between such texts is megabytes.
  expect(same || { read: read?.slice(0, 2_000), text: text.slice(0, 2_000) }).toBe(true);
}

function expectSound(raw: Buffer): void {
  const text = raw.toString('latin1');
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0\x80-\xff]/);
  expect(text.endsWith('--\r\n')).toBe(true);
  for (const line of text.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
}

const encodings = (raw: Buffer) =>
  [...raw.toString('latin1').matchAll(/^Content-Transfer-Encoding: (.*)\r$/gm)].map(([, name]) => name);

const hostile = (without: RegExp) =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '\n',
          '\r\n',
          '\r',
          ' ',
          '\t',
          '.',
          '\n.\n',
          '\nFrom ',
          '=',
          '=?UTF-8?Q?a?=',
          '\n--=_0198f2a0.1shop.example',
        ),
        fc.constantFrom(
          'ä',
          '你',
          '\u{1F600}',
          'שלום',
          '<',
          '"',
          ',',
          '\u0001',
          'x'.repeat(2_000),
          '\n\nBcc: evil@example.com',
        ),
        fc.string({ unit: 'binary' }),
      ),
      { maxLength: 20 },
    )
    // postal-mime takes U+FEFF at the beginning for a byte order mark.
    .map((parts) => parts.join('').replaceAll(without, ''));
const body = hostile(/[\0\ufeff]/g);
const line = hostile(/[\r\n\0\ufeff]/g);

describe('a composed mail', () => {
  test('gives back exactly what was put in, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(body, body, line, line, async (text, html, subject, name) => {
        const raw = composeMime(
          mail({ text, html, subject, to: [{ name: name.toWellFormed(), address: 'ada@example.com' }] }),
        );
        expectSound(raw);
        const read = await PostalMime.parse(raw);
        const [textEncoding, htmlEncoding] = encodings(raw);
        expectRead(read.text, text, textEncoding);
        // Text alone has no second part.
        if (html === '') expect([read.html, htmlEncoding]).toEqual([undefined, undefined]);
        else expectRead(read.html, html, htmlEncoding);
        expect(read.subject ?? '').toBe(subject.toWellFormed());
        expect(read.to).toEqual([{ name: name.toWellFormed(), address: 'ada@example.com' }]);
        expect(read.attachments).toEqual([]);
        expect(read.headers.map(({ key }) => key)).toEqual([
          'from',
          'to',
          'subject',
          'date',
          'message-id',
          'mime-version',
          'content-type',
        ]);
      }),
      { numRuns: 300 },
    );
  });

  test('octet by octet', () => {
    const raw = composeMime(
      mail({
        cc: [{ name: 'Zoë', address: 'zoe@example.com' }],
        replyTo: [{ name: '', address: 'help@shop.example' }],
        fields: { 'List-Id': '"News" <news.lists.shop.example>' },
        html: '<p class="a">Hello</p>\n',
      }),
    );
    expect(raw.toString('latin1').split('\r\n')).toEqual([
      'From: Shop <news@shop.example>',
      'To: Ada <ada@example.com>',
      'Cc: =?UTF-8?Q?Zo=C3=AB?= <zoe@example.com>',
      'Reply-To: help@shop.example',
      'Subject: Hello',
      'Date: Sun, 22 Nov 2026 09:41:00 +0000',
      'Message-ID: <0198f2a0.1@shop.example>',
      'List-Id: "News" <news.lists.shop.example>',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative;',
      ' boundary="=_0198f2a0.1shop.example"',
      '',
      '--=_0198f2a0.1shop.example',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 7bit',
      '',
      'Hello',
      '',
      '--=_0198f2a0.1shop.example',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: 7bit',
      '',
      '<p class="a">Hello</p>',
      '',
      '--=_0198f2a0.1shop.example--',
      '',
    ]);
  });

  test.each([
    ['ASCII in short lines', 'a\nb = c\n', '7bit'],
    ['a line of 79', 'x'.repeat(79), 'quoted-printable'],
    ['German', 'Größe und Länge sind unterschiedlich, das ist schön.\n', 'quoted-printable'],
    [
      'Polish',
      'Twoje zamówienie zostało wysłane i dotrze do Ciebie w ciągu trzech dni.\n',
      'quoted-printable',
    ],
    ['Chinese', '你好，世界。', 'base64'],
    ['Russian', 'Здравствуйте, ваш заказ отправлен.', 'base64'],
    ['a boundary of ours', '--=_0198f2a0.1shop.example--\n', 'quoted-printable'],
  ])('%s', (_, text, encoding) => {
    const raw = composeMime(mail({ text }));
    expect(encodings(raw)[0]).toBe(encoding);
  });

  test('may be larger than the memory that is kept', async () => {
    const text = 'ä b of ASCII\n'.repeat(10_000);
    const raw = composeMime(mail({ text, html: text }));
    expectSound(raw);
    const read = await PostalMime.parse(raw);
    expectRead(read.text, text, 'quoted-printable');
    expectRead(read.html, text, 'quoted-printable');
  });

  test('is its own copy', () => {
    const first = composeMime(mail());
    const before = first.toString('latin1');
    composeMime(mail({ subject: 'Another', text: 'y'.repeat(500), html: '' }));
    expect(first.toString('latin1')).toBe(before);
  });

  test('a local part outside ASCII is the only thing that is not ASCII (RFC 6532)', () => {
    const raw = composeMime(mail({ to: [{ name: 'Jörg', address: 'jörg@münchen.example' }] }));
    expect(raw.toString()).toContain(' <jörg@xn--mnchen-3ya.example>\r\n');
  });

  test.each([
    [{ text: 'a\0' }, 'The text/plain part holds NUL'],
    [{ html: '\0' }, 'The text/html part holds NUL'],
    [{ subject: 'a\nBcc: b@c.example' }, 'Subject holds a line break or NUL'],
    [{ from: { name: 'a\rb', address: 'a@b.example' } }, 'From holds a line break or NUL'],
    [{ fields: { 'X-A': 'a\r\nb' } }, 'X-A holds a line break or NUL'],
  ])('%j is refused', (change, problem) => expect(() => composeMime(mail(change))).toThrow(problem));
});

describe('reads as what nodemailer composes', () => {
  const bodies: [string, string][] = [
    ['plain', 'Hello\nworld\n'],
    ['without a last line break', 'Hello'],
    ['only a line break', '\n'],
    ['CRLF', 'a\r\nb\r\n'],
    ['a line of 2,000', 'x'.repeat(2_000)],
    ['lone dots', '.\n..\n.a\n'],
    ['From lines', 'From a\n>From b\n'],
    ['white space at line ends', 'a \nb\t\n \n'],
    ['emoji', '\u{1F468}\u200d\u{1F469}\u200d\u{1F467} '.repeat(30)],
    ['right to left', 'שלום עולם, הזמנה 1001 נשלחה.\n'.repeat(5)],
    ['Chinese', '您的订单已发货。\n'.repeat(20)],
    ['equals signs', '<a href="https://shop.example/?a=1&b=3D">=20</a>\n'],
  ];
  test.each(bodies)('%s', async (_, content) => {
    const subject = 'Größe 42 – your order';
    const to = [
      { name: 'Lovelace, Ada', address: 'ada@example.com' },
      { name: 'Zoë', address: 'zoe@münchen.example' },
    ];
    const ours = await PostalMime.parse(composeMime(mail({ to, subject, text: content, html: content })));
    const theirs = await PostalMime.parse(
      await new MailComposer({
        from: 'Shop <news@shop.example>',
        to,
        subject,
        text: content,
        html: content,
        newline: '\r\n',
      })
        .compile()
        .build(),
    );
    for (const field of ['subject', 'from', 'to'] as const) expect(ours[field]).toEqual(theirs[field]);
    for (const part of ['text', 'html'] as const)
      expect(lf(ours[part] ?? '').replace(/\n$/, '')).toBe(lf(theirs[part] ?? '').replace(/\n$/, ''));
  });
});
