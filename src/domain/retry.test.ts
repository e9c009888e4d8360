import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { streams, type Stream } from './delivery-life.js';
import {
  defaultRetryHours,
  giveUpAfter,
  probeDelay,
  retryDelay,
  stepAsideDelay,
  type RetryHours,
} from './retry.js';
import { parseReply, understandReply } from './smtp-reply.js';

const minute = 60_000;
const hour = 60 * minute;
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** The ages at which a delivery is tried, on a clock of its own, when the server says `reply` to every try. */
function life(reply: string, random: () => number, giveUp: number): number[] {
  const parsed = parseReply(reply);
  if (!parsed) throw new Error(reply);
  const tries = [0];
  let now = 0;
  while (!understandReply(parsed, 'rcpt').permanent) {
    const delay = retryDelay(tries.length, now, random(), giveUp);
    if (delay === undefined) break;
    now += delay;
    tries.push(now);
  }
  return tries;
}

const gaps = (tries: readonly number[]): number[] =>
  tries.slice(1).map((at, index) => at - (tries[index] ?? 0));

describe('a whole life (RFC 5321 §4.5.4.1)', () => {
  test('greylisted: after 20 and 50 minutes, then every two to three hours, for four days', () => {
    const tries = life('451 4.7.1 Greylisted', () => 0.5, giveUpAfter('orders', defaultRetryHours));
    expect(tries.slice(0, 4)).toEqual([0, 20 * minute, 50 * minute, 50 * minute + 2.5 * hour]);
    expect(tries.at(-1)).toBeGreaterThan(93 * hour);
    expect(tries.at(-1)).toBeLessThanOrEqual(96 * hour);
    expect(tries).toHaveLength(41);
  });

  test('with any luck: two retries in the first hour, none too early, none past the end', () => {
    fc.assert(
      fc.property(
        fc.array(chance, { minLength: 5, maxLength: 60 }),
        fc.integer({ min: 2, max: 120 }),
        (luck, hours) => {
          let turn = 0;
          const tries = life('450 4.2.0 Greylisted', () => luck[turn++ % luck.length] ?? 0, hours * hour);
          expect(tries.filter((at) => at > 0 && at <= hour)).toHaveLength(2);
          const [first = 0, second = 0, ...later] = gaps(tries);
          expect(first).toBeGreaterThanOrEqual(18 * minute);
          expect(second).toBeGreaterThanOrEqual(27 * minute);
          for (const gap of later) {
            expect(gap).toBeGreaterThanOrEqual(2 * hour);
            expect(gap).toBeLessThanOrEqual(3 * hour);
          }
          expect(tries.at(-1)).toBeLessThanOrEqual(hours * hour);
          // And it goes on until no further try would fit.
          expect(tries.at(-1)).toBeGreaterThan((hours - 3) * hour);
        },
      ),
    );
  });

  test('never again after a 5xx (STANDARDS.md 13)', () => {
    for (const reply of [
      '550 5.1.1 User unknown',
      '552 Mailbox full',
      '554 5.7.1 Greylisted, try again later',
    ])
      expect(life(reply, () => 0.5, 96 * hour)).toEqual([0]);
  });

  test('a thousand that failed together come back spread over minutes', () => {
    const delays = Array.from({ length: 1_000 }, () => retryDelay(1, 0, Math.random(), 96 * hour) ?? NaN);
    const perMinute = new Map<number, number>();
    for (const delay of delays) {
      const at = Math.floor(delay / minute);
      perMinute.set(at, (perMinute.get(at) ?? 0) + 1);
    }
    expect(perMinute.size).toBeGreaterThanOrEqual(4);
    expect(Math.max(...perMinute.values())).toBeLessThan(400);
  });
});

describe('how long', () => {
  test('order mail four days, all else two', () => {
    expect(streams.map((stream) => giveUpAfter(stream, defaultRetryHours) / hour)).toEqual([96, 48, 48]);
  });

  test('is set for each stream, and a campaign may only ask for less', () => {
    const anyHours = fc.record({ orders: fc.nat(200), service: fc.nat(200), news: fc.nat(200) });
    fc.assert(
      fc.property(
        anyHours,
        fc.constantFrom(...streams),
        fc.option(fc.nat(300)),
        (hours: RetryHours, stream: Stream, own) => {
          const after = giveUpAfter(stream, hours, own);
          expect(after).toBe(Math.min(hours[stream], own ?? hours[stream]) * hour);
        },
      ),
    );
  });

  test('ends every life, whatever came before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99 }),
        fc.nat(400_000_000),
        chance,
        fc.nat(400_000_000),
        (tries, age, random, end) => {
          const delay = retryDelay(tries, age, random, end);
          if (delay !== undefined) expect(age + delay).toBeLessThanOrEqual(end);
        },
      ),
    );
  });
});

test('what the relay itself will not take steps aside for a second, then ever longer', () => {
  expect([0, 20 * minute, 40 * hour].map(stepAsideDelay)).toEqual([1000, 10 * minute, 30 * minute]);
  let probes = 0;
  for (let age = 0; age < 96 * hour; age += stepAsideDelay(age)) probes += 1;
  expect(probes).toBeLessThan(250);
});

test('a relay is probed after 1 s, at most every 60 s', () => {
  expect(probeDelay(1, 0.5)).toBe(1000);
  expect(probeDelay(3, 0.5)).toBe(4000);
  expect(probeDelay(50, 0.5)).toBe(60_000);
});
