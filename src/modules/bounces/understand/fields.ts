/** Header fields by lower-case name, in order; a name may come several times (RFC 5322, and the groups of RFC 3464 and 5965). */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** More fields than this in one block are an attack or no header. */
const MOST_FIELDS = 2_000;
const LONGEST_VALUE = 8_192;

/** Reads a block of fields, unfolded. Lines that are no field are passed over: reports are often half broken. */
export function parseFields(block: string): Fields {
  const fields = new Map<string, string[]>();
  let count = 0;
  let last: string[] | undefined;
  for (const line of block.split('\n')) {
    if (/^[ \t]/.test(line)) {
      const at = (last?.length ?? 0) - 1;
      const value = last?.[at];
      if (last && value !== undefined && value.length < LONGEST_VALUE) last[at] = `${value} ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    const name = colon > 0 && colon < 80 ? line.slice(0, colon).trim().toLowerCase() : '';
    if (!name || /[^!-9;-~]/.test(name)) {
      last = undefined;
      continue;
    }
    if (++count > MOST_FIELDS) break;
    last = fields.get(name) ?? [];
    last.push(line.slice(colon + 1, colon + 1 + LONGEST_VALUE).trim());
    fields.set(name, last);
  }
  return fields;
}

/** The first field of that name that says anything. */
export const first = (fields: Fields | undefined, ...names: readonly string[]): string | null => {
  for (const name of names) {
    const value = fields?.get(name)?.find((text) => text !== '');
    if (value) return value;
  }
  return null;
};

/** `type/subtype; name=value; …`: the value in lower case and its parameters (RFC 2045 §5.1). */
export function parseParameters(value: string): { value: string; parameters: ReadonlyMap<string, string> } {
  const parameters = new Map<string, string>();
  for (const [, name, quoted, plain] of value.matchAll(
    /;\s*([\w*!#$&+.^`|~-]{1,40})\s*=\s*(?:"([^"]{0,500})"|([^\s;"]{1,500}))/g,
  )) {
    if (name && !parameters.has(name.toLowerCase()))
      parameters.set(name.toLowerCase(), quoted ?? plain ?? '');
  }
  return { value: (/^[^\s;]+/.exec(value)?.[0] ?? '').toLowerCase(), parameters };
}
