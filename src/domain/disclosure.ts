/**
 * Counts of people that may be shown to anybody: no group of fewer than CROWD can be read from them, nor worked out by subtraction.
 * Why these rules and not others: docs/decisions/0011-audience-report.md.
 */

/** The smallest group that is shown (k of k-anonymity), and the step that counts are rounded down to. */
export const CROWD = 10;

/** How many are in one class of a table, such as a language. Classes do not overlap. */
export interface Cell {
  readonly key: string;
  readonly count: number;
}

/** A table with its small classes put together, each group a crowd; `other` is 0 where nothing had to be. */
export interface Grouped {
  readonly groups: readonly Cell[];
  readonly other: number;
}

/**
 * Puts the small classes together. Where they are no crowd even so, the next larger class goes with them: else the total minus what is
 * shown would tell how many they are (complementary suppression). As what is left is a partition into crowds, every number that follows
 * from it by adding and subtracting is about a union of crowds.
 * @returns undefined where all of them are no crowd
 */
export function grouped(cells: readonly Cell[], crowd: number = CROWD): Grouped | undefined {
  const byCount = cells.filter(({ count }) => count > 0).toSorted((a, b) => a.count - b.count || order(a, b));
  const total = byCount.reduce((sum, { count }) => sum + count, 0);
  if (total < crowd) return undefined;
  let hidden = 0;
  let other = 0;
  while ((byCount[hidden]?.count ?? Infinity) < crowd || (other > 0 && other < crowd)) {
    other += byCount[hidden]?.count ?? 0;
    hidden += 1;
  }
  return { groups: byCount.slice(hidden).toSorted(order), other };
}

/** No number is exact, so that two reports cannot be compared to the person. Down, so that 10 means "10 to 19", never fewer. */
export function rounded(count: number, step: number = CROWD): number {
  return Math.floor(count / step) * step;
}

/** What is shown of a table. */
export function published(cells: readonly Cell[]): Grouped | undefined {
  const table = grouped(cells);
  return (
    table && {
      groups: table.groups.map(({ key, count }) => ({ key, count: rounded(count) })),
      other: rounded(table.other),
    }
  );
}

/**
 * Whether a table may be said anew. Only once a crowd has come and gone since the last time: what differs between two reports is then the
 * doing of a crowd.
 */
export function mayBeSaidAnew(comeAndGone: number): boolean {
  return comeAndGone >= CROWD;
}

/** The sum of tables that are published each by itself: it follows from them, and so tells nothing more. */
export function summed(tables: readonly Grouped[]): Grouped {
  const sums = new Map<string, number>();
  for (const { key, count } of tables.flatMap(({ groups }) => groups)) {
    sums.set(key, (sums.get(key) ?? 0) + count);
  }
  const groups = [...sums].map(([key, count]) => ({ key, count })).toSorted(order);
  return { groups, other: tables.reduce((sum, { other }) => sum + other, 0) };
}

function order(a: Cell, b: Cell): number {
  return a.key < b.key ? -1 : 1;
}
