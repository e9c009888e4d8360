import { expect, test } from '@jest/globals';
import { formTexts } from './visitor-pages.js';

test('a field of a form is missing, one text, several, or something else', () => {
  expect(formTexts(undefined, 'a')).toEqual([]);
  expect(formTexts('a', 'length')).toEqual([]);
  expect(formTexts({ a: 'x' }, 'a')).toEqual(['x']);
  expect(formTexts({ a: ['x', Buffer.from('file'), 'y'] }, 'a')).toEqual(['x', 'y']);
  expect(formTexts({ a: 1 }, 'a')).toEqual([]);
  expect(formTexts({}, 'toString')).toEqual([]);
});
