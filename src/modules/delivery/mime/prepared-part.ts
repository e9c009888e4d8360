import { EXPANSION, isMostlyForeign, partHead, utf8, writePart, type PartType } from './body-part.js';
import { quotedPrintable, writeSoftBreak } from './transfer-encoding.js';

const LF = 0x0a;
const CR = 0x0d;
const STARTS_WITH_BREAK = /^[\r\n]/;

/**
 * One alternative of many mails, encoded but for the values between its strings.
 *
 * In quoted-printable any text may be cut anywhere: each string is encoded once as if it stood by itself, from the first column
 * on, each value likewise when it is known, and where a piece ends within a line a soft line break (`=`) joins the next one
 * to it. Three things do not survive a cut and are left to `writePart`: CR and LF of one line break on either side of it, halves of a
 * surrogate pair, and base64.
 */
export class PreparedPart {
  /** What stands around the values, encoded, the first one behind its head; undefined where it cannot be cut. */
  private readonly pieces: readonly Buffer[] | undefined;
  private readonly octets: number;

  /** @param strings one more than there are values */
  constructor(
    private readonly boundary: string,
    private readonly type: PartType,
    private readonly strings: readonly string[],
  ) {
    this.pieces = isCuttable(strings)
      ? strings.map((text, index) => encoded(index === 0 ? this.head : '', text))
      : undefined;
    this.octets = strings.reduce((sum, text) => sum + text.length, 0) * 3 * EXPANSION;
  }

  private get head(): string {
    return partHead(this.boundary, this.type, 'quoted-printable');
  }

  /** How many octets `write` may need. @param content as for `write` */
  room(content: readonly string[] | string): number {
    if (typeof content === 'string') return content.length * 3 * EXPANSION;
    let room = this.octets;
    for (const value of content) room += value.length * 3 * EXPANSION;
    return room;
  }

  /**
   * @param content the values, or the whole part where it is another one
   * @returns where it ends @throws MimeError for NUL
   */
  write(target: Buffer, at: number, content: readonly string[] | string): number {
    if (typeof content === 'string') return writePart(target, at, this.boundary, this.type, content);
    const { pieces } = this;
    if (!pieces || !content.every(mayStandAtCut))
      return writePart(target, at, this.boundary, this.type, this.whole(content));
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) at = writeValue(target, at, content[index - 1] ?? '');
      if (piece.length === 0) continue;
      if (piece[0] !== CR) at = joined(target, at);
      target.set(piece, at);
      at += piece.length;
    }
    return at;
  }

  private whole(values: readonly string[]): string {
    return this.strings.map((text, index) => text + (values[index] ?? '')).join('');
  }
}

function writeValue(target: Buffer, at: number, value: string): number {
  if (value === '') return at;
  return quotedPrintable(utf8(value), target, STARTS_WITH_BREAK.test(value) ? at : joined(target, at));
}

/** A soft line break where no line begins: what comes next is encoded as if one did. */
function joined(target: Buffer, at: number): number {
  return target[at - 1] === LF ? at : writeSoftBreak(target, at);
}

function encoded(head: string, text: string): Buffer {
  const source = Buffer.from(text);
  const target = Buffer.allocUnsafe(head.length + source.length * EXPANSION);
  return Buffer.from(target.subarray(0, quotedPrintable(source, target, target.write(head, 'latin1'))));
}

function isCuttable(strings: readonly string[]): boolean {
  const text = strings.join('');
  return strings.every(mayStandAtCut) && !isMostlyForeign(Buffer.byteLength(text), text.length);
}

function mayStandAtCut(text: string): boolean {
  return !text.endsWith('\r') && text.isWellFormed() && !text.includes('\0');
}
