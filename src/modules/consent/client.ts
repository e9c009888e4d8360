import { isIPv4, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { ConsentProof } from './consent.types.js';

/** Who is at the other end of a request. The ledger keeps less of it than this. */
export function clientOf(request: FastifyRequest): Pick<ConsentProof, 'ip' | 'userAgent'> {
  const userAgent = request.headers['user-agent'];
  return { ip: request.ip, ...(userAgent !== undefined && { userAgent }) };
}

/**
 * An IP address without the part that tells one household from the next: IPv4 as its /24, IPv6 as its /48.
 * @returns null for what is no IP address
 */
export function truncateIp(ip: string): string | null {
  const mapped = /^::ffff:([\d.]+)$/i.exec(ip)?.[1];
  const address = mapped ?? ip.replace(/%.*$/, '');
  if (isIPv4(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  if (!isIPv6(address)) return null;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const site = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')].slice(
    0,
    3,
  );
  return `${site.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/48`;
}

/** Order matters: most browsers claim to be the ones below them. */
const families: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrom(e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

/** Which kind of program it was, without the version numbers that would make it a fingerprint. */
export function clientFamily(userAgent: string): string {
  return families.find(([pattern]) => pattern.test(userAgent))?.[1] ?? 'other';
}
