import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { attachedFile, attachments } from './attachment.schemas.js';
import { mayBe, programIn } from './file-content.js';
import { runnableEnding, safeFileName } from './file-name.js';

describe('the name of a file', () => {
  test.each([
    ['Rechnung № 1.pdf', 'Rechnung № 1.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\bill.pdf', 'bill.pdf'],
    ['bill\r\nBcc: x@example.com.pdf', 'billBcc_ x@example.com.pdf'],
    ['bill\u202Efdp.txt', 'billfdp.txt'],
    ['bill\u2028.pdf', 'bill.pdf'],
    ['a "quoted" <name>?.pdf', 'a _quoted_ _name__.pdf'],
    ['bill.pdf . .', 'bill.pdf'],
    ['half \ud800.pdf', 'half \ufffd.pdf'],
    ['...', ''],
    ['\u200b', ''],
  ])('%j → %j', (given, safe) => expect(safeFileName(given)).toBe(safe));

  test('is cut in the middle, within what file systems take', () => {
    const name = safeFileName(`${'ü'.repeat(900)}.pdf`);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(240);
    expect(name).toMatch(/^ü+\.pdf$/);
  });

  test.each([
    ['bill.pdf.exe', 'exe'],
    ['Bill.EXE', 'exe'],
    ['bill.exe. ', 'exe'],
    ['bill\u202Efdp.exe', 'exe'],
    ['.scr', 'scr'],
    ['bill.exe.pdf', undefined],
    ['exe', undefined],
    ['notes.example', undefined],
  ])('%j ends in what a double click runs: %j', (name, ending) => expect(runnableEnding(name)).toBe(ending));
});

describe('what is in a file', () => {
  test.each<[string, Buffer, string | undefined]>([
    ['a program for Windows', Buffer.from('MZ\x90\x00\x03\x00', 'latin1'), 'a program for Windows'],
    ['a text that begins with MZ', Buffer.from('MZ is a country code of nobody'), undefined],
    ['a program for Linux', Buffer.from('\x7fELF\x02\x01', 'latin1'), 'a program for Linux'],
    ['a script', Buffer.from('#!/bin/sh\n'), 'a script'],
    ['a shell script further down', Buffer.from('Hello\n#!/bin/sh\n'), undefined],
    ['a PDF', Buffer.from('%PDF-1.7\n'), undefined],
    ['an archive of texts', zip(['readme.txt', 'folder/bill.pdf']), undefined],
    ['an archive with a program', zip(['readme.txt', 'folder/bill.pdf.exe']), 'an archive with a .exe file'],
    ['one whose name is turned round', zip(['bill\u202Efdp.exe']), 'an archive with a .exe file'],
    [
      'one that pretends to have no directory',
      zip(['a.exe'], 'PK\x05\x06'.padEnd(22, '\0')),
      'an archive with a .exe file',
    ],
    [
      'one with something before it',
      Buffer.concat([Buffer.from('GIF89a'), zip(['a.js'])]),
      'an archive with a .js file',
    ],
    ['one within another', zip(['inner.zip'], '', zip(['a.exe'])), 'an archive with a .exe file'],
    ['one that is cut off', zip(['a.txt']).subarray(0, 20), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ])('%s', (_, content, program) => expect(programIn(content)).toBe(program));

  test.each<[string, string, boolean]>([
    ['application/pdf', '\n\n%PDF-1.4', true],
    ['application/pdf', 'JVBERi0xLjQK', false],
    ['image/png', '\x89PNG\r\n\x1a\n', true],
    ['image/png', 'GIF89a', false],
    ['text/plain', 'anything', true],
  ])('%s may be %j: %s', (type, content, answer) =>
    expect(mayBe(type, Buffer.from(content, 'latin1'))).toBe(answer),
  );
});

const problemsOf = (value: unknown) =>
  attachedFile.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ??
  [];

test.each([
  ['aGk=', []],
  ['aGk', []],
  ['aG k\r\n=', []],
  ['aGk==', ['content: is not base64']],
  ['a*k=', ['content: is not base64']],
  ['-_-_', ['content: is not base64']],
  ['data:text/plain;base64,aGk=', ['content: is not base64']],
  ['  ', ['content: is empty']],
  ['==', ['content: is not base64']],
])('content %j', (content, problems) => expect(problemsOf({ filename: 'a.txt', content })).toEqual(problems));

test('a name, a type and a program inside are refused at the field that says them', () => {
  expect(problemsOf({ filename: 'a.exe', content: 'aGk=' })).toEqual([
    expect.stringMatching(/^filename: ends in \.exe/),
  ]);
  expect(problemsOf({ filename: 'a.pdf', content: 'aGk=' })).toEqual([
    expect.stringMatching(/^content: says application\/pdf/),
  ]);
  const archive = zip(['a.exe']).toString('base64');
  expect(problemsOf({ filename: 'a.zip', content: archive })).toEqual([
    expect.stringMatching(/^content: is an archive/),
  ]);
  const message = { filename: 'a.eml', content: 'aGk=', contentType: 'message/rfc822' };
  expect(problemsOf(message)).toEqual([expect.stringMatching(/^contentType: /)]);
  const broken = { filename: 'a.txt', content: 'aGk=', contentType: 'text/plain\r\nX-A: b' };
  expect(problemsOf(broken)).toEqual(['contentType: is not a media type, such as application/pdf']);
});

test('files of one mail: how many, how large together, and each with an id of its own', () => {
  const file = (filename: string, octets = 2, contentId?: string) => ({
    filename,
    content: Buffer.alloc(octets, 65).toString('base64'),
    ...(contentId !== undefined && { contentId }),
  });
  const first = (files: unknown[]) => attachments.safeParse(files).error?.issues[0]?.message;
  expect(first(Array.from({ length: 20 }, (_, index) => file(`${index}.txt`)))).toBeUndefined();
  expect(first(Array.from({ length: 21 }, (_, index) => file(`${index}.txt`)))).toMatch(/20/);
  expect(first([file('a.txt', 6_000_000), file('b.txt', 6_000_000)])).toMatch(/^have 11\.4 MB together/);
  expect(first([file('a.txt', 2, 'logo'), file('b.txt', 2, 'logo')])).toBe('is that of another file');
});

/** A stored (not compressed) ZIP archive. */
function zip(names: readonly string[], comment = '', data: Buffer = Buffer.from('hi')): Buffer {
  const heads: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const name of names.map((text) => Buffer.from(text))) {
    const facts = Buffer.alloc(12);
    facts.writeUInt32LE(crc32(data), 0);
    facts.writeUInt32LE(data.length, 4);
    facts.writeUInt32LE(data.length, 8);
    const head = Buffer.concat([
      Buffer.from('PK\x03\x04\x14\0\0\0\0\0\0\0\0\0', 'latin1'),
      facts,
      lengths(name),
      name,
      data,
    ]);
    const where = Buffer.alloc(4);
    where.writeUInt32LE(at);
    heads.push(head);
    directory.push(
      Buffer.from('PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0', 'latin1'),
      facts,
      lengths(name),
      Buffer.alloc(10),
      where,
      name,
    );
    at += head.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(names.length, 8);
  end.writeUInt16LE(names.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...heads, entries, end, Buffer.from(comment, 'latin1')]);
}

/** Of the name, and of the extra fields that there are none of. */
function lengths(name: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt16LE(name.length);
  return length;
}
