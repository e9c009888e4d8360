/** Why a mail was not taken: counted by this word in the metrics. */
export type RefusalReason =
  | 'domain'
  | 'address'
  | 'guessing'
  | 'connections'
  | 'size'
  | 'loop'
  | 'busy'
  | 'cut'
  | 'database';

/** Answered to the client as it stands: the code, then the enhanced code and the words (RFC 3463). */
export class SmtpRefusal extends Error {
  constructor(
    readonly reason: RefusalReason,
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}
