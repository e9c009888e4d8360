import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
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

/** What it costs, so that nobody can stop us with one mail. */
function cost(raw: Buffer): {
  milliseconds: number;
  heap: number;
  result: ReturnType<typeof understandBounce>;
} {
  const heap = process.memoryUsage().heapUsed;
  // Of this thread alone: at the end of a whole run the collector's threads took 3 s meanwhile.
  const before = process.threadCpuUsage();
  const result = understandBounce(raw);
  const { user, system } = process.threadCpuUsage(before);
  return { milliseconds: (user + system) / 1_000, heap: process.memoryUsage().heapUsed - heap, result };
}

const zip = Buffer.alloc(15 * MEGABYTE, 'UEsDBBQAAAAIAA').toString('latin1');
const deep = (levels: number): string =>
  Array.from(
    { length: levels },
    (_, at) => `Content-Type: multipart/mixed; boundary=n${at}\r\n\r\n--n${at}\r\n`,
  ).join('');

describe('mail that means ill, or is broken', () => {
  test.each<[string, string]>([
    ['20 MB of text', `${head}\r\n${'could not be delivered '.repeat((20 * MEGABYTE) / 23)}`],
    ['20 MB in one line', `${head}\r\n${'a'.repeat(20 * MEGABYTE)}`],
    ['20 MB of addresses', `${head}\r\n${'<one@example.com>: 550 '.repeat((20 * MEGABYTE) / 23)}`],
    ['a header bomb', `${head}${'X-A: b\r\n'.repeat(200_000)}\r\nx`],
    ['a field that never ends', `${head}X-Long: ${'a '.repeat(MEGABYTE)}\r\n\r\nx`],
    ['a field folded for ever', `${head}X-Long: a\r\n${' a\r\n'.repeat(250_000)}\r\nx`],
    ['10,000 levels of parts', `${head}${deep(10_000)}`],
    [
      '100,000 parts',
      `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(100_000)}`,
    ],
    [
      'mails in mails',
      `${head}${'Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\n'.repeat(20_000)}`,
    ],
    [
      'a zip',
      `${report}--b1\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n${zip}\r\n--b1--`,
    ],
    ['tags that never close', `${head}Content-Type: text/html\r\n\r\n${'<style '.repeat(100_000)}`],
    ['style that never closes', `${head}Content-Type: text/html\r\n\r\n${'<style>'.repeat(100_000)}`],
    ['quoted lines', `${head}\r\n${'> '.repeat(500_000)}`],
    ['lines of dashes', `${head}\r\n${'-'.repeat(500_000)}\r\n${'----\r\n'.repeat(90_000)}`],
    ['encoded words', `${head.replace('Undelivered', '=?utf-8?B?'.repeat(50_000))}\r\nx`],
    [
      'recipients without end',
      report + 'Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n'.repeat(25_000),
    ],
  ])('%s costs little', (_, text) => {
    const raw = Buffer.from(text, 'latin1');
    const { milliseconds, heap } = cost(raw);
    expect(milliseconds).toBeLessThan(1_500);
    expect(heap).toBeLessThan(150 * MEGABYTE);
  });

  test('what stands before a zip of 15 MB is read', () => {
    const { recipients } = understandBounce(
      Buffer.from(`${report}--b1\r\nContent-Type: application/zip\r\n\r\n${zip}\r\n--b1--`, 'latin1'),
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
