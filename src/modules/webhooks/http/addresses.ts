import { BlockList, isIPv6 } from 'node:net';

/** What an address is for, as far as webhooks care (RFC 6890 and the IANA registries behind it). */
export type Reach = 'public' | 'loopback' | 'private' | 'closed';

function list(subnets: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    blocks.addSubnet(network, Number(prefix), isIPv6(network) ? 'ipv6' : 'ipv4');
  }
  return blocks;
}

const loopback = list(['127.0.0.0/8', '::1/128']);

/** Networks of one's own: the operator may open them. */
const privateNetworks = list(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']);

/**
 * Never: "this network", link-local (clouds answer there with credentials, on fd00:ec2::254 and fd20:ce::254 too), protocol
 * assignments, documentation, benchmarks, 6to4 relays, multicast and reserved space.
 */
const closedV4 = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Teredo and its neighbours, ORCHID, documentation, and 6to4: the last ones can carry any IPv4 address inside. */
const closedV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', 'fd00:ec2::/32', 'fd20:ce::/32'];
const closed = list([...closedV4, ...closedV6]);

/** All that is given out for the public IPv6 internet; NAT64, mapped, link-local, site-local and multicast lie outside. */
const globalUnicast = list(['2000::/3']);

/**
 * @param address as `dns` or `URL` write it. One of IPv4 that is mapped into IPv6 is what its inside is, except that a public one
 * is closed: nobody's DNS has a reason to say it that way.
 */
export function reachOf(address: string): Reach {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (closed.check(address, family)) return 'closed';
  if (loopback.check(address, family)) return 'loopback';
  if (privateNetworks.check(address, family)) return 'private';
  return family === 'ipv4' || globalUnicast.check(address, family) ? 'public' : 'closed';
}
