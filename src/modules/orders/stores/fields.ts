/** Reading JSON of others: a field that is not there, or is something else, is undefined and breaks nothing. */

export type Json = Readonly<Record<string, unknown>>;

export function objectAt(from: unknown, ...path: string[]): Json | undefined {
  const found = path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), from);
  return isObject(found) ? found : undefined;
}

export function listAt(from: unknown, ...path: string[]): Json[] {
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), from);
  const found = isObject(holder) ? holder[path.at(-1) ?? ''] : undefined;
  return Array.isArray(found) ? found.filter(isObject) : [];
}

/** A text, or a number as its text; undefined for '' too. */
export function textAt(from: Json | undefined, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = from?.[key];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}

export function numberAt(from: Json | undefined, key: string): number | undefined {
  const value = from?.[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** As long as an order's items may be called. */
export function itemName(text: string | undefined): string | undefined {
  return text && text.length > 500 ? `${text.slice(0, 499).toWellFormed()}…` : text;
}

/** Without what is undefined, so that it can stand in for nothing. */
export function known(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
