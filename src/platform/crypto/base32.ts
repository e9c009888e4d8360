/** RFC 4648 §6 in lower case and without padding: it survives servers that change the case of a local part. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const valueOf = new Map(ALPHABET.split('').map((letter, value) => [letter, value]));

export function toBase32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[held >> bits];
      held &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + ALPHABET[held << (5 - bits)] : text;
}

/** The bytes, in whatever case they are written; undefined where `toBase32` would not have written this. */
export function fromBase32(text: string): Buffer | undefined {
  const bytes = Buffer.alloc((text.length * 5) >> 3);
  let at = 0;
  let bits = 0;
  let held = 0;
  for (const letter of text.toLowerCase()) {
    const value = valueOf.get(letter);
    if (value === undefined) return undefined;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return held === 0 && bits < 5 ? bytes : undefined;
}
