import { describe, expect, test } from '@jest/globals';
import { busyRest, inTrouble, readRetryAfter, restAfter, waitAfter } from './retry-times.js';
import { verdictOn } from './verdict.js';

const SECOND = 1_000;
const HOUR = 3_600_000;
const answer = (statusCode: number | null, retryAfter?: string) => ({
  statusCode,
  retryAfter,
  body: null,
  error: statusCode === null ? 'connect ECONNREFUSED' : null,
  durationMs: 1,
});

describe('what an answer means', () => {
  test.each([200, 201, 204, 299])('%d is taken', (status) => {
    expect(verdictOn(answer(status), 0)).toMatchObject({ state: 'delivered', tries: 1, error: null });
  });

  test.each([301, 302, 307, 308, 400, 404, 500, 502, 503])('%d is tried again', (status) => {
    const verdict = verdictOn(answer(status), 1);
    expect(verdict).toMatchObject({ state: 'waiting', tries: 2, rest: 0, gone: false });
    expect(verdict.wait).toBeGreaterThanOrEqual(300 * SECOND);
    expect(verdict.error).toContain(status < 400 ? 'redirects are not followed' : String(status));
  });

  test('no answer is tried again, and the tenth failure is the last', () => {
    expect(verdictOn(answer(null), 8)).toMatchObject({ state: 'waiting', tries: 9 });
    expect(verdictOn(answer(null), 9)).toMatchObject({
      state: 'failed',
      tries: 10,
      error: 'connect ECONNREFUSED',
    });
  });

  test('410 ends it', () => {
    expect(verdictOn(answer(410), 0)).toMatchObject({ state: 'failed', gone: true });
  });

  test('busy: the endpoint rests as it asks, and the try does not count', () => {
    expect(verdictOn(answer(429, '7'), 9)).toMatchObject({
      state: 'waiting',
      tries: 9,
      wait: 7 * SECOND,
      rest: 7 * SECOND,
    });
    expect(verdictOn(answer(503, '7'), 0)).toMatchObject({ tries: 0, rest: 7 * SECOND });
    expect(verdictOn(answer(429), 0)).toMatchObject({ tries: 0, rest: 30 * SECOND });
  });
});

describe('times', () => {
  test('ten tries over three days, each up to a tenth later', () => {
    const waits = Array.from({ length: 10 }, (_, index) => waitAfter(index + 1, 0));
    expect(waits.at(-1)).toBeUndefined();
    const total = waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0);
    expect(total / HOUR).toBeGreaterThan(72);
    expect(total / HOUR).toBeLessThan(5 * 24);
    expect(waitAfter(1, 0)).toBe(5 * SECOND);
    expect(waitAfter(1, 1)).toBe(5.5 * SECOND);
  });

  test('Retry-After: seconds, a date, nonsense, and no more than an hour', () => {
    const now = Date.parse('2026-11-22T10:00:00Z');
    expect(readRetryAfter('120', now)).toBe(120 * SECOND);
    expect(readRetryAfter('Sun, 22 Nov 2026 10:02:00 GMT', now)).toBe(120 * SECOND);
    expect(readRetryAfter('soon', now)).toBeUndefined();
    expect(busyRest('999999', now)).toBe(HOUR);
    expect(busyRest('0', now)).toBe(SECOND);
    expect(busyRest('Sun, 22 Nov 2020 10:02:00 GMT', now)).toBe(SECOND);
    expect(busyRest('soon', now)).toBe(30 * SECOND);
  });

  test('ten failures in a row are the trouble of the endpoint, which rests longer and longer', () => {
    expect([9, 10].map(inTrouble)).toEqual([false, true]);
    expect([1, 9, 10, 11, 12, 20, 1_000].map((failures) => restAfter(failures) / SECOND)).toEqual([
      0, 0, 5, 10, 20, 300, 300,
    ]);
  });
});
