import { expect, test } from '@jest/globals';
import { phrasesFor } from './locale.js';

const catalogues = {
  en: { hello: 'Hello', bye: 'Goodbye' },
  de: { hello: 'Hallo' },
  'de-AT': { hello: 'Servus' },
};

test.each([
  ['de-AT', 'de-AT', 'Servus'],
  ['de_AT', 'en', 'Hello'],
  ['de-CH', 'de-CH', 'Hallo'],
  ['DE', 'de', 'Hallo'],
  ['fr', 'en', 'Hello'],
  ['en-GB', 'en-GB', 'Hello'],
  ['en-u-ca-buddhist-x-endless', 'en', 'Hello'],
  ['not a locale!', 'en', 'Hello'],
  ['de-Latn-AT', 'de-Latn-AT', 'Hallo'],
])('%s finds %s', (requested, locale, hello) => {
  expect(phrasesFor(catalogues, requested)).toMatchObject({ locale, phrases: { hello } });
});

test('English lends what a language lacks, and says so', () => {
  const found = phrasesFor(catalogues, 'de');
  expect(found.phrases['bye']).toBe('Goodbye');
  expect(found.borrowed).toEqual(['bye']);
});

test('a mail without phrases keeps the locale asked for', () => {
  expect(phrasesFor({}, 'sv').locale).toBe('sv');
});
