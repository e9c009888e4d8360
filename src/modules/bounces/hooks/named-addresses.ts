import { storableText } from '../../../domain/index.js';

/** What stands around an address, in a text, a field of a mail or a reply. */
const AROUND = /[\s"'<>(),:;\\[\]]+/;
const LONGEST_ADDRESS = 320;
const MOST_ADDRESSES = 5_000;
const DEEPEST = 12;

/** Every address that some JSON names, in lower case; also in JSON within its texts, as Amazon SNS has it. */
export function namedAddresses(content: unknown): Set<string> {
  const found = new Set<string>();
  collect(content, found, 0);
  return found;
}

function collect(value: unknown, found: Set<string>, depth: number): void {
  if (depth > DEEPEST || found.size >= MOST_ADDRESSES) return;
  if (typeof value === 'string') {
    const inner = /^\s*[{[]/.test(value) ? parsed(value) : undefined;
    if (inner !== undefined) collect(inner, found, depth + 1);
    else for (const word of value.split(AROUND)) if (isAddress(word)) found.add(clean(word));
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      if (name.includes('@')) collect(name, found, depth + 1);
      collect(part, found, depth + 1);
    }
  }
}

const isAddress = (word: string): boolean => word.length <= LONGEST_ADDRESS && /.@./.test(word);

const clean = (address: string): string => storableText(address).toLowerCase().replace(/\.+$/, '');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
