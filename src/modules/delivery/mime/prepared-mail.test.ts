import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import PostalMime, { type Email } from 'postal-mime';
import { composeMime, type Mail } from './compose-mime.js';
import { PreparedMail, type CommonMail, type OwnMail } from './prepared-mail.js';

const common = (change: Partial<CommonMail> = {}): CommonMail => ({
  unique: '0198f2a0',
  from: { name: 'Shop', address: 'news@shop.example' },
  replyTo: [{ name: '', address: 'help@shop.example' }],
  subject: 'Hello',
  fields: { 'List-Unsubscribe': null, 'List-Id': '<news.lists.shop.example>', 'X-Number': null },
  text: ['Hello ', '\n'],
  html: ['<p>Hello ', '</p>'],
  ...change,
});

const own = (change: Partial<OwnMail> = {}): OwnMail => ({
  to: [{ name: 'Ada', address: 'ada@example.com' }],
  subject: '',
  date: new Date('2026-11-22T09:41:00Z'),
  messageId: '0198f2a0.1@shop.example',
  fields: { 'List-Unsubscribe': '<https://shop.example/u/1>', 'X-Number': '1' },
  text: ['Ada'],
  html: ['Ada'],
  ...change,
});

const whole = (strings: readonly string[], content: readonly string[] | string) =>
  typeof content === 'string'
    ? content
    : strings.map((part, index) => part + (content[index] ?? '')).join('');

/** The same mail for `composeMime`. */
const finished = (shared: CommonMail, mail: OwnMail): Mail => ({
  from: shared.from,
  replyTo: shared.replyTo ?? [],
  ...mail,
  subject: shared.subject ?? mail.subject,
  fields: Object.fromEntries(
    Object.entries(shared.fields).map(([name, value]) => [name, value ?? mail.fields[name] ?? '']),
  ),
  text: whole(shared.text, mail.text),
  html: whole(shared.html, mail.html),
});

const encodings = (raw: Buffer) =>
  [...raw.toString('latin1').matchAll(/^Content-Transfer-Encoding: (.*)\r$/gm)].map(([, name]) => name);

/** All but the boundary. Where a part is not base64 postal-mime gives it with the line break before the boundary. */
async function read(raw: Buffer): Promise<Record<string, unknown>> {
  const { headers, text, html, attachments, ...email }: Email = await PostalMime.parse(raw);
  const [textEncoding, htmlEncoding] = encodings(raw);
  const content = (part: string | undefined, encoding: string | undefined) =>
    (part ?? '').replace(/\r\n?/g, '\n').replace(encoding === 'base64' ? /$^/ : /\n$/, '');
  return {
    ...email,
    headers: headers.map(({ key, value }) => [key, key === 'content-type' ? '' : value]),
    headerLines: undefined,
    text: content(text, textEncoding),
    html: content(html, htmlEncoding),
    attachments: attachments.length,
  };
}

function expectSound(raw: Buffer): void {
  const text = raw.toString('latin1');
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0\x80-\xff]/);
  expect(text.endsWith('--\r\n')).toBe(true);
  for (const line of text.split('\r\n')) {
    expect(line.length).toBeLessThanOrEqual(78);
    expect(line).not.toMatch(/^\.|^From /);
  }
  expect(text.match(/^--=_0198f2a0(?:--)?\r$/gm)).toHaveLength(3);
}

const hostile = fc
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
        'F',
        'rom ',
        '=',
        '=\n',
        '=3D',
        '--=_0198f2a0',
      ),
      fc.constantFrom(
        'ä',
        '你',
        '\u{1F600}',
        '\ud83d',
        '\ude00',
        'שלום',
        '<',
        '\u0001',
        'x'.repeat(75),
        'x'.repeat(500),
      ),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 8 },
  )
  // postal-mime takes U+FEFF at the beginning for a byte order mark.
  .map((parts) => parts.join('').replaceAll(/[\0\ufeff]/g, ''));
