import { decodeText } from './decode.js';
import { first, parseFields, parseParameters, type Fields } from './fields.js';

/**
 * A light MIME reader for reports. Unlike a mail client's it takes what is broken (no boundary declared, no blank line, a header
 * without a type, no end), reads no attachment, and has a bound for everything: it is fed by anybody who can send a mail.
 */
export interface Part {
  /** Lower case, `text/plain` where none is said. */
  readonly type: string;
  readonly fields: Fields;
  /** As it was sent, in latin1: see `textOf`. Empty for a multipart. */
  readonly body: string;
  readonly children: readonly Part[];
}

/** A report comes before the mail that it returns. Whatever follows the first megabyte is that mail. */
const MOST_BYTES = 1_048_576;
const MOST_PARTS = 60;
const DEEPEST = 8;

export function parseMail(raw: Buffer): Part {
  const text = raw.subarray(0, MOST_BYTES).toString('latin1').replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  return parsePart(text.replace(/^(\s*\n)?(>?From [^\n]*\n)?/, ''), { parts: MOST_PARTS }, 0);
}

/** The text of a part in its charset. */
export function textOf({ fields, body }: Part): string {
  const { parameters } = parseParameters(first(fields, 'content-type') ?? '');
  return decodeText(body, first(fields, 'content-transfer-encoding'), parameters.get('charset') ?? null);
}

/** What a message/rfc822 part, or a text with headers in it, holds. */
export const parseNested = (part: Part): Part =>
  parsePart(
    first(part.fields, 'content-transfer-encoding') ? textOf(part) : part.body,
    { parts: MOST_PARTS },
    DEEPEST - 2,
  );

function parsePart(text: string, budget: { parts: number }, depth: number): Part {
  budget.parts -= 1;
  const blank = text.startsWith('\n') ? 0 : text.indexOf('\n\n');
  const fields = parseFields(text.slice(0, blank < 0 ? undefined : blank));
  const body = blank < 0 ? '' : text.slice(blank + (blank === 0 ? 1 : 2));
  const { value, parameters } = parseParameters(first(fields, 'content-type') ?? '');
  const type = value || 'text/plain';
  const boundary =
    depth < DEEPEST ? (parameters.get('boundary') ?? guessedBoundary(fields, type, body)) : undefined;
  if (!boundary || !(type.startsWith('multipart/') || !value)) return { type, fields, body, children: [] };
  const texts = split(body, boundary, budget.parts);
  // Declared, but not what stands there: rewritten on the way, or flattened to one text.
  const parts = texts.length > 0 ? texts : body.split(/^--\S[^\n]*\n(?=Content-)/im).slice(1, budget.parts);
  if (parts.length === 0) return { type: 'text/plain', fields, body, children: [] };
  const children = parts.map((part) => parsePart(part, budget, depth + 1));
  return { type: value ? type : 'multipart/mixed', fields, body: '', children };
}

/** A stored report often lost the header that named its boundary; a text may also quote a mail with boundaries of its own. */
function guessedBoundary(fields: Fields, type: string, body: string): string | undefined {
  if (!type.startsWith('multipart/')) {
    if (fields.has('content-type') || !/\nContent-Type: *message\/(delivery-status|feedback)/i.test(body))
      return undefined;
  }
  return /(?:^|\n)--(\S[^\n]{2,100})\nContent-[a-z-]+:/i.exec(body.slice(0, 65_536))?.[1]?.trimEnd();
}

/** The parts between boundary lines; a missing last boundary ends with the text. */
function split(body: string, boundary: string, most: number): string[] {
  const parts: string[] = [];
  const text = `\n${body}`;
  const line = `\n--${boundary}`;
  let start = -1;
  for (let at = text.indexOf(line); at >= 0 && parts.length < most; at = text.indexOf(line, at + 1)) {
    // One boundary may begin with another.
    if (/[^\s-]/.test(text.charAt(at + line.length))) continue;
    if (start >= 0) parts.push(text.slice(start, at));
    const end = text.indexOf('\n', at + 1);
    start = end < 0 || text.startsWith('--', at + line.length) ? -1 : end + 1;
    if (start < 0) break;
  }
  if (start >= 0 && parts.length < most) parts.push(text.slice(start));
  return parts;
}
