import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressParser, decodeWords } from 'postal-mime';
import { dateField, mailboxField, messageIdField, readyField, textField } from './header-field.js';

const unfolded = (field: string) => field.replaceAll('\r\n', '').replace(/^[^:]+: ?/, '');

/** postal-mime takes U+FEFF at the beginning for a byte order mark. */
const line = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ' ',
        '  ',
        '\t',
        '=?',
        '?=',
        '=?UTF-8?Q?a?=',
        '"',
        '\\',
        ',',
        '<x@evil.example>',
        '(',
        ';',
        ':',
      ),
      fc.constantFrom('ä', '你', '\u{1F600}', 'שלום', '\u0001', 'word', '.', '_', 'x'.repeat(70)),
      fc.string({ unit: 'grapheme' }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join('').replaceAll(/[\r\n\0\ufeff]/g, ''));

function expectFolded(field: string): void {
  expect(field.endsWith('\r\n')).toBe(true);
  const lines = field.slice(0, -2).split('\r\n');
  for (const [at, one] of lines.entries()) {
    expect(one).toMatch(at === 0 ? /^[\w-]+:(?: [!-~]|$)[ -~]*$/ : /^ [!-~][ -~]*$/);
    expect(one.length).toBeLessThanOrEqual(76);
    for (const word of one.match(/=\?UTF-8\?[^ ]*/g) ?? []) expect(word.length).toBeLessThanOrEqual(75);
  }
}

describe('text fields', () => {
  test('give back every subject, in folded ASCII lines', () => {
    fc.assert(
      fc.property(line, (text) => {
        const field = textField('Subject', text);
        expectFolded(field);
        expect(decodeWords(unfolded(field))).toBe(text.toWellFormed());
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['', 'Subject:\r\n'],
    ['Your order 1001 has shipped', 'Subject: Your order 1001 has shipped\r\n'],
    ['Frühjahrsangebot', 'Subject: =?UTF-8?Q?Fr=C3=BChjahrsangebot?=\r\n'],
    ['你好', 'Subject: =?UTF-8?B?5L2g5aW9?=\r\n'],
    ['two  spaces', 'Subject: =?UTF-8?Q?two__spaces?=\r\n'],
    ['=?UTF-8?Q?a?=', 'Subject: =?UTF-8?B?PT9VVEYtOD9RP2E/PQ==?=\r\n'],
    [
      `${'word '.repeat(15)}end`,
      'Subject: word word word word word word word word word word word word word\r\n word word end\r\n',
    ],
  ])('%j', (text, field) => expect(textField('Subject', text)).toBe(field));

  test('a character is whole in its word', () => {
    const words = textField('Subject', '\u{1F600}'.repeat(40)).match(/=\?UTF-8\?B\?[^?]+\?=/g) ?? [];
    expect(words.length).toBeGreaterThan(1);
    for (const word of words) expect(decodeWords(word)).toMatch(/^(?:\u{1F600})+$/u);
  });
});

describe('mailboxes', () => {
  test('give back every name with its address, and nobody else', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (names) => {
        const mailboxes = names.map((name, at) => ({
          name: name.toWellFormed(),
          address: `a${at}@shop.example`,
        }));
        const field = mailboxField('To', mailboxes);
        expectFolded(field);
        expect(addressParser(unfolded(field))).toEqual(mailboxes);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['', 'ada@example.com'],
    ['Ada Lovelace', 'Ada Lovelace <ada@example.com>'],
    ['Lovelace, Ada', '"Lovelace, Ada" <ada@example.com>'],
    ['Ada "the first" L.', '"Ada \\"the first\\" L." <ada@example.com>'],
    ['Ådå', '=?UTF-8?B?w4Vkw6U=?= <ada@example.com>'],
  ])('%j', (name, value) =>
    expect(mailboxField('To', [{ name, address: 'ada@example.com' }])).toBe(`To: ${value}\r\n`),
  );

  test('domains are A-labels; a local part outside ASCII stays (RFC 6532)', () => {
    expect(mailboxField('To', [{ name: '', address: 'info@münchen.de' }])).toBe(
      'To: info@xn--mnchen-3ya.de\r\n',
    );
    expect(mailboxField('To', [{ name: '', address: 'jörg@example.com' }])).toBe('To: jörg@example.com\r\n');
  });

  test('nobody is no field', () => expect(mailboxField('Cc', [])).toBe(''));

  test.each([
    '',
    'ada',
    '@example.com',
    'a b@example.com',
    'a<b@example.com',
    'a,b@example.com',
    'a@b c',
    'a@b\tc',
    'a@b>',
    'a@b/c',
    'a@',
  ])('the address %j is refused', (address) =>
    expect(() => mailboxField('Reply-To', [{ name: '', address }])).toThrow(/^Reply-To holds an address/),
  );
});

describe('a line break or NUL is refused by the name of its field', () => {
  const bad = ['a\rb', 'a\nBcc: evil@example.com', 'a\r\n\r\nbody', 'a\0'];
  test.each(bad)('%j', (value) => {
    expect(() => textField('Subject', value)).toThrow('Subject holds a line break or NUL');
    expect(() => mailboxField('Cc', [{ name: value, address: 'a@b.example' }])).toThrow(
      'Cc holds a line break or NUL',
    );
    expect(() => mailboxField('To', [{ name: '', address: `${value}@b.example` }])).toThrow(
      'To holds a line break',
    );
    expect(() => mailboxField('To', [{ name: '', address: `a@${value}.example` }])).toThrow(
      'To holds a line break',
    );
    expect(() => messageIdField(`${value}@b.example`)).toThrow('Message-ID');
    expect(() => readyField('List-Id', value)).toThrow('List-Id holds a line break or NUL');
    expect(() => readyField(value, 'value')).toThrow('is not a field name');
  });
});

describe('finished fields', () => {
  test('are folded at spaces', () => {
    const long = 'x'.repeat(90);
    expect(readyField('X-Long', `<${long}> ${long} end`)).toBe(`X-Long: <${long}>\r\n ${long}\r\n end\r\n`);
  });

  test.each(['ä', ' a', 'a ', '', '\t'])('%j is refused', (value) =>
    expect(() => readyField('X-Field', value)).toThrow('X-Field must be printable ASCII'),
  );

  test('keep their spaces, and have no line that is all white space', () => {
    const value = `"two  spaces ${'x'.repeat(62)}   and more${' '.repeat(100)}end" <id>`;
    const lines = readyField('List-Id', value).split('\r\n');
    expect(lines.join('')).toBe(`List-Id: ${value}`);
    expect(lines).toHaveLength(5);
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/[!-~]$/);
  });

  test('no line has more than 998 octets', () => {
    expect(() => readyField('X-Long', 'x'.repeat(990))).not.toThrow();
    expect(() => readyField('X-Long', 'x'.repeat(991))).toThrow(
      'X-Long has a word that makes a line of more than 998',
    );
  });
});

test('Date and Message-ID', () => {
  expect(dateField(new Date('2026-11-02T03:04:05.678Z'))).toBe('Date: Mon, 02 Nov 2026 03:04:05 +0000\r\n');
  expect(messageIdField('a.1@shop.example')).toBe('Message-ID: <a.1@shop.example>\r\n');
  expect(() => messageIdField('<a@b>')).toThrow('Message-ID');
});
