import { expect, test } from '@jest/globals';
import { addressLines } from './postal-address.js';

test('a string is cut at its line breaks, empty lines go', () => {
  expect(addressLines('Anna\r\n\n 44 Street \nTown', 'en')).toEqual(['Anna', '44 Street', 'Town']);
  expect(addressLines(['Anna', ' ', 'Town'], 'en')).toEqual(['Anna', 'Town']);
});

test.each([
  ['DE', 'de', ['Anna', 'Weg 1', '10115 Berlin', 'Deutschland']],
  ['DE', 'en', ['Anna', 'Weg 1', '10115 Berlin', 'Germany']],
  ['Suomi', 'en', ['Anna', 'Weg 1', '10115 Berlin', 'Suomi']],
  ['GB', 'en', ['Anna', 'Weg 1', 'Berlin', '10115', 'United Kingdom']],
])('parts for %s in %s', (country, locale, lines) => {
  const parts = { name: 'Anna', line1: 'Weg 1', city: 'Berlin', postalCode: '10115', country };
  expect(addressLines(parts, locale)).toEqual(lines);
});

test('the United States write town, state and code in one line', () => {
  const parts = { line1: '1 Main St', city: 'Portland', state: 'OR', postalCode: '97205', country: 'US' };
  expect(addressLines(parts, 'en')).toEqual(['1 Main St', 'Portland, OR 97205', 'United States']);
  expect(addressLines({ city: 'Portland', country: 'USA' }, 'en')).toEqual(['Portland', 'USA']);
});
