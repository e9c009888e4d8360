/**
 * Content-Transfer-Encoding (RFC 2045 §6) of one text part. An encoder writes the source, UTF-8 with line breaks of any kind, into
 * the target from `at` on and returns where it ended. It needs room for four octets for each of the source's.
 */
export type Encoder = (source: Buffer, target: Buffer, at: number) => number;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DASH = 0x2d;
const DOT = 0x2e;
const EQUALS = 0x3d;
const UNDERSCORE = 0x5f;
const FROM = Buffer.from('From ');
const HEX = Buffer.from('0123456789ABCDEF');

/** RFC 5322 §2.1.1: the lines of a body should have no more. */
const LINE_LENGTH = 78;
/** RFC 2045 §6.7 (5): 76 with the `=` of a soft line break. */
const QP_LENGTH = 75;
/** 76 characters of base64. */
const BASE64_OCTETS = 57;

/** By octet: 1 where it may stand for itself. */
const PRINTABLE = new Uint8Array(256).fill(1, SPACE, 0x7f).fill(1, TAB, TAB + 1);
const LITERAL = PRINTABLE.slice().fill(0, EQUALS, EQUALS + 1);

export const NOT_7BIT = -1;

/**
 * Only line breaks are written anew. Ends with NOT_7BIT where a line is long, not ASCII, or of a kind that gets changed under way: with
 * white space at its end, with a dot or `From ` at its beginning (RFC 2049 §3), or like a boundary of ours.
 */
export const sevenBit: Encoder = (source, target, at) => {
  const { length } = source;
  let line = at;
  let read = 0;
  while (read < length) {
    if (at === line && (isAtRisk(source, read) || isBoundary(source, read))) return NOT_7BIT;
    const stop = Math.min(length, read + LINE_LENGTH - (at - line));
    while (read < stop && PRINTABLE[source[read] as number] === 1) target[at++] = source[read++] as number;
    if (read === length) break;
    if (!isLineBreak(source[read]) || endsWithSpace(target, line, at)) return NOT_7BIT;
    read += lineBreakLength(source, read);
    at = writeLineBreak(target, at);
    line = at;
  }
  return endsWithSpace(target, line, at) ? NOT_7BIT : at;
};

/** RFC 2045 §6.7. About 1 ns an octet: the inner loop copies what needs nothing. */
export const quotedPrintable: Encoder = (source, target, at) => {
  const { length } = source;
  let line = at;
  let read = 0;
  while (read < length) {
    if (at === line && isAtRisk(source, read)) at = writeEscaped(source[read++] as number, target, at);
    const stop = Math.min(length, read + QP_LENGTH - (at - line));
    while (read < stop && LITERAL[source[read] as number] === 1) target[at++] = source[read++] as number;
    if (read === length) break;
    const octet = source[read] as number;
    if (isLineBreak(octet)) {
      read += lineBreakLength(source, read);
      at = writeLineBreak(target, escapeLastSpace(target, line, at));
      line = at;
    } else if (at - line + (LITERAL[octet] === 1 ? 1 : 3) > QP_LENGTH) {
      at = line = writeSoftBreak(target, at);
    } else {
      at = writeEscaped(octet, target, at);
      read += 1;
    }
  }
  return escapeLastSpace(target, line, at);
};

/** RFC 2045 §6.8, of the text with CRLF for each of its line breaks. */
export const base64: Encoder = (source, target, at) =>
  base64Lines(Buffer.from(withCrlf(source.toString())), target, at);

/** Any octets. No line break behind the last line. */
export const base64Lines: Encoder = (octets, target, at) => {
  for (let read = 0; read < octets.length; read += BASE64_OCTETS) {
    if (read > 0) at = writeLineBreak(target, at);
    at += target.write(octets.toString('base64', read, read + BASE64_OCTETS), at, 'latin1');
  }
  return at;
};

export function withCrlf(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}

/** Single dots end the DATA of a careless server, and `From ` begins a mail in an mbox file. */
function isAtRisk(source: Buffer, at: number): boolean {
  const octet = source[at];
  return octet === DOT || (octet === FROM[0] && source.subarray(at, at + FROM.length).equals(FROM));
}

/** Boundaries of ours begin with `=_`, which neither quoted-printable nor base64 can hold. */
function isBoundary(source: Buffer, at: number): boolean {
  return (
    source[at] === DASH &&
    source[at + 1] === DASH &&
    source[at + 2] === EQUALS &&
    source[at + 3] === UNDERSCORE
  );
}

function isLineBreak(octet: number | undefined): boolean {
  return octet === LF || octet === CR;
}

function lineBreakLength(source: Buffer, at: number): number {
  return source[at] === CR && source[at + 1] === LF ? 2 : 1;
}

function endsWithSpace(target: Buffer, line: number, at: number): boolean {
  return at > line && (target[at - 1] === SPACE || target[at - 1] === TAB);
}

/** RFC 2045 §6.7 (3): white space at the end of a line may be lost. */
function escapeLastSpace(target: Buffer, line: number, at: number): number {
  if (!endsWithSpace(target, line, at)) return at;
  const space = target[at - 1] as number;
  const start = at - 1 - line + 3 > QP_LENGTH ? writeSoftBreak(target, at - 1) : at - 1;
  return writeEscaped(space, target, start);
}

function writeEscaped(octet: number, target: Buffer, at: number): number {
  target[at] = EQUALS;
  target[at + 1] = HEX[octet >> 4] as number;
  target[at + 2] = HEX[octet & 0x0f] as number;
  return at + 3;
}

export function writeSoftBreak(target: Buffer, at: number): number {
  target[at] = EQUALS;
  return writeLineBreak(target, at + 1);
}

export function writeLineBreak(target: Buffer, at: number): number {
  target[at] = CR;
  target[at + 1] = LF;
  return at + 2;
}
