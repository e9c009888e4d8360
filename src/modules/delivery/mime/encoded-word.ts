/**
 * RFC 2047 allows 75 characters a word and 76 a line. With 64 the first word also fits behind the longest field name that
 * has one (`Reply-To: `), so that every word is treated alike.
 */
const WORD_LENGTH = 64;
const FRAME_LENGTH = '=?UTF-8?Q?'.length + '?='.length;
const Q_LENGTH = WORD_LENGTH - FRAME_LENGTH;
const B_OCTETS = Math.floor(Q_LENGTH / 4) * 3;

/** Safe in every place where a word may stand, phrases too (RFC 2047 §5 (3)). */
const SAFE = /^[A-Za-z0-9!*+/-]$/;

/** Text as encoded-words, Q or B, whichever is shorter; a character is never split between two words. */
export function encodeWords(text: string): string {
  const characters = Array.from(text.toWellFormed());
  const quoted = characters.map(quote);
  const qLength = quoted.reduce((sum, { length }) => sum + length, 0);
  const bLength = Math.ceil(Buffer.byteLength(text) / 3) * 4;
  return qLength <= bLength
    ? inGroups(quoted, Q_LENGTH, (character) => character.length)
        .map((group) => `=?UTF-8?Q?${group}?=`)
        .join(' ')
    : inGroups(characters, B_OCTETS, (character) => Buffer.byteLength(character))
        .map((group) => `=?UTF-8?B?${Buffer.from(group).toString('base64')}?=`)
        .join(' ');
}

function quote(character: string): string {
  if (character === ' ') return '_';
  if (SAFE.test(character)) return character;
  const octets = [...Buffer.from(character)];
  return octets.map((octet) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function inGroups(items: readonly string[], room: number, sizeOf: (item: string) => number): string[] {
  const groups: string[] = [];
  let group = '';
  let size = 0;
  for (const item of items) {
    if (size + sizeOf(item) > room) {
      groups.push(group);
      group = '';
      size = 0;
    }
    group += item;
    size += sizeOf(item);
  }
  return [...groups, group];
}
