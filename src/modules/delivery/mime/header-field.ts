import { domainToASCII } from 'node:url';
import { encodeWords } from './encoded-word.js';
import { MimeError } from './mime-error.js';

export interface Mailbox {
  /** Shown beside the address; may be empty. */
  readonly name: string;
  readonly address: string;
}

/** RFC 2047 §2: a line with an encoded-word has at most 76 characters. It is within the 78 of RFC 5322 §2.1.1. */
const LINE_LENGTH = 76;
/** RFC 5322 §2.1.1: never more, even where nothing can be folded. */
const MAX_LINE_OCTETS = 998;

/** One space between words that fit on a line each: what folding and parsing leave as it is. */
const PLAIN_TEXT = /^[!-~]{1,60}(?: [!-~]{1,60})*$/;
const PLAIN_WORDS = /^[!-~]{1,30}(?: [!-~]{1,30})*$/;
const ATOMS = /^[\w!#$%&'*+\-/=?^`{|}~]{1,60}(?: [\w!#$%&'*+\-/=?^`{|}~]{1,60})*$/;
/** RFC 6532: an atom may hold UTF-8, which is how a local part outside ASCII is written. */
const DOT_ATOM =
  /^[\w!#$%&'*+\-/=?^`{|}~\u{80}-\u{10ffff}]+(?:\.[\w!#$%&'*+\-/=?^`{|}~\u{80}-\u{10ffff}]+)*$/u;
const A_LABELS = /^[A-Za-z0-9.-]+$/;
/** `domainToASCII` drops line breaks and tabs as a URL parser does: they must not get there. */
const U_LABELS = /^[A-Za-z0-9.\-\u{80}-\u{10ffff}]+$/u;
const MESSAGE_ID = /^[!-;=?-~]+@[A-Za-z0-9.-]+$/;
const FIELD_NAME = /^[!-9;-~]+$/;
const READY = /^[!-~](?:[ -~]*[!-~])?$/;
const BREAKS = /[\r\n\0]/;

/** `Subject` and its like: text for people. @throws MimeError for a line break or NUL */
export function textField(name: string, text: string): string {
  return folded(name, unbroken(name, text) === '' || isPlain(PLAIN_TEXT, text) ? text : encodeWords(text));
}

/** `From`, `To`, …; nothing where nobody stands in it. @throws MimeError for a name or an address that cannot stand there */
export function mailboxField(name: string, mailboxes: readonly Mailbox[]): string {
  if (mailboxes.length === 0) return '';
  return folded(name, mailboxes.map((mailbox) => writeMailbox(name, mailbox)).join(', '));
}

/** @param time written in UTC, to the second */
export function dateField(time: Date): string {
  return folded('Date', time.toUTCString().replace('GMT', '+0000'));
}

/** @param id without its angle brackets */
export function messageIdField(id: string): string {
  if (!MESSAGE_ID.test(id)) throw new MimeError('Message-ID', 'must look like unique-part@domain');
  return folded('Message-ID', `<${id}>`);
}

/** A field whose value is finished: printable ASCII. */
export function readyField(name: string, value: string): string {
  if (!FIELD_NAME.test(name)) throw new MimeError(JSON.stringify(name), 'is not a field name');
  if (!READY.test(unbroken(name, value)))
    throw new MimeError(name, 'must be printable ASCII without spaces around it');
  return folded(name, value);
}

function writeMailbox(field: string, { name, address }: Mailbox): string {
  const written = writeAddress(field, address);
  return unbroken(field, name) === '' ? written : `${writePhrase(name)} <${written}>`;
}

/** RFC 5322 §3.2.5: bare atoms, else a quoted string, else encoded-words. */
function writePhrase(name: string): string {
  if (isPlain(ATOMS, name)) return name;
  if (isPlain(PLAIN_WORDS, name)) return `"${name.replace(/["\\]/g, '\\$&')}"`;
  return encodeWords(name);
}

function writeAddress(field: string, address: string): string {
  const at = unbroken(field, address).lastIndexOf('@');
  const local = address.slice(0, Math.max(at, 0));
  const domain = aLabels(address.slice(at + 1));
  if (!DOT_ATOM.test(local) || domain === '')
    throw new MimeError(field, 'holds an address that cannot be written');
  return `${local}@${domain}`;
}

/** Empty where it is no domain. */
function aLabels(domain: string): string {
  if (A_LABELS.test(domain)) return domain;
  return U_LABELS.test(domain) ? domainToASCII(domain) : '';
}

/** What looks like an encoded-word has to be encoded, or it would be read as one. */
function isPlain(form: RegExp, text: string): boolean {
  return form.test(text) && !text.includes('=?');
}

/** A line break would end the field, and what follows would be a field of its own. */
function unbroken(field: string, value: string): string {
  if (BREAKS.test(value)) throw new MimeError(field, 'holds a line break or NUL');
  return value;
}

/**
 * Folds where a word ends (RFC 5322 §2.2.3), so that no line is all white space; never right after the name, since some readers
 * lose what follows then.
 */
function folded(name: string, value: string): string {
  let rest = value === '' ? `${name}:` : `${name}: ${value}`;
  let from = name.length + 2;
  let lines = '';
  while (rest.length > LINE_LENGTH) {
    const at = wordEnd(rest, from);
    if (at === -1) break;
    lines += lineOf(name, rest.slice(0, at));
    rest = rest.slice(at);
    from = 1;
  }
  return lines + lineOf(name, rest);
}

/** The last one that fits on a line, else the first one behind; -1 where there is none. */
function wordEnd(line: string, from: number): number {
  const isWordEnd = (at: number) => line[at] === ' ' && line[at - 1] !== ' ';
  for (let at = LINE_LENGTH; at >= from; at -= 1) if (isWordEnd(at)) return at;
  for (let at = LINE_LENGTH + 1; at < line.length; at += 1) if (isWordEnd(at)) return at;
  return -1;
}

function lineOf(name: string, line: string): string {
  if (line.length > MAX_LINE_OCTETS / 3 && Buffer.byteLength(line) > MAX_LINE_OCTETS)
    throw new MimeError(name, `has a word that makes a line of more than ${MAX_LINE_OCTETS} octets`);
  return `${line}\r\n`;
}
