import type { SmtpReply, SmtpStage } from '../../domain/index.js';

/** A mail ready for the wire. */
export interface OutgoingMail {
  /** The envelope sender; empty for `MAIL FROM:<>`. */
  readonly from: string;
  readonly to: string;
  readonly raw: Buffer;
  /** Whether whoever made it vouches that its lines end in CRLF and in nothing else. Left out: the transport looks. */
  readonly crlf?: boolean;
  /**
   * Asked when only the body is left to send, which may be minutes after the envelope; false: it must not go. Left out: always.
   */
  readonly stillWanted?: () => boolean | Promise<boolean>;
  /** Called before the last octets leave: from here on, silence no longer proves that the mail was not taken. */
  readonly onHandOver: () => void;
}

export type HandOver =
  /** 250 after the final dot. */
  | { readonly kind: 'accepted'; readonly reply: SmtpReply; readonly relayId: string | null }
  /** The server said no, now (4xx) or for good (5xx). */
  | { readonly kind: 'refused'; readonly reply: SmtpReply; readonly stage: SmtpStage }
  /** The relay could not be used, and provably did not get the mail. */
  | { readonly kind: 'unreached'; readonly problem: string }
  /** It was no longer wanted when its turn came. Nothing was handed over. */
  | { readonly kind: 'withdrawn' }
  /** Everything was handed over, and no answer was seen. */
  | { readonly kind: 'unknown'; readonly problem: string };

/** One place in the relay's limit of connections. Whoever holds it may send one mail after the other. */
export interface CourierSlot {
  /** @param next the mail that will be sent next over this slot, where it is known: the same object must follow */
  send(mail: OutgoingMail, next?: OutgoingMail): Promise<HandOver>;
  release(): void;
}

/** What the engine asks of a transport: it takes mail to one relay and says exactly what became of it. */
export interface Courier {
  /** The relay's name, kept with each delivery. */
  readonly relay: string;
  /** How many slots there are. */
  readonly slots: number;
  /** Waits for a free slot. */
  slot(): Promise<CourierSlot>;
  /** QUIT on every connection (RFC 5321 §4.1.1.10). */
  close(): Promise<void>;
}
