import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CROWD,
  grouped,
  mayBeSaidAnew,
  published,
  rounded,
  summed,
  type Cell,
  type Grouped,
} from './disclosure.js';

const cell = (key: string, count: number): Cell => ({ key, count });

describe('one table', () => {
  test('small classes are put together', () => {
    expect(grouped([cell('de', 40), cell('en', 12), cell('fr', 6), cell('it', 5)])).toEqual({
      groups: [cell('de', 40), cell('en', 12)],
      other: 11,
    });
  });

  test('a single small class takes the next larger with it', () => {
    expect(grouped([cell('de', 40), cell('en', 12), cell('fr', 1)])).toEqual({
      groups: [cell('de', 40)],
      other: 13,
    });
  });

  test('where all are no crowd nothing is said', () => {
    expect(grouped([cell('de', 5), cell('en', 4)])).toBeUndefined();
    expect(grouped([])).toBeUndefined();
  });

  test('every part is a crowd, and nobody is lost', () => {
    const cells = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,3}$/), fc.nat(40)), {
      selector: ([key]) => key,
      maxLength: 12,
    });
    fc.assert(
      fc.property(cells, (pairs) => {
        const table = pairs.map(([key, count]) => cell(key, count));
        const total = table.reduce((sum, { count }) => sum + count, 0);
        const shown = grouped(table);
        expect(shown === undefined).toBe(total < CROWD);
        if (!shown) return;
        for (const { count } of shown.groups) expect(count).toBeGreaterThanOrEqual(CROWD);
        expect(shown.other === 0 || shown.other >= CROWD).toBe(true);
        expect(shown.groups.reduce((sum, { count }) => sum + count, shown.other)).toBe(total);
      }),
    );
  });
});

/** Gaussian elimination with fractions of whole numbers: does `wanted` follow from `rows` by adding and subtracting? */
function follows(rows: readonly (readonly number[])[], wanted: readonly number[]): boolean {
  const rank = (matrix: number[][]): number => {
    let done = 0;
    for (let column = 0; column < (matrix[0]?.length ?? 0) && done < matrix.length; column += 1) {
      const at = matrix.findIndex((row, index) => index >= done && row[column] !== 0);
      if (at < 0) continue;
      [matrix[done], matrix[at]] = [matrix[at]!, matrix[done]!];
      const pivot = matrix[done]!;
      for (let other = done + 1; other < matrix.length; other += 1) {
        const [a, b] = [pivot[column]!, matrix[other]![column]!];
        if (b !== 0) matrix[other] = matrix[other]!.map((value, index) => value * a - b * pivot[index]!);
      }
      done += 1;
    }
    return done;
  };
  const copy = rows.map((row) => [...row]);
  return rank([...copy, [...wanted]]) === rank(rows.map((row) => [...row]));
}

test('no small group follows from the tables of a list together, were they exact', () => {
  const [languages, sources, months] = [
    ['de', 'en', 'fr'],
    ['form', 'import', 'shop'],
    ['10', '11'],
  ] as const;
  const keys = languages.flatMap((l) => sources.flatMap((s) => months.map((m) => [l, s, m] as const)));
  const dimensions = [languages, sources, months].map((_, at) => at);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 0, 0, 0, 1, 2, 12), { minLength: keys.length, maxLength: keys.length }),
      (counts) => {
        const inClass = (at: number, classes: ReadonlySet<string>) =>
          keys.map((key) => (classes.has(key[at]!) ? 1 : 0));
        const size = (mask: readonly number[]) =>
          mask.reduce<number>((sum, bit, at) => sum + bit * counts[at]!, 0);
        const rows = dimensions.flatMap((at) => {
          const classes = [...new Set(keys.map((key) => key[at]!))];
          const shown = grouped(classes.map((name) => cell(name, size(inClass(at, new Set([name]))))));
          if (!shown) return [];
          const hidden = classes.filter((name) => !shown.groups.some(({ key }) => key === name));
          return [
            ...shown.groups.map(({ key }) => inClass(at, new Set([key]))),
            inClass(at, new Set(hidden)),
          ];
        });
        const everyClass = dimensions.flatMap((at) =>
          subsets([...new Set(keys.map((key) => key[at]!))]).map((some) => inClass(at, new Set(some))),
        );
        const everyPair = keys.flatMap((_, a) =>
          keys.slice(a).map((__, b) => keys.map((___, at) => (at === a || at === a + b ? 1 : 0))),
        );
        for (const mask of [...everyClass, ...everyPair]) {
          if (size(mask) > 0 && size(mask) < CROWD) expect(follows(rows, mask)).toBe(false);
        }
      },
    ),
    { numRuns: 60 },
  );
});

function subsets(names: readonly string[]): string[][] {
  return Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((__, at) => bits & (1 << at)));
}

test('an attacker who knows the rules, the classes and what is published pins no small count down', () => {
  const MOST = 24;
  const possible = new Map<string, Set<number>[]>();
  for (let a = 0; a <= MOST; a += 1)
    for (let b = 0; b <= MOST; b += 1)
      for (let c = 0; c <= MOST; c += 1) {
        const said = JSON.stringify(published([cell('a', a), cell('b', b), cell('c', c)]) ?? null);
        const values = possible.get(said) ?? [new Set<number>(), new Set<number>(), new Set<number>()];
        [a, b, c].forEach((count, at) => values[at]!.add(count));
        possible.set(said, values);
      }
  for (const values of possible.values()) {
    for (const counts of values) {
      const onlySmall = [...counts].every((count) => count > 0 && count < CROWD);
      if (onlySmall) expect(counts.size).toBeGreaterThan(1);
    }
  }
  expect(possible.size).toBeGreaterThan(10);
});

test('counts are rounded down to crowds', () => {
  expect([10, 19, 20, 1_234].map((count) => rounded(count))).toEqual([10, 10, 20, 1_230]);
});

test('a table is said anew only after a crowd has come and gone', () => {
  expect([0, 9, 10].map((changes) => mayBeSaidAnew(changes))).toEqual([false, false, true]);
});

test('a sum is made of what is published', () => {
  const tables: Grouped[] = [
    { groups: [cell('de', 40), cell('en', 10)], other: 10 },
    { groups: [cell('en', 20)], other: 0 },
  ];
  expect(summed(tables)).toEqual({ groups: [cell('de', 40), cell('en', 30)], other: 10 });
});
