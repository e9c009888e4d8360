import { isIPv4 } from 'node:net';
import type { SMTPServerSession } from 'smtp-server';
import { SmtpRefusal } from './smtp-refusal.js';

export interface ClientLimits {
  /** Connections at once from one network: an IPv4 /24, an IPv6 /64. */
  readonly perNetwork: number;
  /** A connection ends after so many milliseconds, whatever it is doing. */
  readonly sessionMs: number;
  /** Recipients that nobody made, after which the connection ends: who guesses starts again. */
  readonly wrongRecipients: number;
}

interface Client {
  readonly network: string;
  readonly deadline: NodeJS.Timeout;
  wrong: number;
}

/** Who is connected, and what each of them has used up. */
export class Clients {
  private readonly byId = new Map<string, Client>();
  private readonly networks = new Map<string, number>();

  /** @param end ends the connection with this id */
  constructor(
    private readonly limits: ClientLimits,
    private readonly end: (sessionId: string) => void,
  ) {}

  /** @throws SmtpRefusal where its network has as many connections as it may */
  open({ id, remoteAddress }: SMTPServerSession): void {
    const network = networkOf(remoteAddress);
    const connections = this.networks.get(network) ?? 0;
    if (connections >= this.limits.perNetwork) {
      throw new SmtpRefusal(
        'connections',
        421,
        '4.7.0 Too many connections from your network: try again later',
      );
    }
    this.networks.set(network, connections + 1);
    const deadline = setTimeout(() => this.end(id), this.limits.sessionMs);
    deadline.unref();
    this.byId.set(id, { network, deadline, wrong: 0 });
  }

  /** Also for one that was never opened. */
  close({ id }: SMTPServerSession): void {
    const client = this.byId.get(id);
    if (!client) return;
    clearTimeout(client.deadline);
    this.byId.delete(id);
    const connections = (this.networks.get(client.network) ?? 0) - 1;
    if (connections > 0) this.networks.set(client.network, connections);
    else this.networks.delete(client.network);
  }

  /** Counts a recipient that nobody made. @throws SmtpRefusal that ends the connection where there were too many */
  wrongRecipient({ id }: SMTPServerSession): void {
    const client = this.byId.get(id);
    if (!client) return;
    client.wrong += 1;
    if (client.wrong >= this.limits.wrongRecipients) {
      throw new SmtpRefusal('guessing', 421, '4.7.0 Too many unknown recipients');
    }
  }
}

/** An IPv4 address without its last octet, an IPv6 address without its second half: one household or one server farm. */
export function networkOf(address: string): string {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(mapped)) return mapped.replace(/\d+$/, '0/24');
  // A URL writes it in the one short form of RFC 5952; the zone of a link-local address is left out.
  const short = new URL(`http://[${mapped.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [head = '', tail] = short.split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  const missing = tail === undefined ? 0 : 8 - groups.length - behind;
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')];
  return `${all.slice(0, 4).join(':')}::/64`;
}
