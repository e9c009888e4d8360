import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { base64, NOT_7BIT, quotedPrintable, sevenBit, type Encoder } from './transfer-encoding.js';

function encode(encoder: Encoder, text: string): string | undefined {
  const source = Buffer.from(text);
  const target = Buffer.alloc(4 * source.length);
  const end = encoder(source, target, 0);
  return end === NOT_7BIT ? undefined : target.toString('latin1', 0, end);
}

const crlf = (text: string) => text.toWellFormed().replace(/\r\n?|\n/g, '\r\n');

function decodeQuotedPrintable(encoded: string): string {
  const joined = encoded.replaceAll('=\r\n', '');
  const octets = joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(octets, 'latin1').toString();
}

const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r\n',
        '\r',
        ' ',
        '\t',
        '.',
        'From ',
        '=',
        '--=_',
        'ä',
        '你',
        '\u{1F600}',
        'שלום',
      ),
      fc.constantFrom('x'.repeat(74), 'x'.repeat(75), 'x'.repeat(76), 'x'.repeat(77), 'x'.repeat(2_000)),
      fc.string({ unit: 'binary' }),
      fc.string(),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''));

describe('quoted-printable', () => {
  test('gives back every text, in ASCII lines of at most 76 that nobody under way would change', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const encoded = encode(quotedPrintable, text) as string;
        expect(decodeQuotedPrintable(encoded)).toBe(crlf(text));
        for (const line of encoded.split('\r\n')) {
          expect(line).toMatch(/^(?!\.|From )[\t\x20-\x7e]{0,76}$/);
          expect(line).not.toMatch(/[\t ]$/);
          expect(line.replaceAll(/=([0-9A-F]{2}|$)/g, '')).not.toContain('=');
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['', ''],
    ['\n', '\r\n'],
    ['a=b', 'a=3Db'],
    ['Grüße', 'Gr=C3=BC=C3=9Fe'],
    ['a \nb\t', 'a=20\r\nb=09'],
    ['.\n..a', '=2E\r\n=2E.a'],
    ['From me\nFroma', '=46rom me\r\nFroma'],
    ['\u0001\u007f', '=01=7F'],
    ['x'.repeat(76), `${'x'.repeat(75)}=\r\nx`],
    // The escaped space does not fit behind what is there already.
    [`${'x'.repeat(74)} `, `${'x'.repeat(74)}=\r\n=20`],
    // What is risky at the beginning of a line is so after a soft break too.
    [`${'x'.repeat(75)}.`, `${'x'.repeat(75)}=\r\n=2E`],
  ])('%j', (text, encoded) => expect(encode(quotedPrintable, text)).toBe(encoded));
});

describe('7bit', () => {
  test.each(['', 'a', 'a\n', '\n\n', 'a = b\n\tc', 'x'.repeat(78), 'a\rb\r\nc'])('%j as it is', (text) =>
    expect(encode(sevenBit, text)).toBe(crlf(text)),
  );

  test.each([
    'ä',
    'x'.repeat(79),
    'a ',
    'a\t\nb',
    '.',
    'a\n.b',
    'From a',
    'a\nFrom b',
    '\u0001',
    '--=_x',
    'a\n--=_',
  ])('%j is not for it', (text) => expect(encode(sevenBit, text)).toBeUndefined());

  test('changes nothing but line breaks, or does not take the text', () => {
    fc.assert(fc.property(anyText, (text) => [undefined, crlf(text)].includes(encode(sevenBit, text))));
  });
});

test('base64 gives back every text, in lines of at most 76', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const encoded = encode(base64, text) as string;
      expect(Buffer.from(encoded, 'base64').toString()).toBe(crlf(text));
      for (const line of encoded.split('\r\n')) expect(line).toMatch(/^[\w+/]{0,76}={0,2}$/);
      expect(encoded).not.toMatch(/\r\n$/);
    }),
  );
});
