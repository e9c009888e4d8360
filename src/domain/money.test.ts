import { expect, test } from '@jest/globals';
import { isCurrency, parseMoney, millionthsOf } from './money.js';

test.each([
  ['19.9', 'EUR', '19.90'],
  ['19.9000', 'EUR', '19.90'],
  ['007', 'EUR', '7.00'],
  ['-5', 'EUR', '-5.00'],
  ['-0.00', 'EUR', '0.00'],
  [19.9, 'EUR', '19.90'],
  [1200, 'JPY', '1200'],
  ['1200.00', 'JPY', '1200'],
  ['1.5', 'KWD', '1.500'],
  ['0', 'JPY', '0'],
])('%p %s is %s', (value, currency, amount) => {
  expect(parseMoney(value, currency)).toEqual({ ok: true, amount });
});

test.each([
  [0.1 + 0.2, 'EUR', 'more digits after the point than EUR has (2); send amounts as strings'],
  ['19.999', 'EUR', 'more digits after the point than EUR has (2)'],
  ['1.5', 'JPY', 'more digits after the point than JPY has (0)'],
  ['1,50', 'EUR', 'must be a decimal amount'],
  ['1e3', 'EUR', 'must be a decimal amount'],
  [1e21, 'EUR', 'must be a decimal amount'],
  [Number.NaN, 'EUR', 'must be a decimal amount'],
  ['', 'EUR', 'must be a decimal amount'],
  ['٣', 'EUR', 'must be a decimal amount'],
  ['1'.repeat(16), 'EUR', 'more than 15 digits'],
])('%p %s is refused', (value, currency, problem) => {
  expect(parseMoney(value, currency)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
});

test('a unit price may be finer than the currency, as a string', () => {
  expect(parseMoney('0.0125', 'EUR', true)).toEqual({ ok: true, amount: '0.0125' });
  expect(parseMoney(0.0125, 'EUR', true).ok).toBe(false);
  expect(parseMoney('0.0000001', 'EUR', true).ok).toBe(false);
});

test('currencies are those of ISO 4217, upper case', () => {
  expect(['EUR', 'JPY', 'KWD'].every(isCurrency)).toBe(true);
  expect(['eur', 'EURO', 'QQQ', ''].some(isCurrency)).toBe(false);
});

test('in millionths, to compare and to add', () => {
  const amounts = ['19.90', '-0.0125', 5, '0', '999999999999999.999'];
  expect(amounts.map(millionthsOf)).toEqual([
    19_900_000n,
    -12_500n,
    5_000_000n,
    0n,
    999_999_999_999_999_999_000n,
  ]);
});
