import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { paceAt, slowDownSubject, slowedDown, type SlowDown } from './pace.js';
import { parseReply, understandReply } from './smtp-reply.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('slowing down', () => {
  test('halves what was seen, and once more with the next request, not with the same burst', () => {
    const first = slowedDown(undefined, 100, 0);
    expect(paceAt(first, 0)).toBe(50);
    expect(slowedDown(first, 100, 4 * SECOND)).toBe(first);
    expect(paceAt(slowedDown(first, 50, 6 * SECOND), 6 * SECOND)).toBe(25);
  });

  test('grows step by step, is whole after two minutes and over after four', () => {
    const slow = slowedDown(undefined, 100, 0);
    const paces = [0, 29, 30, 60, 90, 120, 180].map((seconds) => paceAt(slow, seconds * SECOND));
    expect(paces.map((pace) => Math.round(pace ?? 0))).toEqual([50, 50, 63, 78, 98, 122, 191]);
    expect(paceAt(slow, 4 * MINUTE)).toBeUndefined();
  });

  test('a request after the end begins again with what is seen then', () => {
    const slow = slowedDown(undefined, 100, 0);
    expect(slowedDown(slow, 10, 10 * MINUTE)).toEqual({
      perSecond: 5,
      ceiling: 20,
      slowedAt: 10 * MINUTE,
    });
  });

  test('whoever gets next to nothing is not slowed to a standstill', () => {
    expect(paceAt(slowedDown(undefined, 0, 0), 0)).toBe(0.5);
  });

  const requests = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 5 * MINUTE }),
      seen: fc.double({ min: 0, max: 1_000, noNaN: true }),
    }),
    { minLength: 1, maxLength: 40 },
  );

  test('a request never speeds up, and the pace is always above nothing', () => {
    fc.assert(
      fc.property(requests, (all) => {
        let now = 0;
        let slow: SlowDown | undefined;
        for (const { afterMs, seen } of all) {
          now += afterMs;
          const before = slow && paceAt(slow, now);
          slow = slowedDown(slow, seen, now);
          const pace = paceAt(slow, now);
          expect(pace).toBeGreaterThan(0);
          if (before !== undefined) expect(pace).toBeLessThanOrEqual(before);
        }
      }),
    );
  });

  test('without requests the pace never falls, and the slow-down ends within an hour', () => {
    fc.assert(
      fc.property(requests, fc.array(fc.integer({ min: 0, max: MINUTE })), (all, pauses) => {
        let now = 0;
        let slow: SlowDown | undefined;
        for (const { afterMs, seen } of all) slow = slowedDown(slow, seen, (now += afterMs));
        let before = 0;
        for (const pause of pauses) {
          const pace = paceAt(slow!, (now += pause)) ?? Infinity;
          expect(pace).toBeGreaterThanOrEqual(before);
          before = pace;
        }
        expect(paceAt(slow!, now + 60 * MINUTE)).toBeUndefined();
      }),
    );
  });
});

test.each([
  ['451 4.7.1 Too many messages, slow down', 'rcpt', 'domain'],
  ['450 too frequent connects from 192.0.2.1, please try again later.', 'mail', 'relay'],
  ['450 4.2.0 Greylisted, please try again', 'rcpt', undefined],
  ['550 5.1.1 User unknown', 'rcpt', undefined],
  ['535 5.7.8 Authentication failed', 'auth', undefined],
] as const)('%s at %s asks to slow down: %s', (line, stage, subject) => {
  expect(slowDownSubject(understandReply(parseReply(line)!, stage))).toBe(subject);
});

test('a sender that is to send less sends less through its relay', () => {
  const meaning = { permanent: false, speaksOf: 'sender', reason: 'reputation', slowDown: true } as const;
  expect(slowDownSubject(meaning)).toBe('relay');
});
