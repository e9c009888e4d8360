/** How long the relay may take, in milliseconds. */
export interface SmtpTimeouts {
  /** From the first look at the name to a connection, its TLS handshake included where TLS is implicit. */
  readonly connect: number;
  readonly greeting: number;
  /** EHLO, STARTTLS and AUTH: silence, not the whole step. */
  readonly signIn: number;
  readonly mail: number;
  readonly rcpt: number;
  readonly data: number;
  /** Until the network takes one block of a mail. */
  readonly block: number;
  readonly finalDot: number;
  /** How long an unused connection is kept: shorter than most servers would keep it. */
  readonly idle: number;
  readonly quit: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** RFC 5321 §4.5.3.2; it has no word on connecting, idling and QUIT. */
export const RFC5321_TIMEOUTS: SmtpTimeouts = {
  connect: MINUTE,
  greeting: 5 * MINUTE,
  signIn: 5 * MINUTE,
  mail: 5 * MINUTE,
  rcpt: 5 * MINUTE,
  data: 2 * MINUTE,
  block: 3 * MINUTE,
  finalDot: 10 * MINUTE,
  idle: 30 * SECOND,
  quit: 5 * SECOND,
};
