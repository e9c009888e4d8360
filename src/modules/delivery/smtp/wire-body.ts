/** A dot at the start of a line, and every line end that is not CRLF. */
const NEEDS_WORK = /\r\n\.|\r(?!\n)|(?<!\r)\n/;
const DOT = 0x2e;
const CRLF = Buffer.from('\r\n');
const DOT_AHEAD = Buffer.from('\r\n.');

/**
 * A mail as it stands between 354 and the final dot: dots doubled at the start of a line (RFC 5321 §4.5.2), nothing but CRLF as
 * line end, also at the very end. Where all of that is so already, the bytes come back as they are.
 * A lone CR or LF becomes CRLF, because some servers take `LF . LF` for the end of a mail and the rest for commands.
 * @param crlf the mail was made here, and has no lone ones: that look is spared, 10 of 12 µs for 18 KB
 */
export function wireBody(raw: Buffer, crlf = false): Buffer {
  if (crlf && raw[0] !== DOT && !raw.includes(DOT_AHEAD) && raw.subarray(-2).equals(CRLF)) return raw;
  // One octet a character, so that nothing but line ends and dots can change.
  const text = raw.toString('latin1');
  if (raw[0] !== DOT && text.endsWith('\r\n') && !NEEDS_WORK.test(text)) return raw;
  const lines = text.replaceAll(/\r\n|\r|\n/g, '\r\n');
  const ended = lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
  return Buffer.from(ended.replaceAll(/^\./gm, '..'), 'latin1');
}
