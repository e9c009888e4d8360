import { expect, test } from '@jest/globals';
import { clientFamily, truncateIp } from './client.js';

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3::/48'],
  ['2001:0DB8:85A3::7348', '2001:db8:85a3::/48'],
  ['2001:db8::1', '2001:db8:0::/48'],
  ['2001::85a3:0:0:0:0:1', '2001:0:85a3::/48'],
  ['::1', '0:0:0::/48'],
  ['::', '0:0:0::/48'],
  ['fe80::1%eth0', 'fe80:0:0::/48'],
  ['64:ff9b::203.0.113.77', '64:ff9b:0::/48'],
  ['999.1.1.1', null],
  ['localhost', null],
  ['', null],
])('%s is kept as %s', (ip, kept) => {
  expect(truncateIp(ip)).toBe(kept);
});

const mozilla = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
test.each([
  [`${mozilla} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36`, 'Chrome'],
  [`${mozilla} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0`, 'Edge'],
  [`${mozilla} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/120.0`, 'Opera'],
  [
    'Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
    'Samsung Internet',
  ],
  [`${mozilla} Gecko/20100101 Firefox/145.0`, 'Firefox'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1',
    'Safari',
  ],
  ['Mozilla/5.0 (iPhone) CriOS/140.0 Mobile/15E148 Safari/604.1', 'Chrome'],
  ['curl/8.9.1', 'other'],
  ['', 'other'],
])('%s is %s', (userAgent, family) => {
  expect(clientFamily(userAgent)).toBe(family);
});
