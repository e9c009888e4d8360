import { MimeError } from './mime-error.js';
import { base64Lines } from './transfer-encoding.js';

/** A file in a mail: attached, or shown by the HTML that names its Content-ID. */
export interface FilePart {
  readonly filename: string;
  /** `type/subtype`, with parameters where it has any. Never message/* or multipart/*, which may not stand in base64 (RFC 2046 §5). */
  readonly contentType: string;
  /** Without its angle brackets. */
  readonly contentId: string | null;
  readonly disposition: 'attachment' | 'inline';
  readonly content: Buffer;
}

/** RFC 2045 §6.8: four characters for three octets, a line break for 57. */
const BASE64_EXPANSION = 1.41;
const MARGIN = 1024;

/** Characters of a parameter a line, so that `filename*10*=` and its like stay within 78 (RFC 5322 §2.1.1). */
const SEGMENT = 56;
const PLAIN_NAME = /^[\w !#$&+,.=@^~()[\]{}'-]{1,56}$/;
/** RFC 2231 §7 (attribute-char): everything else is written as its octets. */
const ATTRIBUTE_CHARACTER = /^[A-Za-z0-9!#$&+.^_`{|}~-]$/;
const FIELD_VALUE = /^[!-~](?:[ -~]*[!-~])?$/;

/** Room that `writeFile` may need, in octets. */
export function roomOfFile({ filename, content }: FilePart): number {
  return Math.ceil(content.length * BASE64_EXPANSION) + filename.length * 16 + MARGIN;
}

/** One file behind the boundary before it. @returns where it ends @throws MimeError for a type or an id that cannot be written */
export function writeFile(target: Buffer, at: number, boundary: string, file: FilePart): number {
  const head = [
    `\r\n--${boundary}`,
    `Content-Type: ${checked('Content-Type', file.contentType)}`,
    'Content-Transfer-Encoding: base64',
    ...(file.contentId === null ? [] : [`Content-ID: <${checked('Content-ID', file.contentId)}>`]),
    `Content-Disposition: ${file.disposition};\r\n ${filenameParameter(file.filename)}`,
    '\r\n',
  ];
  return base64Lines(file.content, target, at + target.write(head.join('\r\n'), at, 'latin1'));
}

/** RFC 2183 §2.3: in quotes where it is short ASCII, else in the segments of RFC 2231 §3 and §4, which any reader of today joins. */
function filenameParameter(name: string): string {
  if (PLAIN_NAME.test(name)) return `filename="${name}"`;
  const segments = [''];
  for (const character of name.toWellFormed()) {
    const written = ATTRIBUTE_CHARACTER.test(character) ? character : inOctets(character);
    if ((segments.at(-1) ?? '').length + written.length > SEGMENT) segments.push('');
    segments.push((segments.pop() ?? '') + written);
  }
  const [first = '', ...rest] = segments;
  if (rest.length === 0) return `filename*=UTF-8''${first}`;
  return [`filename*0*=UTF-8''${first}`, ...rest.map((text, index) => `filename*${index + 1}*=${text}`)].join(
    ';\r\n ',
  );
}

function inOctets(character: string): string {
  return [...Buffer.from(character)]
    .map((octet) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

function checked(field: string, value: string): string {
  if (!FIELD_VALUE.test(value)) throw new MimeError(field, 'of a file cannot be written');
  return value;
}
