import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Asks DNS. */
export interface Names {
  /**
   * All addresses behind a host name, or the host itself where it is one.
   * @param signal gives up @throws when there is no address, or none in time
   */
  addresses(host: string, signal: AbortSignal): Promise<string[]>;
}

const TIMEOUT_MS = 2_000;
const TRIES = 2;

/**
 * Not `dns.lookup`: that takes a thread of the pool for as long as DNS is silent, and the same pool signs mail. So names come from
 * DNS alone, not from the hosts file; `localhost` is known (RFC 6761).
 * @param servers DNS_SERVERS; the machine's own when undefined
 */
export function dnsNames(servers?: readonly string[]): Names {
  return {
    async addresses(host, signal) {
      if (isIP(host) !== 0) return [host];
      const name = host.replace(/\.$/, '');
      if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1'];
      const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
      if (servers) resolver.setServers(servers);
      const cancel = (): void => resolver.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      signal.removeEventListener('abort', cancel);
      const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      if (found.length > 0) return found;
      const failed = answers.find((answer) => answer.status === 'rejected');
      throw new Error(`DNS knows no address of ${name} (${codeOf(failed?.reason)})`);
    },
  };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? 'no answer';
}
