import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { probeDelay, retryDelay } from './retry.js';
import type { Stream } from './delivery-life.js';

const minutes = (ms: number) => ms / 60_000;

describe('retries (RFC 5321 §4.5.4.1)', () => {
  test('two tries in the first hour', () => {
    const first = retryDelay('orders', 1, 0, 0.5) ?? NaN;
    const second = retryDelay('orders', 2, first, 0.5) ?? NaN;
    expect(minutes(first)).toBeCloseTo(20);
    expect(minutes(first + second)).toBeLessThanOrEqual(60);
  });

  test('an order mail is tried for four days, every two to three hours', () => {
    let age = 0;
    let tries = 1;
    const delays: number[] = [];
    for (;;) {
      const delay = retryDelay('orders', tries, age, 0.5);
      if (delay === undefined) break;
      delays.push(minutes(delay));
      age += delay;
      tries += 1;
    }
    expect(age / 3_600_000).toBeGreaterThan(92);
    expect(age / 3_600_000).toBeLessThanOrEqual(96);
    expect(Math.min(...delays.slice(2))).toBeGreaterThanOrEqual(120);
    expect(Math.max(...delays)).toBeLessThanOrEqual(180);
  });

  test('never past its time, whatever came before', () => {
    const streams: Stream[] = ['orders', 'service', 'news'];
    fc.assert(
      fc.property(
        fc.constantFrom(...streams),
        fc.integer({ min: 1, max: 99 }),
        fc.nat(400_000_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (stream, tries, age, random) => {
          const delay = retryDelay(stream, tries, age, random);
          if (delay !== undefined) expect(age + delay).toBeLessThanOrEqual(96 * 3_600_000);
        },
      ),
    );
  });

  test('a relay is probed after 1 s, at most every 60 s', () => {
    expect(probeDelay(1, 0.5)).toBe(1000);
    expect(probeDelay(3, 0.5)).toBe(4000);
    expect(probeDelay(50, 0.5)).toBe(60_000);
  });
});
