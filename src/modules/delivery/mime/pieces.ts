import { EXPANSION, utf8 } from './body-part.js';
import {
  base64Lines,
  quotedPrintable,
  withCrlf,
  writeLineBreak,
  writeSoftBreak,
} from './transfer-encoding.js';

const LF = 0x0a;
const CR = 0x0d;
const STARTS_WITH_BREAK = /^[\r\n]/;

/** A body that is encoded but for the values between its strings. */
export interface Pieces {
  readonly encoding: 'quoted-printable' | 'base64';
  /**
   * @param at where a line begins
   * @param values one less than there are strings
   * @returns where the body ends
   */
  write(target: Buffer, at: number, values: readonly string[]): number;
}

/**
 * In quoted-printable any text may be cut anywhere: each string is encoded once as if it stood by itself, from the first column
 * on, each value likewise when it is known, and where a piece ends within a line a soft line break (`=`) joins the next one to it.
 */
export class QuotedPrintablePieces implements Pieces {
  readonly encoding = 'quoted-printable';
  private readonly pieces: readonly Buffer[];

  constructor(strings: readonly string[]) {
    this.pieces = strings.map((text) => {
      const source = Buffer.from(text);
      const target = Buffer.allocUnsafe(source.length * EXPANSION);
      return Buffer.from(target.subarray(0, quotedPrintable(source, target, 0)));
    });
  }

  write(target: Buffer, at: number, values: readonly string[]): number {
    for (const [index, piece] of this.pieces.entries()) {
      const value = index === 0 ? '' : (values[index - 1] ?? '');
      if (value !== '') {
        if (!STARTS_WITH_BREAK.test(value)) at = joined(target, at);
        at = quotedPrintable(utf8(value), target, at);
      }
      if (piece.length === 0) continue;
      if (piece[0] !== CR) at = joined(target, at);
      target.set(piece, at);
      at += piece.length;
    }
    return at;
  }
}

/** A soft line break where no line begins: what comes next is encoded as if one did. */
function joined(target: Buffer, at: number): number {
  return target[at - 1] === LF ? at : writeSoftBreak(target, at);
}

/** What base64 makes of a string from its first, second or third octet on: groups of three octets, in lines. */
interface Base64Piece {
  readonly octets: Buffer;
  readonly from: readonly Buffer[];
}

/**
 * Base64 writes three octets as four characters and does not care where its lines end. So the octets left over behind a string, a
 * value, and as many of the next string as make whole groups of these go on lines of their own; the rest of that string was encoded
 * before, whether none, one or two of its octets are gone.
 */
export class Base64Pieces implements Pieces {
  readonly encoding = 'base64';
  private readonly pieces: readonly Base64Piece[];

  constructor(strings: readonly string[]) {
    this.pieces = strings.map((text) => {
      const octets = Buffer.from(withCrlf(text));
      return {
        octets,
        from: [0, 1, 2].map((offset) => linesOf(octets.subarray(offset, groupsEnd(octets, offset)))),
      };
    });
  }

  write(target: Buffer, at: number, values: readonly string[]): number {
    let left: Buffer = Buffer.alloc(0);
    for (const [index, { octets, from }] of this.pieces.entries()) {
      const value = index === 0 ? '' : (values[index - 1] ?? '');
      if (value !== '') left = Buffer.concat([left, Buffer.from(withCrlf(value))]);
      const offset = (3 - (left.length % 3)) % 3;
      if (octets.length < offset) {
        left = Buffer.concat([left, octets]);
        continue;
      }
      at = onLines(target, at, linesOf(Buffer.concat([left, octets.subarray(0, offset)])));
      at = onLines(target, at, from[offset] as Buffer);
      left = octets.subarray(groupsEnd(octets, offset));
    }
    return onLines(target, at, linesOf(left));
  }
}

/** Where the last whole group ends, counted from an offset. */
function groupsEnd(octets: Buffer, offset: number): number {
  return octets.length < offset ? octets.length : octets.length - ((octets.length - offset) % 3);
}

function linesOf(octets: Buffer): Buffer {
  const target = Buffer.allocUnsafe(octets.length * EXPANSION);
  return target.subarray(0, base64Lines(octets, target, 0));
}

function onLines(target: Buffer, at: number, lines: Buffer): number {
  if (lines.length === 0) return at;
  if (target[at - 1] !== LF) at = writeLineBreak(target, at);
  target.set(lines, at);
  return at + lines.length;
}
