import { describe, expect, test } from '@jest/globals';
import { formatDay, formatMoment, formatMoney, formatPlural } from './formats.js';

describe('money', () => {
  test.each([
    ['186.40', 'EUR', 'en', '€186.40'],
    ['186.4', 'EUR', 'en', '€186.40'],
    ['1200.00', 'JPY', 'en', '¥1,200'],
    ['1.5', 'KWD', 'en', 'KWD\u00a01.500'],
    ['1234.5', 'EUR', 'de', '1.234,50\u00a0€'],
    ['-5.00', 'EUR', 'en', '\u2212€5.00'],
    ['0.0125', 'USD', 'en', '$0.0125'],
  ])('%s %s in %s is %s', (amount, currency, locale, expected) => {
    expect(formatMoney(amount, currency, locale)).toBe(expected);
  });

  test('keeps every digit of an amount that no float can hold', () => {
    expect(formatMoney('12345678901234567890.12', 'EUR', 'en')).toBe('€12,345,678,901,234,567,890.12');
    expect(formatMoney('1.005', 'EUR', 'en')).toBe('€1.005');
  });

  test('keeps the letters and the sign of a currency together between words from right to left', () => {
    expect(formatMoney('1200', 'JPY', 'ar')).toContain('\u2068JP¥\u2069');
  });

  test('shows a deduction as one, whatever sign the shop sends', () => {
    expect(formatMoney('5.00', 'EUR', 'en', true)).toBe('\u2212€5.00');
    expect(formatMoney('-5.00', 'EUR', 'en', true)).toBe('\u2212€5.00');
    expect(formatMoney('0.00', 'EUR', 'en', true)).toBe('€0.00');
  });

  test('names what it cannot read', () => {
    expect(() => formatMoney('12,50', 'EUR', 'en')).toThrow('"12,50" is not a decimal amount');
    expect(() => formatMoney(null, 'EUR', 'en')).toThrow('null is not a decimal amount');
    expect(() => formatMoney('1', 'euro', 'en')).toThrow('"euro" is not a currency code');
  });
});

describe('day', () => {
  test('reads a moment in the time zone of the reader', () => {
    expect(formatDay('2026-11-22T23:30:00Z', 'en', 'UTC')).toBe('November 22, 2026');
    expect(formatDay('2026-11-22T23:30:00Z', 'en-GB', 'Europe/Stockholm')).toBe('23 November 2026');
  });

  test('leaves a bare date where it is', () => {
    expect(formatDay('2026-11-24', 'de', 'America/Los_Angeles')).toBe('24. November 2026');
  });

  test('takes UTC for a time zone that does not exist', () => {
    expect(formatDay('2026-11-22T23:30:00Z', 'en', 'Mars/Olympus')).toBe('November 22, 2026');
  });

  test('names what is no date', () => {
    expect(() => formatDay('soon', 'en', 'UTC')).toThrow('"soon" is not a date');
  });
});

test('a moment is a day and a time in a time zone', () => {
  const spoken = formatMoment('2026-11-22T23:30:00Z', 'de', 'Europe/Stockholm');
  expect(spoken.replaceAll('\u00a0', ' ')).toBe('23. November 2026 um 00:30');
  expect(() => formatMoment('soon', 'en', 'UTC')).toThrow('"soon" is not a date');
});

describe('plural', () => {
  const items = { one: '# item', other: '# items' };

  test('follows the language', () => {
    expect(formatPlural(1, items, 'en')).toBe('1 item');
    expect(formatPlural(1200, items, 'en')).toBe('1,200 items');
    const polish = { one: '# plik', few: '# pliki', many: '# plików', other: '# pliku' };
    expect([1, 3, 5].map((count) => formatPlural(count, polish, 'pl'))).toEqual([
      '1 plik',
      '3 pliki',
      '5 plików',
    ]);
  });

  test('falls back to "other" and asks for it', () => {
    expect(formatPlural(0, { other: '# things' }, 'en')).toBe('0 things');
    expect(() => formatPlural(2, { one: '# thing' }, 'en')).toThrow('the wording "other" is missing');
    expect(() => formatPlural('many', items, 'en')).toThrow('"many" is not a number');
  });
});
