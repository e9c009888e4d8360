import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bulkPart, paceLimit, roomIn, windowAt, withTaken, type QuotaWindow } from './pace-window.js';

const none: QuotaWindow = { endsAt: -Infinity, used: 0, bulk: 0 };

/** Somebody asks, and takes all that there is. */
interface Ask {
  readonly afterMs: number;
  readonly wanted: number;
  readonly bulk: boolean;
}

const asks = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 3_000 }),
    wanted: fc.integer({ min: 1, max: 50 }),
    bulk: fc.boolean(),
  }),
  { minLength: 1, maxLength: 100 },
);
const paces = fc.double({ min: 0.02, max: 200, noNaN: true });

function play(perSecond: number, requests: readonly Ask[]) {
  const limit = paceLimit(perSecond);
  let now = 1_700_000_000_000;
  let window = none;
  return requests.map((ask) => {
    now += ask.afterMs;
    window = windowAt(window, limit, now);
    const taken = Math.min(ask.wanted, roomIn(window, limit, ask.bulk));
    window = withTaken(window, taken, ask.bulk);
    return { ...window, now, limit, taken };
  });
}

describe('windows', () => {
  test('hold every moment, are no longer than the limit says, and never go back', () => {
    fc.assert(
      fc.property(paces, asks, (pace, requests) => {
        let before = -Infinity;
        for (const { now, endsAt, limit } of play(pace, requests)) {
          expect(endsAt).toBeGreaterThan(now);
          expect(endsAt - now).toBeLessThanOrEqual(limit.lengthMs * 1.001);
          expect(endsAt).toBeGreaterThanOrEqual(before);
          before = endsAt;
        }
      }),
    );
  });

  test('never give more than the limit, and to bulk mail never all where it is two or more', () => {
    fc.assert(
      fc.property(paces, asks, (pace, requests) => {
        for (const { used, bulk, limit } of play(pace, requests)) {
          expect(used).toBeLessThanOrEqual(limit.most);
          expect(bulk).toBeLessThanOrEqual(limit.most > 1 ? limit.most * 0.8 : 1);
        }
      }),
    );
  });

  test('the pace is what was asked for, also in fractions', () => {
    fc.assert(
      fc.property(paces, (pace) => {
        const { most, lengthMs } = paceLimit(pace);
        expect(Number.isInteger(most)).toBe(true);
        expect(most / (lengthMs / 1000)).toBeCloseTo(pace, 6);
      }),
    );
  });

  test('a limit of one is kept free of bulk mail in every fifth window', () => {
    const limit = paceLimit(1);
    const free = Array.from({ length: 100 }, (_, second) =>
      roomIn(windowAt(none, limit, second * 1000), limit, true),
    ).filter((room) => room === 0);
    expect(free).toHaveLength(20);
    expect(roomIn(windowAt(none, limit, 4_000), limit, false)).toBe(1);
  });

  test('a limit that becomes smaller holds at once', () => {
    const window = { endsAt: 2_000, used: 7, bulk: 7 };
    expect(roomIn(windowAt(window, paceLimit(5), 1_500), paceLimit(5), false)).toBe(0);
  });
});

test('the part of bulk mail', () => {
  expect([1, 2, 3, 5, 10, 100].map(bulkPart)).toEqual([1, 1, 2, 4, 8, 80]);
});
