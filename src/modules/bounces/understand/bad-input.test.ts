import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { growthIn } from '../../../../test/support/growth.js';
import {
  filled,
  head,
  hostileMails,
  MEGABYTE,
  report,
  zipHead,
} from '../../../../test/support/hostile-mails.js';
import { understandBounce } from './index.js';

describe('mail that means ill, or is broken', () => {
  test('without end costs no square of its length', async () => {
    // Sixteen times as much, then eight: a square of it would be 256 and 64. Between the two V8 keeps such texts in another way.
    const grown = await growthIn('mails');
    expect(Object.keys(grown)).toEqual(hostileMails.map(([what]) => what));
    const square = Object.entries(grown).filter(
      ([, [sixteen = 256, eight = 64]]) => sixteen > 128 || eight > 48,
    );
    expect(square).toEqual([]);
  });

  test.each(hostileMails)('%s without end cost nothing from a megabyte on', (_, of) => {
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
