import type { Work } from '../../platform/database/index.js';
import type { MailHeaders } from './mail-headers.js';

/** A mail that was received for one address of ours. */
export interface InboundMail {
  readonly id: string;
  readonly receivedAt: Date;
  /** The envelope sender; empty for `MAIL FROM:<>`. */
  readonly sender: string;
  /** To whom: what stands before the @, in lower case. */
  readonly localPart: string;
  readonly headers: MailHeaders;
  /** As it came over the wire, without the dots of RFC 5321 §4.5.2. Anything may be in it. */
  readonly raw: Buffer;
}

/** What became of a mail. */
export interface Handled {
  /** `ignored`: looked at, and nothing to do. `done` when it is left out. */
  readonly state?: 'done' | 'ignored';
  /** Why, in a few words without an address; shown to the operator. */
  readonly reason?: string;
  /** Whom it is about, so that an erasure finds it. */
  readonly personId?: string | null;
  /** It is about somebody who has been erased already: nothing of it is kept. */
  readonly forget?: boolean;
}

/**
 * Whoever wants mail extends this in a provider of its module; it is found by its type. Mail that no route recognises is refused
 * at RCPT, so there is no catch-all.
 */
export abstract class InboundRoute {
  /** Unique; stands beside each mail and in the metrics. */
  abstract readonly name: string;

  /** Whether this local part is one of its own: by signature, in any case of letters, cheap and without I/O, since anybody may ask. */
  abstract recognises(localPart: string): boolean;

  /**
   * Acts on one mail in the transaction that also settles it, so that it happens once. An error rolls all of it back and the mail
   * is tried again later; after the last try it stays as `failed`.
   */
  abstract handle(work: Work, mail: InboundMail): Promise<Handled | void>;
}

/** A route that acts on several mails in few statements, with the effect of one after the other. */
export abstract class GroupRoute extends InboundRoute {
  /**
   * As `handle`, for all of them in one transaction. After an error each is handled by itself, so one that fails holds no other.
   * @returns what became of each, in their order
   */
  abstract handleAll(work: Work, mails: readonly InboundMail[]): Promise<Handled[]>;

  async handle(work: Work, mail: InboundMail): Promise<Handled | void> {
    const [handled] = await this.handleAll(work, [mail]);
    return handled;
  }
}
