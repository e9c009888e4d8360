import { expect, test } from '@jest/globals';
import { firstIdAt, isTimedId } from './id-range.js';
import { bucketOf, newId } from './ids.js';

test('a moment stands before the ids made after it', () => {
  const before = firstIdAt(new Date(Date.now() - 1));
  const id = newId();
  const after = firstIdAt(new Date(Date.now() + 1));
  expect([after, id, before].toSorted((a, b) => (a < b ? -1 : 1))).toEqual([before, id, after]);
});

test('the ends of time have a bucket', () => {
  expect(bucketOf(firstIdAt(new Date('0000-01-01T00:00:00Z')))).toBe('1970-01-01');
  expect(bucketOf(firstIdAt(new Date('9999-12-31T23:59:59-14:00')))).toBe('9999-12-01');
});

test('a UUID that speaks of no calendar is no id of ours', () => {
  expect(isTimedId(newId())).toBe(true);
  expect(['ffffffff-ffff-7fff-bfff-ffffffffffff', 'nope', ''].some(isTimedId)).toBe(false);
});
