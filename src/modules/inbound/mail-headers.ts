/** More than that is no header block of a mail server: what stands behind it is not looked at. */
const MAX_OCTETS = 256 * 1024;
const END = /\r?\n\r?\n/;

/**
 * The header fields of a mail whatever else is wrong with it: names in lower case, values unfolded (RFC 5322 §2.2.3) and otherwise
 * as they came, one character an octet. A line that is no field is passed over.
 */
export class MailHeaders {
  private constructor(private readonly fields: ReadonlyMap<string, readonly string[]>) {}

  static of(raw: Buffer): MailHeaders {
    const text = raw.toString('latin1', 0, MAX_OCTETS);
    const block = text.slice(0, END.exec(text)?.index ?? text.length);
    const fields = new Map<string, string[]>();
    for (const line of block.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
      const colon = line.indexOf(':');
      if (colon < 1) continue;
      const name = line.slice(0, colon).trim().toLowerCase();
      const values = fields.get(name);
      if (values) values.push(line.slice(colon + 1).trim());
      else fields.set(name, [line.slice(colon + 1).trim()]);
    }
    return new MailHeaders(fields);
  }

  /** The first field of this name, in lower case. */
  get(name: string): string | undefined {
    return this.fields.get(name)?.[0];
  }

  all(name: string): readonly string[] {
    return this.fields.get(name) ?? [];
  }
}
