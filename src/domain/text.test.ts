import { expect, test } from '@jest/globals';
import { canonicalJson } from './canonical-json.js';
import { messageStatus } from './message-status.js';
import { findTextProblem } from './text.js';

test('a NUL or half a surrogate pair is found wherever it hides', () => {
  expect(findTextProblem({ a: [{ b: 'x\0' }] })).toEqual({
    path: ['a', 0, 'b'],
    problem: expect.stringContaining('NUL'),
  });
  expect(findTextProblem(['\ud800'])).toEqual({ path: [0], problem: expect.stringContaining('surrogate') });
  expect(findTextProblem({ 'a\0': 1 })).toEqual({ path: [], problem: expect.stringContaining('field name') });
  expect(findTextProblem({ a: ['😀', 1, null, true] })).toBeUndefined();
});

test('a hundred thousand nested arrays are refused, not followed', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  expect(findTextProblem(deep)?.problem).toContain('nested deeper');
});

test('canonical JSON does not depend on the order of keys', () => {
  expect(canonicalJson({ b: 1, a: { d: [2, { y: 1, x: 2 }], c: null } })).toBe(
    '{"a":{"c":null,"d":[2,{"x":2,"y":1}]},"b":1}',
  );
  expect(canonicalJson({ a: undefined })).toBe('{}');
});

test('a mail is as far as its least settled recipient, and sent only when all are', () => {
  expect(messageStatus(['sent', 'sent'])).toBe('sent');
  expect(messageStatus(['sent', 'failed', 'deferred'])).toBe('deferred');
  expect(messageStatus(['sent', 'failed', 'skipped'])).toBe('failed');
  expect(messageStatus(['sent', 'unknown'])).toBe('unknown');
  expect(messageStatus([])).toBe('queued');
});
