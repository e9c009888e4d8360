import { EXPANSION, isMostlyForeign, partHead, writePart, type PartType } from './body-part.js';
import { Base64Pieces, QuotedPrintablePieces, type Pieces } from './pieces.js';

/**
 * One alternative of many mails, encoded but for the values between its strings. Two things do not survive a cut and are left to
 * `writePart`: a line break with its CR on one side of it and its LF on the other, and a surrogate pair in halves.
 */
export class PreparedPart {
  /** Undefined where the part cannot be cut. */
  private readonly pieces: Pieces | undefined;
  private readonly head: string;
  private readonly characters: number;

  /** @param strings one more than there are values */
  constructor(
    private readonly boundary: string,
    private readonly type: PartType,
    private readonly strings: readonly string[],
  ) {
    const text = strings.join('');
    const isForeign = isMostlyForeign(Buffer.byteLength(text), text.length);
    if (strings.every(mayStandAtCut))
      this.pieces = isForeign ? new Base64Pieces(strings) : new QuotedPrintablePieces(strings);
    this.head = partHead(boundary, type, this.pieces?.encoding ?? '');
    this.characters = text.length;
  }

  /** How many octets `write` may need. @param content as for `write` */
  room(content: readonly string[] | string): number {
    let characters = this.head.length;
    if (typeof content === 'string') characters += content.length;
    else for (const value of content) characters += value.length;
    return (this.characters + characters) * 3 * EXPANSION;
  }

  /**
   * @param content the values, or the whole part where it is another one
   * @returns where it ends @throws MimeError for NUL
   */
  write(target: Buffer, at: number, content: readonly string[] | string): number {
    if (typeof content !== 'string' && this.pieces && content.every(mayStandAtCut))
      return this.pieces.write(target, at + target.write(this.head, at, 'latin1'), content);
    const whole = typeof content === 'string' ? content : this.whole(content);
    return writePart(target, at, this.boundary, this.type, whole);
  }

  private whole(values: readonly string[]): string {
    return this.strings.map((text, index) => text + (values[index] ?? '')).join('');
  }
}

/** NUL may stand nowhere: `writePart` says so. */
function mayStandAtCut(text: string): boolean {
  return !text.endsWith('\r') && text.isWellFormed() && !text.includes('\0');
}
