import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { paceLimit } from '../../../domain/index.js';
import { bookLine, LONGEST_WAIT_MS, waitOutside } from './line.js';

test('places are as far from each other as the pace wants, follow those booked before, and none is too late', () => {
  const bookings = fc.array(fc.record({ places: fc.integer({ min: 1, max: 64 }), afterMs: fc.nat(5_000) }), {
    minLength: 1,
    maxLength: 50,
  });
  fc.assert(
    fc.property(
      fc.double({ min: 0.03, max: 100, noNaN: true }),
      fc.boolean(),
      bookings,
      (pace, bulk, all) => {
        const limit = paceLimit(pace);
        const step = 1_000 / (pace * (bulk ? 0.8 : 1));
        let now = 0;
        let line = 0;
        let last = -Infinity;
        for (const { places, afterMs } of all) {
          now += afterMs;
          const booked = bookLine({ line: Math.max(line, now), places, limit, bulk, now });
          for (const place of booked.places) {
            expect(place - last).toBeGreaterThanOrEqual(step * 0.999);
            expect(place).toBeGreaterThanOrEqual(now);
            expect(place - now).toBeLessThanOrEqual(LONGEST_WAIT_MS);
            last = place;
          }
          ({ line } = booked);
        }
      },
    ),
  );
});

test('who finds no place comes back within a quarter of an hour, not all at once', () => {
  expect(waitOutside(0)).toBe(LONGEST_WAIT_MS / 2);
  expect(waitOutside(0.999)).toBeLessThanOrEqual(LONGEST_WAIT_MS);
});
