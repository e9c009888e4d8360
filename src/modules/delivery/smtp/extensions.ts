/** What a relay offered in its answer to EHLO, as far as a transaction uses it. */
export interface Extensions {
  /** RFC 2920 */
  readonly pipelining: boolean;
  /** RFC 6152 */
  readonly eightBitMime: boolean;
  /** RFC 6531 */
  readonly smtpUtf8: boolean;
  /** RFC 1870: the most octets that a mail may have, Infinity where no limit was named; undefined where SIZE is not offered. */
  readonly size: number | undefined;
}

/** @param ehlo the whole answer; its first line names the server and offers nothing */
export function readExtensions(ehlo: string): Extensions {
  const offered = new Map<string, string>();
  for (const line of ehlo.split(/\r?\n/).slice(1)) {
    const [keyword = '', parameter = ''] = line
      .replace(/^\d{3}[ -]/, '')
      .trim()
      .split(/\s+/);
    offered.set(keyword.toUpperCase(), parameter);
  }
  const size = offered.get('SIZE');
  return {
    pipelining: offered.has('PIPELINING'),
    eightBitMime: offered.has('8BITMIME'),
    smtpUtf8: offered.has('SMTPUTF8'),
    size: size === undefined ? undefined : Number(size) || Infinity,
  };
}
