import { MimeError } from './mime-error.js';
import { base64, NOT_7BIT, quotedPrintable, sevenBit } from './transfer-encoding.js';

export type PartType = 'text/plain' | 'text/html';

/** An encoder needs this many octets for one; soft line breaks and white space at line ends are in it. */
export const EXPANSION = 4;

/** Composing is synchronous, so one mail after the other uses the same memory; a larger mail gets its own. */
const kept = { source: Buffer.allocUnsafeSlow(2 ** 18), target: Buffer.allocUnsafeSlow(2 ** 20) };

/** Memory to compose a mail in, until the next one is composed. */
export function targetOf(size: number): Buffer {
  return memory(kept.target, size);
}

/** The octets of a text, until the next one is asked for. Half a surrogate pair becomes U+FFFD. */
export function utf8(content: string): Buffer {
  const octets = memory(kept.source, content.length * 3);
  return octets.subarray(0, octets.write(content, 'utf8'));
}

function memory(own: Buffer, size: number): Buffer {
  return size <= own.length ? own : Buffer.allocUnsafe(size);
}

/**
 * One alternative, in the encoding that suits it, behind the boundary before it.
 * @returns where it ends @throws MimeError for NUL
 */
export function writePart(
  target: Buffer,
  at: number,
  boundary: string,
  type: PartType,
  content: string,
): number {
  if (content.includes('\0')) throw new MimeError(`The ${type} part`, 'holds NUL');
  const write = (encoding: string) => at + target.write(partHead(boundary, type, encoding), at, 'latin1');
  const source = utf8(content);
  if (isMostlyForeign(source.length, content.length)) return base64(source, target, write('base64'));
  const end = sevenBit(source, target, write('7bit'));
  return end === NOT_7BIT ? quotedPrintable(source, target, write('quoted-printable')) : end;
}

export function partHead(boundary: string, type: PartType, encoding: string): string {
  return `\r\n--${boundary}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
}

export function lastBoundary(boundary: string): string {
  return `\r\n--${boundary}--\r\n`;
}

/**
 * RFC 2046 §5.1.1: at most 70 characters, in no part. Neither quoted-printable nor base64 can hold `=_`, and what holds a line
 * that begins like it does not go as 7bit.
 */
export function boundaryOf(unique: string): string {
  return `=_${unique.replace(/[^\w.-]/g, '').slice(0, 60)}`;
}

/**
 * Whether quoted-printable would be more than about half as long again: base64 is a third longer, whatever it holds. A character outside
 * ASCII has one octet more than UTF-16 units where it has two octets, two more where it has three or four.
 */
export function isMostlyForeign(octets: number, characters: number): boolean {
  return (octets - characters) * 7 > octets;
}
