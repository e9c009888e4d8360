import { isPublicIp } from '../../../domain/index.js';
import { readRelay } from '../../delivery/index.js';
import type { Relay } from '../../delivery/index.js';
import type { Config } from '../../../platform/config/index.js';
import type { Dns } from '../dns.js';

/** Host, port and the rest of a relay. */
export function settingsOf({ url, name }: Relay, { publicUrl }: Config) {
  return readRelay(url, { connections: 1, helloName: new URL(publicUrl).hostname, name });
}

/** The addresses of a relay's host that the world sees; none for a relay in a network of one's own, or an unknown name. */
export async function publicAddresses(dns: Dns, host: string): Promise<readonly string[]> {
  const answer = await dns.addresses(host);
  return answer.kind === 'records' ? answer.records.filter(isPublicIp) : [];
}
