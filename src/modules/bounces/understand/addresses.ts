import { daemon } from '../../../domain/index.js';

/** `user@domain` as reports write it; deliberately loose, the caller compares it with what was sent. */
const ADDRESS = String.raw`[^\s<>@,:;"'()[\]|=]{1,128}@[^\s<>@,:;"'()[\]|/=]{1,255}`;
const plain = new RegExp(`(${ADDRESS})`);
/** Where nothing else stands in a value, or around it, `o'neil` and `ann=bob` are names like any other (RFC 5322 §3.2.3). */
const DELIMITED = String.raw`[^\s<>@,:;"()[\]]{1,128}@[^\s<>@,:;"'()[\]|=/]{1,255}`;
const whole = new RegExp(`^${DELIMITED}$`);
const inAngles = new RegExp(`<(${DELIMITED})>`);

/** The address in the value of a field: `rfc822; <user@example.com>`, `Name <user@example.com>`, `@relay:user@host`. */
export function addressIn(value: string | null): string | null {
  if (!value) return null;
  const text = unescaped(value.replace(/^[ \t]*(rfc-?822|utf-8|x-\w+)\s*;\s*/i, '').slice(0, 2_000)).trim();
  const found = whole.test(text)
    ? text
    : (inAngles.exec(text) ?? plain.exec(text.replace(/^@[^:\s]{1,255}:/, '')))?.[1];
  return found ? found.replace(/[.>]+$/, '') : null;
}

/** `\x{FC}`: how an address beyond ASCII stands in a report that is all ASCII (RFC 6533 §3). */
const unescaped = (text: string): string =>
  text.replaceAll(/\\x\{([\dA-F]{2,5}|10[\dA-F]{4})\}/gi, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );

/** All addresses in a list such as that of X-Failed-Recipients. */
export function addressesIn(value: string | null): string[] {
  return [...(value ?? '').slice(0, 20_000).matchAll(new RegExp(ADDRESS, 'g'))].map(([address]) => address);
}

/** Whether an address is that of a mail system, never of a subscriber who could bounce. */
export const isDaemon = (address: string): boolean => daemon.test(address.slice(0, address.lastIndexOf('@')));

export const sameAddress = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && one.toLowerCase() === other.toLowerCase();

/** `<user@example.com>: …` or `user@example.com …`, at most after a code: the line is about this address. */
const atStart = new RegExp(
  String.raw`^[ \t*>-]{0,12}(?:[45]\d\d[ -](?:[45]\.\d+\.\d+ )?)?["'<]?(${ADDRESS})["'>]?(?=$|[\s:,.<([])`,
);
/** The same in a sentence. */
const inSentence = new RegExp(
  String.raw`(?:\b(?:to|for|recipients?|address(?:es)?|attempts|user|mailbox|rcpt to|message to|an|à|:)|宛)\s*:?\s*["'<]?(?:mailto:)?(${ADDRESS})`,
  'i',
);
/** Lines that name somebody else. */
const notRecipient =
  /^[ \t>]*(from|sender|reply-to|mail from|return-path|cc|bcc|message-id|subject|contact)\s*:|>>> ?mail from|(send|contact|assistance|e-?mail us|forward).{0,60}\bto\b|please contact|message-id|sent by/i;

/** A recipient that a text names, and where the lines about it begin. */
export interface Named {
  readonly address: string;
  readonly line: number;
  /** `550 <user@…>... User unknown` closes what was said before it; every other line opens what comes after it. */
  readonly closes: boolean;
}

/** Who did not get the mail, as the prose says; addresses at the start of lines count before those in sentences. */
export function namedIn(lines: readonly string[], isOther: (address: string) => boolean): Named[] {
  const find = (expression: RegExp): Named[] => {
    const found: Named[] = [];
    lines.forEach((text, line) => {
      if (text.length > 2_000 || notRecipient.test(text)) return;
      // `<alias@…> (expanded from` and on the next line who that was before.
      if (/\bexpanded from:?\s*$/.test(lines[line - 1] ?? '')) return;
      const address = expression.exec(text)?.[1]?.replace(/[.>]+$/, '');
      if (!address || isOther(address) || !address.includes('.', address.indexOf('@'))) return;
      if (found.some((other) => sameAddress(other.address, address))) return;
      found.push({ address, line, closes: /^[ \t]*[45]\d\d[ -]/.test(text) });
    });
    return found;
  };
  const starting = find(atStart);
  // An alias led to another address: the answer names that one, the report's own line the one that was written to.
  const opening = starting.filter(({ closes }) => !closes);
  if (opening.length > 0) return opening;
  return starting.length > 0 ? starting : find(inSentence);
}
