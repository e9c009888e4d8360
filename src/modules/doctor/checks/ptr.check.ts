import { networkInterfaces } from 'node:os';
import { isPublicIp } from '../../../domain/index.js';
import type { Dns } from '../dns.js';
import { findingsOf, type Finding } from '../finding.js';
import type { Check } from '../surroundings.js';
import { publicAddresses, settingsOf } from './relay-addresses.js';

/**
 * Whether the address that mail leaves from has a name that leads back to it (forward-confirmed PTR), as Gmail wants it. Of a relay
 * elsewhere only the address that it listens on is known; for one on this machine it is the machine's own.
 */
export const ptrCheck: Check = async ({ relays, dns, config }) => {
  const findings = await Promise.all(
    relays.map(async (relay) => {
      const { host } = settingsOf(relay, config);
      const addresses = await publicAddresses(dns, host);
      const own = addresses.length === 0 ? ownAddresses() : addresses;
      if (own.length === 0)
        return [
          findingsOf('ptr', relay.name).unknown(
            `Neither the relay (${host}) nor this machine has a public address that is known here`,
            'Look up the address that the world sees: its name (PTR) must lead back to it.',
          ),
        ];
      return Promise.all(
        own.map(async (address) => ofAddress(dns, relay.name, address, addresses.length > 0)),
      );
    }),
  );
  return findings.flat();
};

/** Those of this machine that the world can reach; none behind a router. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address)
    .filter(isPublicIp);
}

async function ofAddress(dns: Dns, relay: string, address: string, isRelays: boolean): Promise<Finding> {
  const find = findingsOf('ptr', `${relay} ${address}`);
  const whose = isRelays ? "the relay's operator" : 'whoever gave you the address (your hoster)';
  const names = await dns.names(address);
  if (names.kind === 'unknown')
    return find.unknown(names.why, 'Try again where the DNS answers, or set DNS_SERVERS.');
  if (names.kind === 'none')
    return find.warning(
      'The address has no name (PTR)',
      `Ask ${whose} to set one, if mail leaves from this address.`,
    );
  for (const name of names.records) {
    const back = await dns.addresses(name);
    if (back.kind === 'unknown')
      return find.unknown(back.why, 'Try again where the DNS answers, or set DNS_SERVERS.');
    if (back.kind === 'records' && back.records.includes(address))
      return find.ok(`It is ${name}, and that leads back`);
  }
  return find.warning(
    `It says that it is ${names.records.join(', ')}, but that name does not lead back to it`,
    `Ask ${whose} to set a PTR whose A or AAAA record is this address, if mail leaves from it.`,
  );
}
