import { isUtf8 } from 'node:buffer';
import { FileError } from './file-error.js';

const NEWLINE = 0x0a;
/** The longest byte order mark. */
const START = 3;

/**
 * The file as UTF-8 without a byte order mark: UTF-8 is checked and passed on, UTF-16 with its mark is rewritten.
 * @throws FileError for any other encoding, with the line of the first octets that do not fit
 */
export async function* toUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let passOn: Encoding | undefined;
  let start = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (passOn) {
      yield passOn.next(chunk);
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < START) continue;
    passOn = encodingOf(start);
    yield passOn.next(start.subarray(passOn.markOctets));
  }
  if (!passOn) {
    passOn = encodingOf(start);
    yield passOn.next(start.subarray(passOn.markOctets));
  }
  yield passOn.end();
}

interface Encoding {
  readonly markOctets: number;
  next(chunk: Buffer): Buffer;
  end(): Buffer;
}

function encodingOf(start: Buffer): Encoding {
  if (start.subarray(0, 2).equals(Buffer.from([0xff, 0xfe]))) return new Utf16('utf-16le');
  if (start.subarray(0, 2).equals(Buffer.from([0xfe, 0xff]))) return new Utf16('utf-16be');
  const markOctets = start.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  if (start.subarray(0, 2).includes(0)) {
    throw new FileError(
      'the file begins with a NUL octet: it is no text, or UTF-16 without a byte order mark; save it as UTF-8',
    );
  }
  return new Utf8(markOctets);
}

class Utf16 implements Encoding {
  readonly markOctets = 2;
  private readonly decoder: InstanceType<typeof TextDecoder>;

  constructor(encoding: 'utf-16le' | 'utf-16be') {
    this.decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  }

  next(chunk: Buffer): Buffer {
    return this.decoded(chunk, true);
  }

  end(): Buffer {
    return this.decoded(Buffer.alloc(0), false);
  }

  private decoded(chunk: Buffer, stream: boolean): Buffer {
    try {
      return Buffer.from(this.decoder.decode(chunk, { stream }));
    } catch {
      throw new FileError('the file begins as UTF-16 and is damaged: save it as UTF-8');
    }
  }
}

class Utf8 implements Encoding {
  /** The line in which what has not been passed on begins. */
  private line = 1;
  private held = Buffer.alloc(0);

  constructor(readonly markOctets: number) {}

  next(chunk: Buffer): Buffer {
    const all = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const whole = all.subarray(0, endOfWhole(all));
    this.held = Buffer.from(all.subarray(whole.length));
    return this.checked(whole);
  }

  end(): Buffer {
    return this.checked(this.held);
  }

  private checked(octets: Buffer): Buffer {
    if (!isUtf8(octets)) throw this.refusal(octets);
    for (let at = octets.indexOf(NEWLINE); at >= 0; at = octets.indexOf(NEWLINE, at + 1)) this.line += 1;
    return octets;
  }

  /** No octet of a character of several octets looks like a line break, so lines can be looked at alone. */
  private refusal(octets: Buffer): FileError {
    for (let from = 0, line = this.line; ; line += 1) {
      const end = octets.indexOf(NEWLINE, from);
      if (!isUtf8(octets.subarray(from, end < 0 ? octets.length : end)) || end < 0) {
        return new FileError(
          `line ${line} is not UTF-8 (perhaps the file is in windows-1252 or Latin-1): save it as UTF-8`,
        );
      }
      from = end + 1;
    }
  }
}

/** Where the last character that is there in full ends. RFC 3629 §3: how an octet begins says how many follow. */
function endOfWhole(octets: Buffer): number {
  for (let back = 1; back <= Math.min(3, octets.length); back += 1) {
    const octet = octets[octets.length - back]!;
    if ((octet & 0b1100_0000) === 0b1000_0000) continue;
    const needed = octet >= 0b1111_0000 ? 4 : octet >= 0b1110_0000 ? 3 : octet >= 0b1100_0000 ? 2 : 1;
    return needed > back ? octets.length - back : octets.length;
  }
  return octets.length;
}
