import type { Room } from './room.js';
import { SmtpRefusal } from './smtp-refusal.js';

const FIRST_OCTETS = 4 * 1024;

export interface ReadLimits {
  /** The largest mail, in octets. */
  readonly maxBytes: number;
  readonly room: Room;
  /** Ends the connection with this answer. */
  readonly cut: (refusal: SmtpRefusal) => void;
}

/**
 * The whole mail, while `use` works on it. It is copied into one buffer that grows: kept as they come, packets of one octet each
 * would take a hundred times their size. What is refused is read to its end, so that the client hears why, but not kept, and a
 * client that goes on to twice the limit is cut.
 * @throws SmtpRefusal for a mail that is too large (552), or that finds no room (452); what the stream throws when the client goes away
 */
export async function readMail<T>(
  stream: AsyncIterable<Buffer>,
  limits: ReadLimits,
  use: (raw: Buffer) => Promise<T>,
): Promise<T> {
  const { maxBytes, room, cut } = limits;
  let buffer = Buffer.alloc(0);
  let octets = 0;
  let refusal: SmtpRefusal | undefined;
  const refuse = (why: SmtpRefusal) => {
    refusal = why;
    room.give(buffer.length);
    buffer = Buffer.alloc(0);
  };
  try {
    for await (const chunk of stream) {
      const end = octets + chunk.length;
      if (!refusal && end > maxBytes) refuse(tooLarge(maxBytes));
      if (refusal && end > maxBytes * 2) cut(tooLarge(maxBytes));
      if (!refusal && end > buffer.length) {
        const length = Math.min(maxBytes, Math.max(FIRST_OCTETS, buffer.length * 2, end));
        if (room.take(length - buffer.length)) {
          const larger = Buffer.allocUnsafe(length);
          buffer.copy(larger, 0, 0, octets);
          buffer = larger;
        } else refuse(new SmtpRefusal('busy', 452, '4.3.1 Too much mail at once: try again in a while'));
      }
      if (!refusal) chunk.copy(buffer, octets);
      octets = end;
    }
    if (refusal) throw refusal;
    return await use(buffer.subarray(0, octets));
  } finally {
    room.give(buffer.length);
  }
}

function tooLarge(maxBytes: number): SmtpRefusal {
  return new SmtpRefusal('size', 552, `5.3.4 Mails of up to ${maxBytes} octets are taken`);
}
