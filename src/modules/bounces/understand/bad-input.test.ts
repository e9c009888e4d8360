import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { growth } from '../../../../test/support/growth.js';
import { understandBounce } from './index.js';

const MEGABYTE = 1_048_576;
const head =
  'From: MAILER-DAEMON@mx.example.com\r\nTo: b.k3v9x@bounces.shop.example\r\nSubject: Undelivered Mail\r\n';
const status = [
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; mx.example.com',
  '',
  'Final-Recipient: rfc822; one@example.com',
  'Action: failed',
  'Status: 5.1.1',
  '',
].join('\r\n');
const report = `${head}Content-Type: multipart/report; report-type=delivery-status; boundary=b1\r\n\r\n--b1\r\n${status}\r\n`;

const zipHead = 'Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n';
const deep = (levels: number): string =>
  Array.from(
    { length: levels },
    (_, at) => `Content-Type: multipart/mixed; boundary=n${at}\r\n\r\n--n${at}\r\n`,
  ).join('');

/** About as many octets of it. */
const filled = (start: string, unit: string, octets: number): Buffer =>
  Buffer.from(start + unit.repeat(Math.max(1, Math.round(octets / unit.length))), 'latin1');

describe('mail that means ill, or is broken', () => {
  test.each<[what: string, of: (octets: number) => Buffer]>([
    ['text', (octets) => filled(`${head}\r\n`, 'could not be delivered ', octets)],
    ['one line', (octets) => filled(`${head}\r\n`, 'a', octets)],
    ['addresses', (octets) => filled(`${head}\r\n`, '<one@example.com>: 550 ', octets)],
    ['lines with addresses', (octets) => filled(`${head}\r\n`, '<one@example.com>: 550 no\r\n', octets)],
    ['fields', (octets) => filled(head, 'X-A: b\r\n', octets)],
    ['a field that never ends', (octets) => filled(`${head}X-Long: `, 'a ', octets)],
    ['a field folded for ever', (octets) => filled(`${head}X-Long: a\r\n`, ' a\r\n', octets)],
    ['levels of parts', (octets) => Buffer.from(head + deep(Math.round(octets / 60)))],
    [
      'parts',
      (octets) =>
        filled(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n`, '--b\r\n\r\nx\r\n', octets),
    ],
    [
      'mails in mails',
      (octets) => filled(head, 'Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\n', octets),
    ],
    ['a zip', (octets) => filled(`${report}--b1\r\n${zipHead}`, 'UEsDBBQAAAAIAA', octets)],
    [
      'tags that never close',
      (octets) => filled(`${head}Content-Type: text/html\r\n\r\n`, '<style ', octets),
    ],
    [
      'style that never closes',
      (octets) => filled(`${head}Content-Type: text/html\r\n\r\n`, '<style>', octets),
    ],
    ['quoted lines', (octets) => filled(`${head}\r\n`, '> ', octets)],
    ['dashes', (octets) => filled(`${head}\r\n`, '-', octets)],
    ['lines of dashes', (octets) => filled(`${head}\r\n`, '----\r\n', octets)],
    ['encoded words', (octets) => filled(`${head}Subject: `, '=?utf-8?B?', octets)],
    [
      'recipients',
      (octets) => filled(report, 'Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n', octets),
    ],
  ])('%s without end cost no square of their length, and from a megabyte on nothing', (_, of) => {
    const reading = (octets: number) => {
      const raw = of(octets);
      return () => understandBounce(raw);
    };
    // Sixteen times as much, then eight: a square of it would be 256 and 64. Between the two V8 keeps such texts in another way.
    expect(growth(reading(4_096), reading(65_536))).toBeLessThan(128);
    expect(growth(reading(131_072), reading(MEGABYTE))).toBeLessThan(48);
    const eight = of(8 * MEGABYTE);
    expect(understandBounce(eight)).toEqual(understandBounce(eight.subarray(0, MEGABYTE)));
    // What is kept of it is bounded too.
    expect(JSON.stringify(understandBounce(of(MEGABYTE))).length).toBeLessThan(400_000);
  });

  test('what stands before a zip of 15 MB is read', () => {
    const { recipients } = understandBounce(
      filled(`${report}--b1\r\n${zipHead}`, 'UEsDBBQAAAAIAA', 15 * MEGABYTE),
    );
    expect(recipients).toMatchObject([{ address: 'one@example.com', hard: true }]);
  });

  test('cut anywhere, it is read as far as it goes', () => {
    const whole = Buffer.from(report);
    for (let length = 0; length <= whole.length; length += 1) {
      const { recipients } = understandBounce(whole.subarray(0, length));
      expect(recipients.every(({ hard, reason }) => !hard || reason === 'user_unknown')).toBe(true);
    }
    expect(understandBounce(whole).recipients).toMatchObject([{ hard: true }]);
  });

  test.each(['utf-99', 'x-unknown', 'utf-16', 'iso-2022-kr', '"', 'utf-8; x=1'])(
    'charset %s is no reason to fail',
    (name) => {
      const raw = Buffer.from(
        `${head}Content-Type: text/plain; charset=${name}\r\n\r\n<one@example.com>: 550 5.1.1 User unknown\r\n\xE4\xFF`,
        'latin1',
      );
      expect(understandBounce(raw).kind).toBe('bounce');
    },
  );

  test('any bytes get an answer', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\r\n\r\n',
        '--b1',
        '--b1--',
        'Content-Type: ',
        'message/delivery-status',
        'multipart/mixed; boundary=b1',
      ),
      fc.constantFrom(
        'Final-Recipient: rfc822; ',
        'Status: 5.1.1',
        'a@b.example',
        '<',
        '>',
        ': ',
        '550 ',
        '{"notificationType":"Bounce"',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        expect(understandBounce(Buffer.from(head + pieces.join(''))).recipients).toBeInstanceOf(Array);
      }),
      { numRuns: 500 },
    );
  });
});
