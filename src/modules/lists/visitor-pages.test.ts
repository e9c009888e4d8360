import { expect, test } from '@jest/globals';
import { formTexts, spokenBy } from './visitor-pages.js';

test.each([
  ['', 'en'],
  ['*', 'en'],
  ['fr', 'en'],
  ['de', 'de'],
  ['de-AT, en;q=0.8', 'de'],
  ['fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7', 'en'],
  ['en;q=0.3, de;q=0.7', 'de'],
  ['de;q=0, en', 'en'],
  ['pt-br', 'pt-BR'],
  ['de;q=x', 'en'],
])('Accept-Language "%s" is answered in %s', (header, locale) => {
  expect(spokenBy(header, ['en', 'de', 'pt-BR'])).toBe(locale);
});

test('a field of a form is missing, one text, several, or something else', () => {
  expect(formTexts(undefined, 'a')).toEqual([]);
  expect(formTexts('a', 'length')).toEqual([]);
  expect(formTexts({ a: 'x' }, 'a')).toEqual(['x']);
  expect(formTexts({ a: ['x', Buffer.from('file'), 'y'] }, 'a')).toEqual(['x', 'y']);
  expect(formTexts({ a: 1 }, 'a')).toEqual([]);
  expect(formTexts({}, 'toString')).toEqual([]);
});
