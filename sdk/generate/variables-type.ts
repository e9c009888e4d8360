import type { Variables } from '../../src/modules/templates/types.js';

export interface Template {
  /** Variables of a believable mail. */
  readonly sample: Variables;
  /** The paths that the template reads, such as `['order', 'number']`; what it reads of a list's items is not among them. */
  readonly read: readonly Path[];
  /** Whether it can be filled with these. */
  readonly fills: (variables: Variables) => boolean;
  /** What the mails of other templates have at a path, where this sample has nothing. */
  readonly elsewhere: (path: Path) => unknown;
}

type Path = readonly string[];
/** Whether the template can be filled with these in place of the values of a path. */
type Refill = (values: readonly unknown[]) => boolean;

interface Found<T> {
  readonly type: string;
  /** The values without everything that may be left out. */
  readonly rest: readonly T[];
}

const ITEM = '[]';

/**
 * The variables of a template as a TypeScript type. What kind of value each has is seen in the sample; whether it must be there is
 * tried: the sample is filled without it, by the engine that will fill the mail. Optional are those that can all be left out together.
 */
export function typeOfVariables({ sample, read, fills, elsewhere }: Template): string {
  return typeOf([sample], [], ([variables]) => fills(variables as Variables)).type;

  /** @param values what the sample has at this path: one value, or one of each item where the path leads through a list */
  function typeOf(values: readonly unknown[], path: Path, refill: Refill): Found<unknown> {
    const [first] = values;
    if (Array.isArray(first)) {
      const lists = values as readonly unknown[][];
      const items = typeOf(lists.flat(), [...path, ITEM], (changed) => refill(regroup(lists, changed)));
      return { type: `${items.type}[]`, rest: regroup(lists, items.rest) };
    }
    if (isObject(first)) return typeOfObjects(values as readonly Variables[], path, refill);
    // What a template reads and no sample has is a text or an amount.
    return { type: typeof (first ?? ''), rest: values };
  }

  /** Backwards, so that what comes first (the order) stays, and what could stand in for it (a parcel's items) is optional. */
  function typeOfObjects(objects: readonly Variables[], path: Path, refill: Refill): Found<Variables> {
    let rest = objects;
    const fields: string[] = [];
    for (const name of namesIn(objects, path).toReversed()) {
      const before = rest;
      const { type, rest: left } = typeOf(valuesOf(objects, name, path), [...path, name], (values) =>
        refill(put(before, name, values)),
      );
      const withIt = put(before, name, left);
      const without = withIt.map((object) => omit(object, name));
      const isOptional = refill(without);
      rest = isOptional ? without : withIt;
      fields.unshift(`${name}${isOptional ? '?' : ''}: ${type}${isOptional ? ' | null' : ''};`);
    }
    const margin = `\n${'  '.repeat(path.filter((name) => name !== ITEM).length + 1)}`;
    return { type: `{${fields.map((field) => `${margin}  ${field}`).join('')}${margin}}`, rest };
  }

  function namesIn(objects: readonly Variables[], path: Path): string[] {
    const sampled = objects.flatMap((object) => Object.keys(object));
    const named = read.filter((one) => startsWith(one, path)).flatMap((one) => one[path.length] ?? []);
    return [...new Set([...sampled, ...named])].filter(
      (name) => path.includes(ITEM) || isRead([...path, name]),
    );
  }

  /** It, something in it, or the whole of which it is a part. */
  function isRead(path: Path): boolean {
    return read.some((one) => startsWith(one, path) || startsWith(path, one));
  }

  function valuesOf(objects: readonly Variables[], name: string, path: Path): readonly unknown[] {
    const values = objects.map((object) => object[name] ?? undefined).filter((value) => value !== undefined);
    return values.length > 0 ? values : [elsewhere([...path, name])];
  }
}

/** The values go to the objects that have one under this name; one that none has goes to the first. */
function put(objects: readonly Variables[], name: string, values: readonly unknown[]): Variables[] {
  const holders = objects.filter((object) => (object[name] ?? undefined) !== undefined);
  const takers = holders.length > 0 ? holders : objects.slice(0, 1);
  return objects.map((object) => {
    const index = takers.indexOf(object);
    return index === -1 ? object : { ...object, [name]: values[index] };
  });
}

function omit({ ...object }: Variables, name: string): Variables {
  delete object[name];
  return object;
}

/** Items as lists of the lengths that these have. */
function regroup(lists: readonly unknown[][], items: readonly unknown[]): unknown[][] {
  let taken = 0;
  return lists.map(({ length }) => items.slice(taken, (taken += length)));
}

function startsWith(path: Path, beginning: Path): boolean {
  return beginning.every((name, index) => path[index] === name);
}

function isObject(value: unknown): value is Variables {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
