import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findColumns } from './columns.js';
import { readHeader } from './header.js';
import { readRecords } from './records.js';
import { toUtf8 } from './utf8.js';

async function* pieces(octets: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}

async function decoded(octets: Buffer, size: number): Promise<string> {
  const found: Buffer[] = [];
  for await (const piece of toUtf8(pieces(octets, size))) found.push(piece);
  return Buffer.concat(found).toString('utf8');
}

const text = 'email;name\nä@example.com;Zoë 😀\n';
const bigEndian = Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();

test.each([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${text}`)],
  ['UTF-16, little-endian', Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['UTF-16, big-endian', bigEndian],
])('%s is read, wherever the network cuts it', async (_, octets) => {
  for (const size of [1, 2, 3, 5, 7, 1000]) expect(await decoded(octets, size)).toBe(text);
});

test('any text comes out as it went in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 9 }), async (said, size) => {
      const file = `email${said}`;
      expect(await decoded(Buffer.from(file), size)).toBe(Buffer.from(file).toString('utf8'));
    }),
  );
});

test.each([1, 4, 1000])(
  'another encoding is refused with the line of its first octet, in pieces of %i',
  async (size) => {
    const file = Buffer.from(
      'email,name\na@example.com,A\nb@example.com,Bj\xf6rn\nc@example.com,C\xe4\n',
      'latin1',
    );
    await expect(decoded(file, size)).rejects.toThrow(/^line 3 is not UTF-8/);
    // A character that the end cuts off.
    await expect(decoded(Buffer.from('email\na\xc3', 'latin1'), size)).rejects.toThrow(
      /^line 2 is not UTF-8/,
    );
  },
);

test('UTF-16 without its mark, and what is damaged, are refused', async () => {
  await expect(decoded(Buffer.from(text, 'utf16le'), 100)).rejects.toThrow('begins with a NUL');
  const half = Buffer.concat([Buffer.from('\uFEFFa', 'utf16le'), Buffer.from([0x00, 0xd8])]);
  await expect(decoded(half, 100)).rejects.toThrow('is damaged');
});

test.each([
  ['email,name\na;b,c', ',', ['email', 'name']],
  ['email;"last, first, middle"\r\nx', ';', ['email', 'last, first, middle']],
  ['email\t name \n', '\t', ['email', 'name']],
  ['email', ',', ['email']],
])('the header of %j', (start, delimiter, names) => {
  expect(readHeader(start)).toEqual({ delimiter, names });
});

test('columns are found under their usual names, or as they are said', () => {
  const none = { attributes: [] };
  expect(findColumns(['Email Address', 'NAME', 'x'], none)).toMatchObject({
    email: 'Email Address',
    name: 'NAME',
  });
  expect(findColumns(['a', 'b', 'c', ''], { email: 'b', attributes: ['*'] }).attributes).toEqual(['a', 'c']);
  expect(() => findColumns(['a', 'b'], none)).toThrow('the header has "a", "b"');
  expect(() => findColumns(['email'], { attributes: ['city'] })).toThrow('there is no column "city"');
  expect(() => findColumns(['email', 'email'], none)).toThrow('several columns "email"');
});

async function recordsOf(file: string, size: number): Promise<string[][]> {
  const found: string[][] = [];
  for await (const { records } of readRecords(pieces(Buffer.from(file), size), ',')) found.push(...records);
  return found;
}

test.each([1, 3, 10_000])('quotes, and line breaks in them, in pieces of %i', async (size) => {
  const file = 'a,b\r\n"x\ny","say ""ho"""\r\n5" disc,\r\nlast,line';
  expect(await recordsOf(file, size)).toEqual([
    ['a', 'b'],
    ['x\ny', 'say "ho"'],
    ['5" disc', ''],
    ['last', 'line'],
  ]);
});

test('a quote that is never closed, and a field of a megabyte, are said with their line', async () => {
  await expect(recordsOf('a,b\n1,"x\n2,y\n', 1000)).rejects.toThrow(/never closed/);
  await expect(recordsOf(`a,b\n1,${'x'.repeat(1_100_000)}\n`, 65_536)).rejects.toThrow(
    /line 2 is larger than 1 MB/,
  );
});
