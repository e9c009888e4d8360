/** A piece of MJML or HTML with its place. Reading stops at the first piece that never ends. */
export type MarkupToken =
  | { kind: 'open'; name: string; attributes: string; selfClosing: boolean; start: number; end: number }
  | { kind: 'close'; name: string; start: number; end: number }
  | { kind: 'text' | 'liquid' | 'comment'; start: number; end: number }
  | { kind: 'endless'; what: string; start: number; end: number };

const OPEN_TAG = /<([a-zA-Z][\w:-]*)([^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*)>/y;
const CLOSE_TAG = /<\/([a-zA-Z][\w:-]*)[^<>]*>/y;
const SPECIAL = /<(?=[a-zA-Z/!])|\{\{|\{%/g;

/** Elements whose content is not markup; in HTML they have content even when written `<style/>`. */
const RAW_TEXT = new Set(['style', 'script', 'title', 'mj-style']);

/** Browsers end a comment at `-->`, at `--!>`, and `<!-->` at once (WHATWG HTML §13.2.5.43 on). */
const DELIMITED = [
  { open: '{{', end: /\}\}/g, skip: 2, kind: 'liquid' },
  { open: '{%', end: /%\}/g, skip: 2, kind: 'liquid' },
  { open: '<!--', end: /--!?>/g, skip: 2, kind: 'comment' },
  { open: '<!', end: />/g, skip: 2, kind: 'comment' },
] as const;

/** Reads markup in one pass; Liquid tokens are opaque, so `{% if a < b %}` is no tag. */
export function* readMarkup(source: string): Generator<MarkupToken> {
  let position = 0;
  while (position < source.length) {
    SPECIAL.lastIndex = position;
    const start = SPECIAL.exec(source)?.index ?? source.length;
    if (start > position) yield { kind: 'text', start: position, end: start };
    if (start === source.length) return;
    const token = readSpecial(source, start);
    yield token;
    if (token.kind === 'endless') return;
    position = token.end;
    if (token.kind !== 'open' || !RAW_TEXT.has(token.name)) continue;
    if (token.name === 'mj-style' && token.selfClosing) continue;
    const end = endOfRawText(source, token.name, position);
    if (end > position) yield { kind: 'text', start: position, end };
    position = end;
  }
}

function readSpecial(source: string, start: number): MarkupToken {
  const delimited = DELIMITED.find(({ open }) => source.startsWith(open, start));
  if (delimited) {
    delimited.end.lastIndex = start + delimited.skip;
    if (!delimited.end.test(source))
      return { kind: 'endless', what: delimited.open, start, end: source.length };
    return { kind: delimited.kind, start, end: delimited.end.lastIndex };
  }
  const isClose = source[start + 1] === '/';
  const pattern = isClose ? CLOSE_TAG : OPEN_TAG;
  pattern.lastIndex = start;
  const match = pattern.exec(source);
  if (!match) {
    const what = /^<\/?[\w:-]*/.exec(source.slice(start, start + 40))?.[0] ?? '<';
    return { kind: 'endless', what, start, end: source.length };
  }
  const name = (match[1] as string).toLowerCase();
  const end = pattern.lastIndex;
  if (isClose) return { kind: 'close', name, start, end };
  const attributes = match[2] ?? '';
  return { kind: 'open', name, attributes, selfClosing: attributes.endsWith('/'), start, end };
}

function endOfRawText(source: string, name: string, from: number): number {
  const closing = new RegExp(`</${name}[\\s>]`, 'ig');
  closing.lastIndex = from;
  return closing.exec(source)?.index ?? source.length;
}

export interface Attribute {
  name: string;
  value: string;
}

/** The attributes of an open tag, in order, names in lower case, values without their quotes. */
export function readAttributes(attributes: string): Attribute[] {
  const pattern = /([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+))?/g;
  return [...attributes.matchAll(pattern)].map(([, name, value = '']) => ({
    name: (name as string).toLowerCase(),
    value: /^["']/.test(value) ? value.slice(1, -1) : value,
  }));
}

/** Line numbers, counted from 1, of positions in a text. */
export function lineCounter(source: string): (position: number) => number {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return (position) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= position) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
