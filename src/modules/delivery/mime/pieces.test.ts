import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Base64Pieces, QuotedPrintablePieces, type Pieces } from './pieces.js';

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '',
        'a',
        'bc',
        'я',
        '你',
        '\u{1F600}',
        '\n',
        '\r\n',
        ' ',
        '.',
        'From ',
        '=',
        'x'.repeat(100),
      ),
      fc.string({ unit: 'grapheme' }),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join('').replaceAll(/\r$/g, ''));
const part = fc.array(fc.tuple(text, text), { maxLength: 6 }).chain((pairs) =>
  text.map((last) => ({
    strings: [...pairs.map(([string]) => string), last],
    values: pairs.map(([, value]) => value),
    whole: pairs.flat().join('') + last,
  })),
);

function written(pieces: Pieces, values: readonly string[]): string {
  const target = Buffer.alloc(2 ** 16, 'x');
  const at = target.write('\r\n\r\n');
  return target.toString('latin1', at, pieces.write(target, at, values));
}

const crlf = (whole: string) => whole.replace(/\r\n?|\n/g, '\r\n');

test('base64 in pieces is base64 of the whole: one run of groups, padded at its end only', () => {
  fc.assert(
    fc.property(part, ({ strings, values, whole }) => {
      const encoded = written(new Base64Pieces(strings), values);
      for (const line of encoded.split('\r\n').slice(0, -1)) expect(line).toMatch(/^[\w+/]{1,76}$/);
      expect(encoded.replaceAll('\r\n', '')).toBe(Buffer.from(crlf(whole)).toString('base64'));
    }),
    { numRuns: 1_000 },
  );
});

test('quoted-printable in pieces gives back the whole, in lines of at most 76', () => {
  fc.assert(
    fc.property(part, ({ strings, values, whole }) => {
      const encoded = written(new QuotedPrintablePieces(strings), values);
      for (const line of encoded.split('\r\n')) expect(line).toMatch(/^(?!\.|From )[ -~]{0,76}(?<! )$/);
      const octets = encoded
        .replaceAll('=\r\n', '')
        .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      expect(Buffer.from(octets, 'latin1').toString()).toBe(crlf(whole));
      expect(encoded).not.toMatch(/=\r\n$/);
    }),
    { numRuns: 1_000 },
  );
});
