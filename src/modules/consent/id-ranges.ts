/** A set of ids as PostgreSQL's int8multirange: runs `[from, to)`, in order, apart from each other. */
export type IdRanges = readonly (readonly [from: number, to: number])[];

/** @param text such as `{[1,4),[6,9)}` */
export function parseRanges(text: string): IdRanges {
  return [...text.matchAll(/\[(-?\d+),(-?\d+)\)/g)].map(([, from, to]) => [Number(from), Number(to)]);
}

/** Through BigInt: a number beyond 2^53 would be rounded to so many digits, and the least bigint be none. */
export function formatRanges(ranges: IdRanges): string {
  return `{${ranges.map(([from, to]) => `[${BigInt(from)},${BigInt(to)})`).join(',')}}`;
}

/** @param ids in order */
export function rangesOf(ids: readonly number[]): IdRanges {
  return union(ids.map((id) => [id, id + 1]));
}

export function union(...sets: readonly IdRanges[]): IdRanges {
  const merged: [number, number][] = [];
  for (const [from, to] of sets.flat().sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** What is in `ranges` and not in `taken`. */
export function without(ranges: IdRanges, taken: IdRanges): IdRanges {
  const left: [number, number][] = [];
  let next = 0;
  for (const [from, to] of ranges) {
    let start = from;
    while (next < taken.length && taken[next]![1] <= start) next += 1;
    for (let at = next; at < taken.length && taken[at]![0] < to; at += 1) {
      if (taken[at]![0] > start) left.push([start, taken[at]![0]]);
      start = Math.max(start, taken[at]![1]);
    }
    if (start < to) left.push([start, to]);
  }
  return left;
}

export function has(ranges: IdRanges, id: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]![1] <= id) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length && ranges[low]![0] <= id;
}

export function sizeOf(ranges: IdRanges): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from, 0);
}

export function* each(ranges: IdRanges): Generator<number> {
  for (const [from, to] of ranges) for (let id = from; id < to; id += 1) yield id;
}
