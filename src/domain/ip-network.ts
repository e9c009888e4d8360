/** Addresses and networks of the Internet Protocol, as numbers. */

interface IpNumber {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** What stands before an IPv4 address in IPv6 form (RFC 4291 §2.5.5.2): 96 bits. */
const MAPPED_BITS = 96;

/** @returns undefined for what is no address; an IPv4 address in IPv6 form, `::ffff:a00:1` too, is the IPv4 one */
function readIp(text: string): IpNumber | undefined {
  if (!text.includes(':')) return readIpv4(text);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  if (mapped !== undefined) return readIpv4(mapped);
  const read = readIpv6(text);
  return read && read.value >> 32n === 0xffffn ? { bits: 32, value: read.value & 0xffff_ffffn } : read;
}

/** A zero in front is refused: some read what follows as octal. */
function readIpv4(text: string): IpNumber | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255))
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

/** Addresses with the same first bits, as `203.0.113.0/24`; one address is a network of its own. */
export interface IpNetwork {
  readonly address: string;
  /** How many of the first bits count: 0 to 32, or to 128. */
  readonly bits: number;
}

/** Reads `203.0.113.0/24`, `2001:db8::/32` or one address. @returns what is wrong with it where it is none */
export function parseNetwork(text: string): IpNetwork | { readonly problem: string } {
  const [address = '', length, ...rest] = text.trim().toLowerCase().split('/');
  const ip = readIp(address);
  const isMapped = ip?.bits === 32 && address.includes(':');
  const written = isMapped ? 128 : (ip?.bits ?? 0);
  const bits = length === undefined ? written : Number(length);
  if (
    !ip ||
    rest.length > 0 ||
    (length !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(length)) ||
    bits > written
  )
    return { problem: `"${text}" is no IP address and no network such as 203.0.113.0/24 or 2001:db8::/32` };
  if (isMapped && bits < MAPPED_BITS)
    return { problem: `"${text}" is more than the IPv4 addresses in IPv6 form; write an IPv4 network` };
  const network = {
    address: isMapped ? dotted(ip.value) : address,
    bits: isMapped ? bits - MAPPED_BITS : bits,
  };
  if ((ip.value & ((1n << BigInt(ip.bits - network.bits)) - 1n)) !== 0n)
    return {
      problem: `"${text}" names an address inside a network; its bits after the first ${bits} must be 0`,
    };
  return network;
}

/** Whether every address of the inner network is in the outer one. */
export function isWithin(inner: IpNetwork, outer: IpNetwork): boolean {
  return inner.bits >= outer.bits && inNetwork(inner.address, outer.address, outer.bits);
}

function dotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.');
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
