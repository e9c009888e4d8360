/**
 * The same report as another installation would have sent it: everything varies that says nothing. Each mutation takes the mail in
 * latin1 with LF, a source of chance, and gives the mail back, or undefined where it does not apply.
 */
export type Mutation = (mail: string, chance: Chance) => string | undefined;

/** A number from 0 (included) to 1 (excluded). */
export type Chance = () => number;

/** Mulberry32: the same seed, the same mails. */
export function chanceFrom(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
const word = (chance: Chance, length: number): string =>
  Array.from({ length }, () => letters[Math.floor(chance() * letters.length)]).join('');

const headerEnd = (mail: string): number => mail.indexOf('\n\n');

/** Applies to the header's fields, each with its folded lines. */
function onFields(mail: string, change: (fields: string[]) => string[]): string | undefined {
  const end = headerEnd(mail);
  if (end < 0) return undefined;
  return change(mail.slice(0, end).split(/\n(?![ \t])/)).join('\n') + mail.slice(end);
}

/** Every `text/plain` part of a multipart that has no transfer encoding: its header and its text. */
const PLAIN =
  /(\n(--[^\n]+)\n(?:[A-Z][^\n]*\n(?:[ \t][^\n]*\n)*)*?content-type: *text\/plain[^\n]*\n(?:[ \t][^\n]*\n)*(?:[A-Z][^\n]*\n(?:[ \t][^\n]*\n)*)*)\n([^]*?)(?=\n\2)/i;

function encoded(mail: string, name: string, encode: (text: string) => string): string | undefined {
  const part = PLAIN.exec(mail);
  const [whole, header = '', , text = ''] = part ?? [];
  if (!part || !whole || /content-transfer-encoding: *(base64|quoted)/i.test(header)) return undefined;
  const bare = header.replace(/\ncontent-transfer-encoding:[^\n]*/i, '');
  return (
    mail.slice(0, part.index) +
    `${bare.trimEnd()}\nContent-Transfer-Encoding: ${name}\n\n${encode(text)}` +
    mail.slice(part.index + whole.length)
  );
}

const quotedPrintable = (text: string): string =>
  text
    .split('\n')
    .map((line) => {
      const safe = line.replaceAll(
        /[=\u0080-\u00FF]|[ \t]$/g,
        (char) => `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
      );
      return safe.replaceAll(/(.{60}[^=]{12}(?!$))/g, '$1=\n');
    })
    .join('\n');

/** Nothing is encoded, nor JSON: another case of the letters says the same. */
const isPlain = (mail: string): boolean =>
  !mail.includes('\u001B') && !/base64|quoted-printable|=\?|<html|"notificationType"/i.test(mail);

export const mutations: Readonly<Record<string, Mutation>> = {
  CRLF: (mail) => mail.replaceAll('\n', '\r\n'),
  'an envelope line above': (mail) => `From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n${mail}`,
  'fields in another order': (mail, chance) =>
    onFields(mail, (fields) =>
      fields
        .map((field) => ({ field, at: chance() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ field }) => field),
    ),
  'field names in capitals': (mail) =>
    onFields(mail, (fields) =>
      fields.map((field) => field.replace(/^[\w-]+:/, (name) => name.toUpperCase())),
    ),
  'field names in small letters': (mail) =>
    onFields(mail, (fields) =>
      fields.map((field) => field.replace(/^[\w-]+:/, (name) => name.toLowerCase())),
    ),
  'more fields on the way': (mail) =>
    `Received: from a.example (a.example [192.0.2.44]) by b.example with ESMTP id 550AA421; Tue, 14 Nov 2023 22:13:20 +0000\nX-Spam-Status: No, score=-5.50 required=5.0\n${mail}`,
  'another boundary': (mail, chance) => {
    const boundary = /^content-type:.*\n?.*boundary="?([^"\n;]+)/im
      .exec(mail.slice(0, headerEnd(mail)))?.[1]
      ?.trim();
    if (!boundary || boundary.length < 6) return undefined;
    return mail.replaceAll(boundary, `${word(chance, 12)}.550/${word(chance, 6)}=_`);
  },
  'other dates': (mail) =>
    mail.replaceAll(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), {1,2}\d{1,2} (\w{3}) (19|20)\d\d/g, 'Fri, 4 Oct 2024'),
  'other reserved hosts': (mail, chance) => {
    const name = word(chance, 7);
    return mail.replaceAll(
      /\b(neko|nyaan|kijitora|sironeko|shironeko|mikeneko|sabineko|cat|libsisimai|bouncehammer)\b(?=[\w-]*\.)/gi,
      name,
    );
  },
  'a transfer encoding: base64': (mail) =>
    encoded(mail, 'base64', (text) =>
      (
        Buffer.from(text, 'latin1')
          .toString('base64')
          .match(/.{1,76}/g) ?? []
      ).join('\n'),
    ),
  'a transfer encoding: quoted-printable': (mail) => encoded(mail, 'quoted-printable', quotedPrintable),
  'only the header of the returned mail': (mail) => {
    const at = /\ncontent-type: *message\/rfc822[^]*?\n\n/i.exec(mail);
    if (!at) return undefined;
    const rest = mail.slice(at.index + at[0].length);
    const header = rest.split('\n\n', 1)[0] ?? '';
    const end = rest.search(/\n--[^\n]+--\s*$/);
    if (end < 0 || /content-type: *multipart/i.test(header)) return undefined;
    return `${mail.slice(0, at.index)}\nContent-Type: text/rfc822-headers\n\n${header}\n${rest.slice(end)}`;
  },
  'status fields in another order': (mail) =>
    /\nfinal-recipient:/i.test(mail)
      ? mail.replaceAll(
          /(\nfinal-recipient:[^\n]*)((?:\n(?!final-)[\w-]+:[^\n]*(?:\n[ \t][^\n]*)*)*?)(\nstatus:[^\n]*)/gi,
          '$3$1$2',
        )
      : undefined,
  'a folded diagnostic code': (mail) =>
    /\ndiagnostic-code:/i.test(mail)
      ? mail.replaceAll(/(\ndiagnostic-code:[^\n]{30}[^\n ]*) ([^\n]+)/gi, '$1\n    $2')
      : undefined,
  'an unfolded diagnostic code': (mail) =>
    /\ndiagnostic-code:/i.test(mail)
      ? mail.replaceAll(
          /\ndiagnostic-code:[^\n]*(\n[ \t]+[^\n]+)+/gi,
          (field) => `\n${field.slice(1).replaceAll(/\n[ \t]+/g, ' ')}`,
        )
      : undefined,
  'hosts with telling names': (mail, chance) => {
    const names = [
      'spam-gw',
      'antivirus',
      'policy',
      'mailbox-full',
      'spf',
      'ptr',
      'blacklist',
      'content-filter',
      'relay',
    ];
    const name = names[Math.floor(chance() * names.length)] ?? '';
    return mail.replaceAll(
      /\b(mx\d?|smtp|mail|neko|nyaan|cat)(?=\.(?:[a-z\d-]+\.)?example\.(?:org|net|com|jp)\b)/g,
      name,
    );
  },
  'all in small letters': (mail) => (isPlain(mail) ? mail.toLowerCase() : undefined),
  'all in capitals': (mail) => (isPlain(mail) ? mail.toUpperCase() : undefined),
  'trailing white space': (mail) =>
    mail.replaceAll(/([^\n=])\n(?=\S)/g, (whole, char: string, at: number) =>
      at > headerEnd(mail) ? `${char}  \n` : whole,
    ),
  'cut at its end': (mail) => {
    const end = mail.search(/\n--[^\n]+--\s*$/);
    return end < 0 ? undefined : mail.slice(0, end);
  },
  'HTML beside the text': (mail) => {
    const part = PLAIN.exec(mail);
    const [, header = '', boundary = '', text = ''] = part ?? [];
    if (!part || /content-transfer-encoding: *(base64|quoted)/i.test(header)) return undefined;
    const html = text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('\n', '<br>\n');
    return `${mail.slice(0, part.index + part[0].length)}\n${boundary}\nContent-Type: text/html\n\n<html><body>${html}</body></html>\n${mail.slice(part.index + part[0].length)}`;
  },
};
