import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { connectionShare, type ConnectionHolder } from './relay-connections.js';

/** Processes look one after the other, again and again. */
function settle(limit: number, kinds: readonly boolean[], rounds = 4): ConnectionHolder[] {
  let all: ConnectionHolder[] = [];
  for (let round = 0; round < rounds; round += 1) {
    kinds.forEach((bulkOnly, index) => {
      const process = `p${index}`;
      const others = all.filter((holder) => holder.process !== process);
      const before = all.find((holder) => holder.process === process)?.connections ?? 0;
      const self = { process, bulkOnly, connections: before };
      all = [...others, { ...self, connections: connectionShare(limit, self, others) }];
      const held = all.reduce((sum, { connections }) => sum + connections, 0);
      expect(held).toBeLessThanOrEqual(Math.max(limit, kinds.length + limit - 1));
    });
  }
  return all;
}

const held = (all: readonly ConnectionHolder[], bulkOnly?: boolean) =>
  all
    .filter((holder) => bulkOnly === undefined || holder.bulkOnly === bulkOnly)
    .reduce((sum, { connections }) => sum + connections, 0);

test('in the end nobody is without, and all together stay within the limit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
      (limit, kinds) => {
        const all = settle(limit, kinds);
        expect(Math.min(...all.map(({ connections }) => connections))).toBeGreaterThanOrEqual(1);
        const bulkOnly = kinds.filter(Boolean).length;
        if (bulkOnly <= limit * 0.8 && kinds.length - bulkOnly <= Math.max(1, Math.floor(limit * 0.2)))
          expect(held(all)).toBeLessThanOrEqual(limit);
      },
    ),
  );
});

test('news leaves a fifth to order mail, also where no process with order mail is there yet', () => {
  expect(held(settle(10, [true, true, true]))).toBe(8);
  const all = settle(10, [true, true, false]);
  expect([held(all, true), held(all, false)]).toEqual([8, 2]);
});

test('a process that does everything has all, two share', () => {
  expect(settle(10, [false]).map(({ connections }) => connections)).toEqual([10]);
  expect(settle(7, [false, false]).map(({ connections }) => connections)).toEqual([4, 3]);
});

test('who comes later waits until the others have let go', () => {
  const old = { process: 'a', bulkOnly: true, connections: 8 };
  const fresh = { process: 'b', bulkOnly: true, connections: 0 };
  expect(connectionShare(10, fresh, [old])).toBe(2);
  expect(connectionShare(10, old, [{ ...fresh, connections: 2 }])).toBe(4);
});
