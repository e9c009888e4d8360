import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { each, formatRanges, has, parseRanges, rangesOf, sizeOf, union, without } from './id-ranges.js';

const ids = fc.uniqueArray(fc.nat(60)).map((some) => some.toSorted((a, b) => a - b));

test('sets of ids are what sets are', () => {
  fc.assert(
    fc.property(ids, ids, (one, other) => {
      const [a, b] = [rangesOf(one), rangesOf(other)];
      expect([...each(a)]).toEqual(one);
      expect(sizeOf(a)).toBe(one.length);
      expect([...each(union(a, b))]).toEqual([...new Set([...one, ...other])].toSorted((x, y) => x - y));
      expect([...each(without(a, b))]).toEqual(one.filter((id) => !other.includes(id)));
      for (let id = 0; id <= 61; id += 1) expect(has(a, id)).toBe(one.includes(id));
      expect(parseRanges(formatRanges(a))).toEqual(a);
    }),
  );
});

test('they are written as PostgreSQL writes them', () => {
  expect(formatRanges(rangesOf([1, 2, 3, 6]))).toBe('{[1,4),[6,7)}');
  expect(formatRanges([])).toBe('{}');
  expect(parseRanges('{[1,4),[6,7)}')).toEqual([
    [1, 4],
    [6, 7],
  ]);
});
