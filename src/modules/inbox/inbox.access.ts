import { isIP } from 'node:net';

/** Why somebody does not get to see the inbox. */
export type InboxRefusalReason = 'remote' | 'proxy' | 'host' | 'crossSite' | 'relay' | 'missing';

export class InboxRefusal extends Error {
  constructor(readonly reason: InboxRefusalReason) {
    super(`The inbox is refused: ${reason}`);
  }
}

/** What a request says of where it comes from. */
export interface Origin {
  /** The client and every proxy that it came through. */
  addresses: readonly string[];
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Whether the request changes something. */
  changes: boolean;
}

export interface InboxPolicy {
  /** Whether mail leaves through a relay, so that there is no inbox. */
  hasRelay: boolean;
  trustsProxy: boolean;
}

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/**
 * Why this request must not see the inbox, or null. The inbox shows every mail, confirmation links and all, and asks for
 * no password: it is for the person at this machine. Not enough that the connection comes from loopback: a proxy's does
 * too, and so does that of a browser here which a foreign website led to us under its own name (DNS rebinding).
 */
export function refusal(
  { addresses, headers, changes }: Origin,
  policy: InboxPolicy,
): InboxRefusalReason | null {
  if (policy.hasRelay) return 'relay';
  // Every address, not only the client's: the first in a chain is whatever the client wrote.
  if (!addresses.every(isLoopback)) return 'remote';
  if (!policy.trustsProxy && FORWARDED.some((name) => headers[name] !== undefined)) return 'proxy';
  const host = hostName(headers['host']);
  if (host !== 'localhost' && !isLoopback(host)) return 'host';
  if (changes && !isSameOrigin(headers)) return 'crossSite';
  return null;
}

export function isLoopback(address: string): boolean {
  const bare = address.replace(/^\[(.*)\]$/, '$1').replace(/^::ffff:/i, '');
  return bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

function hostName(host: string | string[] | undefined): string {
  return URL.parse(`http://${String(host)}`)?.hostname ?? '';
}

/** Browsers say where a form comes from; what says nothing is no browser and can be led by no website. */
function isSameOrigin(headers: Origin['headers']): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  return origin === undefined || URL.parse(String(origin))?.host === host;
}
