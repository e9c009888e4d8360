import { BlockList } from 'node:net';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inNetwork, isIp, isPublicIp } from './ip-network.js';

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
