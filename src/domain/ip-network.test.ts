import { BlockList } from 'node:net';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inNetwork, isIp, isPublicIp, isWithin, parseNetwork, type IpNetwork } from './ip-network.js';

test.each([fc.ipV4(), fc.ipV6()])('says the same as Node of any two addresses', (address) => {
  const family = (text: string) => (text.includes(':') ? 'ipv6' : 'ipv4');
  fc.assert(
    fc.property(address, address, fc.integer({ min: 0, max: 32 }), (one, other, bits) => {
      // fast-check also writes ::ffff:1.2.3.4, which is the IPv4 address here
      fc.pre(!/:.*\./.test(one + other));
      const list = new BlockList();
      list.addSubnet(other, bits, family(other));
      expect(inNetwork(one, other, bits)).toBe(list.check(one, family(one)));
    }),
  );
});

test('what is an address, and which ones the world reaches', () => {
  expect(['192.0.2.1', '::1', '2001:db8::1', '::ffff:192.0.2.1'].map(isIp)).toEqual([true, true, true, true]);
  expect(['192.0.2', '192.0.2.256', '1::2::3', '12345::', 'example.com', ''].some(isIp)).toBe(false);
  expect(['127.0.0.1', '10.1.2.3', '192.168.0.1', '::1', 'fe80::1', '::ffff:10.0.0.1'].some(isPublicIp)).toBe(
    false,
  );
  expect(['9.9.9.9', '2620:fe::fe'].every(isPublicIp)).toBe(true);
});

const network = (text: string): IpNetwork => {
  const parsed = parseNetwork(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
};

test.each([
  ['203.0.113.0/24', '203.0.113.0', 24],
  ['203.0.113.7', '203.0.113.7', 32],
  ['0.0.0.0/0', '0.0.0.0', 0],
  [' 2001:DB8::/32 ', '2001:db8::', 32],
  ['::1', '::1', 128],
  ['::ffff:10.0.0.0/104', '10.0.0.0', 8],
  ['::ffff:a00:1', '10.0.0.1', 32],
])('%s is a network', (text, address, bits) => {
  expect(network(text)).toEqual({ address, bits });
});

test.each([
  ['office', 'is no IP address'],
  ['', 'is no IP address'],
  ['10.0.0.0/', 'is no IP address'],
  ['10.0.0.0/33', 'is no IP address'],
  ['10.0.0.0/-1', 'is no IP address'],
  ['10.0.0.0/08', 'is no IP address'],
  ['10.0.0.0/8/8', 'is no IP address'],
  ['010.0.0.1', 'is no IP address'],
  ['10.0.0/8', 'is no IP address'],
  ['2001:db8::/129', 'is no IP address'],
  ['fe80::1%eth0', 'is no IP address'],
  ['10.0.0.1/8', 'bits after the first 8 must be 0'],
  ['2001:db8::1/32', 'bits after the first 32 must be 0'],
  ['::ffff:0.0.0.0/90', 'write an IPv4 network'],
])('%j is none, and why', (text, problem) => {
  expect(parseNetwork(text)).toEqual({ problem: expect.stringContaining(problem) });
});

test('what is within what', () => {
  const within = (inner: string, outer: string) => isWithin(network(inner), network(outer));
  expect(within('10.1.0.0/16', '10.0.0.0/8')).toBe(true);
  expect(within('10.0.0.0/8', '10.0.0.0/8')).toBe(true);
  expect(within('::ffff:10.1.2.3', '10.0.0.0/8')).toBe(true);
  expect(within('10.0.0.0/7', '10.0.0.0/8')).toBe(false);
  expect(within('11.0.0.0/16', '10.0.0.0/8')).toBe(false);
  expect(within('10.0.0.0/8', '::/0')).toBe(false);
});
