import { isIP } from 'node:net';
import { reachOf } from './addresses.js';

/** Where webhooks of this install may go, besides https to public addresses. */
export interface Reachable {
  /** An install on loopback tries its webhooks on the same machine. */
  readonly loopback: boolean;
  /** WEBHOOK_ALLOW_PRIVATE: loopback and private networks. */
  readonly privateNetworks: boolean;
}

/** Not sent, because of where it would go. The message is for the owner of the endpoint. */
export class ForbiddenTarget extends Error {
  override readonly name = 'ForbiddenTarget';
}

const MAX_LENGTH = 2_000;

/**
 * What is wrong with an endpoint's URL as it was typed, or undefined. Ports below 1024 belong to other protocols, whose servers
 * should not be talked to by way of a webhook.
 */
export function urlProblem(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`;
  if (!URL.canParse(text)) return 'must be a URL, such as https://shop.example/hooks/mail';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https://';
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or password; verify the signature instead';
  if (url.hash !== '' || text.includes('#')) return 'must not hold a fragment (#…), which is never sent';
  const host = hostOf(url);
  if (isIP(host) !== 0 && !text.toLowerCase().includes(host))
    return `names the address ${host} in a notation of its own; write it plainly`;
  const port = Number(url.port);
  if (url.port !== '' && port < 1024 && port !== 80 && port !== 443)
    return `must not name the port ${port}; use 443 or one from 1024`;
  return undefined;
}

/** The host of a URL, an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * The addresses, when a request may go to every one of them: an answer that mixes public and inner addresses is an attempt.
 * @throws ForbiddenTarget
 */
export function assertReachable(
  url: URL,
  addresses: readonly string[],
  { loopback, privateNetworks }: Reachable,
): void {
  for (const address of addresses) {
    const reach = reachOf(address);
    const inner = reach === 'private' || reach === 'loopback';
    const open = reach === 'public' || (inner && privateNetworks) || (reach === 'loopback' && loopback);
    if (!open) throw new ForbiddenTarget(`${hostOf(url)} leads to ${address}, which webhooks may not reach`);
    if (url.protocol === 'http:' && !inner)
      throw new ForbiddenTarget(
        'must begin with https://: http would show the content to everybody on the way',
      );
  }
}
