import { expect, test } from '@jest/globals';
import { sampleWords } from './report.js';

test.each([
  [
    '550 5.1.1 <bob@example.com>: Recipient address rejected: User unknown',
    '550 5.1.1 <…>: Recipient address rejected: User unknown',
  ],
  ['550 No such user: bob@example.com.', '550 No such user: <…>.'],
  ['550 5.1.1 The user "Bob" is unknown here', '550 5.1.1 The user "…" is unknown here'],
  ['550 bob... User unknown', '550 …... User unknown'],
  ['550 5.7.1 See https://example.net/why?bob', '550 5.7.1 See https://example.net/why?…'],
  ['550 5.1.1 a=<news@shop.example> b=<bob@EXAMPLE.com>', '550 5.1.1 a=<…> b=<…>'],
  ['550 ünknown <böb@exämple.com>', '550 ünknown <…>'],
  ['450 4.2.0 Greylisted', '450 4.2.0 Greylisted'],
])('the words of a server without whom they are about: %s', (reply, words) => {
  expect(sampleWords(reply, 'bob@example.com')).toBe(words);
});

test('a letter is not a name: what is left can be read', () => {
  expect(sampleWords('550 a user', 'a@example.com')).toBe('550 a user');
});

test('not more than can be shown', () => {
  expect(sampleWords(`550 ${'x'.repeat(500)}`, 'bob@example.com')).toHaveLength(300);
});
