/** Addresses and networks of the Internet Protocol, as numbers. */

interface IpNumber {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** @returns undefined for what is no address; an IPv4 address in IPv6 form is the IPv4 one */
function readIp(text: string): IpNumber | undefined {
  if (!text.includes(':')) return readIpv4(text);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  if (mapped !== undefined) return readIpv4(mapped);
  return readIpv6(text);
}

function readIpv4(text: string): IpNumber | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255))
    return undefined;
  return { bits: 32, value: parts.reduce((value, part) => value * 256n + BigInt(part), 0n) };
}

function readIpv6(text: string): IpNumber | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return { bits: 128, value: groups.reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n) };
}

export function isIp(text: string): boolean {
  return readIp(text) !== undefined;
}

/** Whether an address is in a network. @param bits how many of the first bits count; null: all, only this one address */
export function inNetwork(address: string, network: string, bits: number | null): boolean {
  const [one, other] = [readIp(address), readIp(network)];
  if (!one || !other || one.bits !== other.bits) return false;
  const loose = BigInt(one.bits - Math.min(bits ?? one.bits, one.bits));
  return one.value >> loose === other.value >> loose;
}

/** RFC 6890: what no stranger reaches; documentation among it. */
const notPublic: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['::', 127],
  ['2001:db8::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
];

/** Whether the world can reach an address. */
export function isPublicIp(address: string): boolean {
  return isIp(address) && !notPublic.some(([network, bits]) => inNetwork(address, network, bits));
}
