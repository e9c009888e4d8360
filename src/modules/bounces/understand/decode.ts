/** Bytes to text, whatever a report says or forgets to say about its encoding. Text comes in as latin1: one character a byte. */

/** A report's own words are short; what is longer is somebody's mail. */
const MOST_TEXT = 131_072;

/** Undoes the transfer encoding, then reads the charset. An unknown or wrong charset is never an error: what can be read is read. */
export function decodeText(latin1: string, transferEncoding: string | null, charset: string | null): string {
  return inCharset(transferred(latin1.slice(0, MOST_TEXT), transferEncoding), charset);
}

function transferred(latin1: string, encoding: string | null): Buffer {
  const name = encoding?.toLowerCase() ?? '';
  if (name.startsWith('base64')) return Buffer.from(latin1, 'base64');
  if (name.startsWith('quoted-printable')) return Buffer.from(unquoted(latin1), 'latin1');
  return Buffer.from(latin1, 'latin1');
}

const unquoted = (text: string): string =>
  text
    .replaceAll(/=[ \t]{0,80}\n/g, '')
    .replaceAll(/=([\dA-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

function inCharset(bytes: Buffer, charset: string | null): string {
  // ISO-2022-JP announces itself (RFC 1468), and is seldom declared inside a status part.
  const label = charset?.trim().toLowerCase() || (bytes.includes('\u001B$') ? 'iso-2022-jp' : '');
  if (label && !/^(us-ascii|ascii|unicode-1-1-utf-7|utf-7)$/.test(label)) {
    try {
      return new TextDecoder(label).decode(bytes);
    } catch {
      // A label that nobody knows: guessed below.
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** RFC 2047 words in a subject or a name. */
export function decodeWords(value: string): string {
  return value
    .replaceAll(/(=\?[^?\s]{1,40}\?[BbQq]\?[^?\s]{0,500}\?=)\s+(?==\?)/g, '$1')
    .replaceAll(
      /=\?([^?*\s]{1,40})(?:\*[^?\s]{0,20})?\?([BbQq])\?([^?\s]{0,500})\?=/g,
      (_, charset: string, encoding: string, text: string) =>
        encoding.toLowerCase() === 'b'
          ? decodeText(text, 'base64', charset)
          : decodeText(text.replaceAll('_', ' '), 'quoted-printable', charset),
    );
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** The words of an HTML report. One pass, so that a tag that is never closed costs no more than any other. */
export function htmlToText(html: string): string {
  const out: string[] = [];
  for (let at = 0; at < html.length;) {
    const tag = html.indexOf('<', at);
    out.push(html.slice(at, tag < 0 ? html.length : tag));
    const end = tag < 0 ? -1 : html.indexOf('>', tag);
    if (end < 0) break;
    const name = /^<(\/?[a-z]\w*)/i.exec(html.slice(tag, tag + 20))?.[1]?.toLowerCase() ?? '';
    if (/^\/?(p|br|div|tr|td|th|li|h\d|table|pre|hr|ul|ol)$/.test(name)) out.push('\n');
    const skipped = name === 'style' || name === 'script' ? html.indexOf(`</${name}`, end) : end;
    if (skipped < 0) break;
    at = skipped === end ? end + 1 : skipped;
  }
  return out
    .join('')
    .replaceAll(
      /&(?:#(\d{1,6})|#x([\dA-Fa-f]{1,5})|([a-z]{2,6}));/gi,
      (whole, decimal, hex, name: string) => {
        const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : 0;
        return code
          ? String.fromCodePoint(Math.min(code, 0x10ffff))
          : (entities[name?.toLowerCase()] ?? whole);
      },
    )
    .replaceAll(/[ \t\u00A0]+/g, ' ')
    .replaceAll(/ ?\n[ \n]*/g, '\n');
}
