export type InboundState = 'waiting' | 'done' | 'failed' | 'ignored';

/** A mail as it came in, for all its recipients. */
export interface ReceivedMail {
  /** The envelope sender; empty for `MAIL FROM:<>`. */
  readonly sender: string;
  readonly recipients: readonly { readonly localPart: string; readonly route: string }[];
  /** The sender's IP address without its end, such as `192.0.2.0/24`. */
  readonly network: string;
  readonly raw: Buffer;
}

/** A row that a worker holds; `raw` is as it is stored. */
export interface ClaimedMail {
  readonly id: string;
  readonly receivedAt: Date;
  readonly sender: string;
  readonly recipient: string;
  readonly route: string;
  /** In octets, as it came. */
  readonly size: number;
  readonly raw: Buffer;
  /** This one is counted. */
  readonly tries: number;
}

/** A mail in the export of a person's data; `raw` is as it is stored. */
export interface PersonsMail extends Pick<
  ClaimedMail,
  'receivedAt' | 'sender' | 'recipient' | 'size' | 'raw'
> {
  readonly state: InboundState;
}

/** What an operator sees of a mail. */
export interface InboundView {
  readonly id: string;
  readonly receivedAt: Date;
  readonly route: string;
  readonly state: InboundState;
  readonly tries: number;
  readonly size: number;
  readonly reason: string | null;
}
