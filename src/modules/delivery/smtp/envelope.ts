import { domainToASCII } from 'node:url';
import { needsSmtpUtf8 } from '../../../domain/index.js';
import type { HandOver, OutgoingMail } from '../courier.js';
import type { Extensions } from './extensions.js';

export type Refusal = Extract<HandOver, { kind: 'refused' }>;

/** The two commands before DATA, without their line ends. */
export interface Envelope {
  readonly kind: 'envelope';
  readonly mail: string;
  readonly rcpt: string;
}

/** The commands for a mail; or a refusal in the relay's place, where it could only refuse, or could not understand. */
export function envelopeOf(
  mail: Pick<OutgoingMail, 'from' | 'to' | 'raw'>,
  relay: Extensions,
): Envelope | Refusal {
  for (const [stage, address] of [
    ['mail', mail.from],
    ['rcpt', mail.to],
  ] as const) {
    if (BREAKS_A_COMMAND.test(address)) {
      return refusal(stage, 553, '5.1.3', 'The address holds a character that no SMTP command can carry');
    }
    if (needsSmtpUtf8(address) && !relay.smtpUtf8) {
      const text = 'The relay does not offer SMTPUTF8, which this address needs (RFC 6531)';
      return refusal(stage, 553, '5.6.7', text);
    }
  }
  const octets = mail.raw.length;
  if (relay.size !== undefined && octets > relay.size) {
    const text = `The mail has ${octets} octets, the relay takes ${relay.size} at most`;
    return refusal('data', 552, '5.3.4', text);
  }
  const size = relay.size === undefined ? '' : ` SIZE=${octets}`;
  const eightBit = relay.eightBitMime ? ' BODY=8BITMIME' : '';
  const utf8 = needsSmtpUtf8(mail.from) || needsSmtpUtf8(mail.to) ? ' SMTPUTF8' : '';
  return {
    kind: 'envelope',
    mail: `MAIL FROM:<${withAsciiDomain(mail.from)}>${size}${eightBit}${utf8}`,
    rcpt: `RCPT TO:<${withAsciiDomain(mail.to)}>`,
  };
}

/** Line ends above all: they would begin a command of their own. */
// oxlint-disable-next-line no-control-regex
const BREAKS_A_COMMAND = /[\0-\x1f\x7f<>]/;

/** Domains go as A-labels, so that only the local part may ever need SMTPUTF8. */
function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@') + 1;
  const domain = address.slice(at);
  return /[^\0-\x7f]/.test(domain) ? address.slice(0, at) + domainToASCII(domain) : address;
}

function refusal(stage: Refusal['stage'], code: number, enhanced: string, text: string): Refusal {
  return { kind: 'refused', stage, reply: { code, enhanced, text } };
}
