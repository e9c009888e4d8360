import { domainToASCII } from 'node:url';
import { isEmailValid, type EmailOptions } from '@hapi/address';
import { textProblem } from './text.js';

/** RFC 5321 §4.5.3.1: a local part has at most 64 octets, a path 256 with its angle brackets. */
const MAX_LOCAL_OCTETS = 64;
const MAX_ADDRESS_OCTETS = 254;

/**
 * What no domain holds. `domainToASCII` reads a host out of a URL: it drops line breaks, ends at a slash and decodes `%61`, so
 * without this check they would stand in the address as typed, which goes into SMTP commands and headers.
 */
const strangeInDomain = /[^\p{L}\p{M}\p{N}.。．｡\-\u200c\u200d]/u;

/** What a paste brings along. Not line breaks: an address that ends in one was put together by a program that goes wrong elsewhere. */
const around = /^[^\S\r\n\v\f]+|[^\S\r\n\v\f]+$/g;

const rules: EmailOptions = { minDomainSegments: 2, allowUnicode: true };

export interface Address {
  /** NFC, lower-case local part, A-label domain: the unique key of people, suppressions and hashes. */
  readonly canonical: string;
  /** As the person typed it, trimmed: what mail is sent to. */
  readonly typed: string;
  /** The domain as A-labels, lower case. */
  readonly domain: string;
}

export type ParsedAddress = { ok: true; address: Address } | { ok: false; problem: string };

/**
 * Reads an address that a person or a store gave. Dots and plus signs are kept: `a.b+c@example.com` is its own address.
 * The result can not change later, since canonical addresses are unique keys and hashes.
 */
export function parseAddress(input: string): ParsedAddress {
  const typed = input.replace(around, '').normalize('NFC');
  const problem = textProblem(typed);
  if (problem !== undefined) return { ok: false, problem };
  const at = typed.lastIndexOf('@');
  if (at < 1 || /\p{Cc}/u.test(typed) || strangeInDomain.test(typed.slice(at + 1))) {
    return { ok: false, problem: 'is not an email address' };
  }
  const local = typed.slice(0, at);
  const domain = domainToASCII(typed.slice(at + 1));
  if (domain === '' || !isEmailValid(`${local}@${domain}`, rules)) {
    return { ok: false, problem: 'is not an email address' };
  }
  if (Buffer.byteLength(local) > MAX_LOCAL_OCTETS) {
    return { ok: false, problem: 'has more than 64 octets before the @' };
  }
  if (Buffer.byteLength(local) + 1 + domain.length > MAX_ADDRESS_OCTETS) {
    return { ok: false, problem: 'is longer than 254 octets' };
  }
  return { ok: true, address: { canonical: `${local.toLowerCase()}@${domain}`, typed, domain } };
}

/** For pages that a forwarded mail may open: `alice@example.com` → `a•••@example.com`. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const first = String.fromCodePoint(address.codePointAt(0) ?? 0x2022);
  return at < 1 ? '•••' : `${first}•••${address.slice(at)}`;
}

/** Whether sending to it needs SMTPUTF8 (RFC 6531): a local part outside ASCII. */
export function needsSmtpUtf8(address: string): boolean {
  return /[^\x20-\x7e]/.test(address.slice(0, address.lastIndexOf('@')));
}
