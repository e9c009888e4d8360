import { findingsOf, type Finding } from '../finding.js';
import type { Check, Surroundings } from '../surroundings.js';
import { greetingOf } from './smtp-look.js';

const PATIENCE_MS = 4_000;
/** Addresses that are listened on and mean "all of this machine", and where one of them is called. */
const callable: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Whether reports about mail that did not arrive find their way back: MX of the bounce domain, and somebody who listens. */
export const bounceDomainCheck: Check = async ({ config, dns }) => {
  const { BOUNCE_DOMAIN } = config.env;
  const find = findingsOf('bounce-domain', BOUNCE_DOMAIN ?? null);
  if (BOUNCE_DOMAIN === undefined)
    return [
      find.warning(
        'BOUNCE_DOMAIN is not set: reports go to the address of the sender, and Postrider hears of no bounce but those of the relay',
        'Set BOUNCE_DOMAIN and INBOUND_SMTP_PORT, or have your provider post its events to /hooks/mail/….',
      ),
    ];
  const findings: Finding[] = [await ofListener(config, BOUNCE_DOMAIN)];
  const mx = await dns.mx(BOUNCE_DOMAIN);
  if (mx.kind === 'unknown')
    return [...findings, find.unknown(mx.why, 'Try again where the DNS answers, or set DNS_SERVERS.')];
  const hosts = mx.kind === 'records' ? mx.records.filter((host) => host !== '' && host !== '.') : [];
  if (hosts.length === 0)
    return [
      ...findings,
      find.failure(
        `${BOUNCE_DOMAIN} has no MX record: no report comes back`,
        `Publish an MX record: ${BOUNCE_DOMAIN}. IN MX 10 <the host that leads to INBOUND_SMTP_PORT>.`,
      ),
    ];
  const resolved = await Promise.all(
    hosts.map(async (host) => ({ host, answer: await dns.addresses(host) })),
  );
  const lost = resolved.filter(({ answer }) => answer.kind === 'none').map(({ host }) => host);
  if (lost.length > 0)
    findings.push(
      find.failure(`The MX host ${lost.join(', ')} has no address`, 'Publish its A or AAAA record.'),
    );
  const silent = resolved.find(({ answer }) => answer.kind === 'unknown');
  if (silent?.answer.kind === 'unknown')
    findings.push(find.unknown(silent.answer.why, 'Try again where the DNS answers, or set DNS_SERVERS.'));
  if (lost.length === 0 && !silent) findings.push(find.ok(`MX leads to ${hosts.join(', ')}`));
  return findings;
};

async function ofListener({ env }: Surroundings['config'], domain: string): Promise<Finding> {
  const { INBOUND_SMTP_PORT: port, INBOUND_HOST } = env;
  const find = findingsOf('bounce-domain', domain);
  if (port === undefined)
    return find.warning(
      'INBOUND_SMTP_PORT is not set: nothing here receives the mail of BOUNCE_DOMAIN',
      'Set it, and let port 25 of the MX host lead to it.',
    );
  try {
    const greeting = await greetingOf(callable[INBOUND_HOST] ?? INBOUND_HOST, port, PATIENCE_MS);
    return greeting.startsWith(`220 ${domain} `)
      ? find.ok(`Mail is received on port ${port}`)
      : find.failure(
          `Something else answers on port ${port}: "${greeting}"`,
          'Give INBOUND_SMTP_PORT a port of its own.',
        );
  } catch (error) {
    return find.warning(
      `Nobody receives mail on port ${port} of this machine: ${(error as Error).message}`,
      'Start the API: postrider start, or postrider api; where it runs on another machine, look there.',
    );
  }
}