/** Strings and the values between them. */
const part = fc.array(fc.tuple(hostile, hostile), { maxLength: 4 }).chain((pairs) =>
  hostile.map((last) => ({
    strings: [...pairs.map(([string]) => string), last],
    values: pairs.map(([, value]) => value),
  })),
);
/** Of a script that goes as base64, cut at every place of its groups. */
const foreign = fc
  .array(fc.tuple(fc.string({ unit: fc.constantFrom('я', 'a', '你', '\n') }), hostile), { maxLength: 4 })
  .map((pairs) => ({
    strings: [...pairs.map(([string]) => string), 'Здравствуйте, ваш заказ отправлен.\n'.repeat(5)],
    values: pairs.map(([, value]) => value),
  }));
const line = hostile.map((text) => text.replaceAll(/[\r\n]/g, '').toWellFormed());

describe('a prepared mail', () => {
  test('reads as what composeMime makes of the whole, whatever stands at the joins', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(part, foreign),
        fc.oneof(part, foreign),
        line,
        line,
        fc.boolean(),
        async (text, html, subject, name, isSubjectOwn) => {
          const shared = common({
            text: text.strings,
            html: html.strings,
            subject: isSubjectOwn ? null : subject,
          });
          const mail = own({
            text: text.values,
            html: html.values,
            subject,
            to: [{ name, address: 'ada@example.com' }],
          });
          const raw = new PreparedMail(shared).compose(mail);
          expectSound(raw);
          expect(await read(raw)).toEqual(await read(composeMime(finished(shared, mail))));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('octet by octet', () => {
    const raw = new PreparedMail(
      common({ text: ['Hello ', ',\n\nnews:\n', '\n'], html: ['<p class="a">', '</p>'] }),
    ).compose(own({ text: ['Zoë', 'https://shop.example/?a=1'], html: ['Zo&euml;'] }));
    expect(raw.toString('latin1').split('\r\n')).toEqual([
      'From: Shop <news@shop.example>',
      'To: Ada <ada@example.com>',
      'Reply-To: help@shop.example',
      'Subject: Hello',
      'Date: Sun, 22 Nov 2026 09:41:00 +0000',
      'Message-ID: <0198f2a0.1@shop.example>',
      'List-Unsubscribe: <https://shop.example/u/1>',
      'List-Id: <news.lists.shop.example>',
      'X-Number: 1',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative;',
      ' boundary="=_0198f2a0"',
      '',
      '--=_0198f2a0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Hello=20=',
      'Zo=C3=AB=',
      ',',
      '',
      'news:',
      'https://shop.example/?a=3D1',
      '',
      '--=_0198f2a0',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<p class=3D"a">=',
      'Zo&euml;=',
      '</p>',
      '--=_0198f2a0--',
      '',
    ]);
  });

  test.each<[string, string[], string[], string]>([
    ['nothing around a value', ['', ''], ['a'], 'a'],
    ['an empty value', ['a', 'b'], [''], 'a=\r\nb'],
    ['nothing at all', ['', '', ''], ['', ''], ''],
    ['a value that ends a line', ['a', 'b'], ['x\n'], 'a=\r\nx\r\nb'],
    ['a string that begins with a line break', ['a', '\nb'], ['x '], 'a=\r\nx=20\r\nb'],
    ['a string that ends a line', ['a\n', 'b'], ['x'], 'a\r\nx=\r\nb'],
    ['a value that is a line break', ['a', 'b'], ['\n'], 'a\r\nb'],
    ['a space before and after', ['a ', ' b'], ['x'], 'a=20=\r\nx=\r\n b'],
    ['a space at the end of a value', ['a', ''], ['x '], 'a=\r\nx=20'],
    ['a dot', ['a', '.b'], ['.'], 'a=\r\n=2E=\r\n=2Eb'],
    ['From at the beginning of a piece', ['a', 'From b'], ['From '], 'a=\r\n=46rom=20=\r\n=46rom b'],
    ['From in two pieces', ['\nFr', ' b'], ['om'], '\r\nFr=\r\nom=\r\n b'],
    ['an equals sign', ['a', '='], ['='], 'a=\r\n=3D=\r\n=3D'],
    [
      '75 characters',
      ['x'.repeat(75), 'b'],
      ['y'.repeat(75)],
      `${'x'.repeat(75)}=\r\n${'y'.repeat(75)}=\r\nb`,
    ],
    ['a CRLF in two pieces', ['a\r', '\nb'], [''], 'a\r\nb'],
    ['a value that ends with CR', ['a', '\nb'], ['x\r'], 'ax\r\nb'],
    [
      'a surrogate pair in two pieces',
      ['\ud83d', 'x'.repeat(30)],
      ['\ude00'],
      `=F0=9F=98=80${'x'.repeat(30)}`,
    ],
    ['half a surrogate pair', ['a', 'b'.repeat(30)], ['\ud83d'], `a=EF=BF=BD${'b'.repeat(30)}`],
  ])('joins %s', (_, strings, values, encoded) => {
    const html = new PreparedMail(common({ html: strings }))
      .compose(own({ html: values }))
      .toString('latin1');
    const [, body] = /text\/html[^]*?\r\n\r\n([^]*)\r\n--=_0198f2a0--\r\n$/.exec(html) ?? [];
    // Short ASCII goes as 7bit where it could not be cut.
    expect(body).toBe(encoded);
  });

  test('a part that is mostly not Latin goes as base64', async () => {
    const shared = common({ text: ['Здравствуйте, ', '!\n'], html: ['您好，', '。'] });
    const mail = own({ text: ['Анна'], html: ['李'] });
    const raw = new PreparedMail(shared).compose(mail);
    expect(encodings(raw)).toEqual(['base64', 'base64']);
    expect(await read(raw)).toMatchObject({ text: 'Здравствуйте, Анна!\n', html: '您好，李。' });
  });

  test('a part may be another one as a whole', async () => {
    const raw = new PreparedMail(common()).compose(own({ text: 'Something else' }));
    expect(await read(raw)).toMatchObject({ text: 'Something else', html: '<p>Hello Ada</p>' });
  });

  test('each mail is its own copy, with its own second', () => {
    const mail = new PreparedMail(common());
    const first = mail.compose(own());
    const before = first.toString('latin1');
    const second = mail.compose(own({ date: new Date('2026-11-22T09:41:01.900Z'), html: ['y'.repeat(500)] }));
    expect(first.toString('latin1')).toBe(before);
    expect(before).toContain('\r\nDate: Sun, 22 Nov 2026 09:41:00 +0000\r\n');
    expect(second.toString('latin1')).toContain('\r\nDate: Sun, 22 Nov 2026 09:41:01 +0000\r\n');
  });

  test('may be larger than the memory that is kept', async () => {
    const html = ['ä b of ASCII\n'.repeat(10_000), 'c'];
    const shared = common({ html });
    const raw = new PreparedMail(shared).compose(own());
    expectSound(raw);
    expect(await read(raw)).toEqual(await read(composeMime(finished(shared, own()))));
  });

  test.each<[Partial<CommonMail>, Partial<OwnMail>, string]>([
    [{ html: ['a\0', 'b'] }, {}, 'The text/html part holds NUL'],
    [{}, { text: ['\0'] }, 'The text/plain part holds NUL'],
    [{ from: { name: 'a\rb', address: 'a@b.example' } }, {}, 'From holds a line break or NUL'],
    [{ subject: 'a\nBcc: b@c.example' }, {}, 'Subject holds a line break or NUL'],
    [{ subject: null }, { subject: 'a\nBcc: b@c.example' }, 'Subject holds a line break or NUL'],
    [{}, { to: [{ name: 'a\nb', address: 'a@b.example' }] }, 'To holds a line break or NUL'],
    [{}, { fields: { 'X-Number': '1' } }, 'List-Unsubscribe must be printable ASCII'],
  ])('%j, %j is refused', (shared, mail, problem) =>
    expect(() => new PreparedMail(common(shared)).compose(own(mail))).toThrow(problem),
  );
});
