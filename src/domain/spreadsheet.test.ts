import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvDelimiter, sheetRows, toCsv } from './spreadsheet.js';

describe('CSV', () => {
  test('comes back as it was, but for what would be a formula', () => {
    const cell = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell), { minLength: 1 }),
        fc.constantFrom(',' as const, ';' as const),
        (rows, delimiter) => {
          const read = parse(toCsv(rows, delimiter), { delimiter, bom: true, record_delimiter: '\r\n' });
          const unguarded = read.map((row) => row.map((text) => text.replace(/^'/, '')));
          expect(unguarded).toEqual(rows);
        },
      ),
    );
  });

  test.each(['=1+1', '+49 40', '-2+3', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', "'x"])(
    '%j is text',
    (text) => {
      expect(toCsv([[text]])).toMatch(/^\uFEFF"?'/);
    },
  );

  test('numbers stay numbers', () => {
    expect(toCsv([[-1.5, 'a,b', 'say "so"']])).toBe('\uFEFF-1.5,"a,b","say ""so"""\r\n');
  });

  test('a semicolon where the comma is in numbers', () => {
    expect([csvDelimiter('de-AT'), csvDelimiter('en'), csvDelimiter('de-CH')]).toEqual([';', ',', ',']);
  });
});

test('nested data lies flat, with a row for each value', () => {
  const data = {
    person: { name: 'Ada', attributes: { size: 'M' }, timezone: null },
    mails: [
      { subject: 'Hello', tags: ['a', 'b'] },
      { subject: 'Bye', tags: [] },
    ],
    orders: [],
  };
  expect(sheetRows(data)).toEqual([
    ['person', 1, 'name', 'Ada'],
    ['person', 1, 'attributes.size', 'M'],
    ['mails', 1, 'subject', 'Hello'],
    ['mails', 1, 'tags.1', 'a'],
    ['mails', 1, 'tags.2', 'b'],
    ['mails', 2, 'subject', 'Bye'],
  ]);
});
