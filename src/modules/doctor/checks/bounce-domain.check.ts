import { findingsOf, type Finding } from '../finding.js';
import type { Check } from '../surroundings.js';

/** Whether reports about mail that did not arrive find their way back: MX of the bounce domain, and somebody who listens. */
export const bounceDomainCheck: Check = async ({ config, dns }) => {
  const { BOUNCE_DOMAIN, INBOUND_SMTP_PORT } = config.env;
  const find = findingsOf('bounce-domain', BOUNCE_DOMAIN ?? null);
  if (BOUNCE_DOMAIN === undefined)
    return [
      find.warning(
        'BOUNCE_DOMAIN is not set: reports go to the address of the sender, and Postrider hears of no bounce but those of the relay',
        'Set BOUNCE_DOMAIN and INBOUND_SMTP_PORT, or have your provider post its events to /hooks/mail/….',
      ),
    ];
  const findings: Finding[] = [
    INBOUND_SMTP_PORT === undefined
      ? find.warning(
          'INBOUND_SMTP_PORT is not set: nothing here receives the mail of BOUNCE_DOMAIN',
          'Set it, and let port 25 of the MX host lead to it.',
        )
      : find.ok(`Mail is received on port ${INBOUND_SMTP_PORT}`),
  ];
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
