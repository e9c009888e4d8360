import { describe, expect, test } from '@jest/globals';
import { reachOf } from './addresses.js';
import { assertReachable, ForbiddenTarget, urlProblem } from './target.js';

describe('addresses', () => {
  test.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is public',
    (address) => expect(reachOf(address)).toBe('public'),
  );
  test.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1'])('%s is loopback', (address) =>
    expect(reachOf(address)).toBe('loopback'),
  );
  test.each([
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.127.255.255',
    'fc00::1',
    'fdff::1',
    '::ffff:10.0.0.1',
  ])('%s is private', (address) => expect(reachOf(address)).toBe('private'));
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '192.0.0.8',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.250',
    '255.255.255.255',
    '::',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '::ffff:8.8.8.8',
    '::7f00:1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::1',
    '2001::1',
    '2001:db8::1',
    '3fff::1',
  ])('%s is closed', (address) => expect(reachOf(address)).toBe('closed'));
});

describe('URLs', () => {
  test.each([
    'https://shop.example/hooks',
    'https://shop.example:8443/hooks?x=1',
    'https://93.184.216.34/',
    'https://[2606:4700::1111]/x',
    'http://localhost:3001/hooks',
    'http://127.0.0.1:80/',
  ])('%s', (url) => expect(urlProblem(url)).toBeUndefined());

  test.each([
    ['', 'must be a URL'],
    ['shop.example', 'must be a URL'],
    ['ftp://shop.example/', 'must begin with https'],
    ['file:///etc/passwd', 'must begin with https'],
    ['https://user:secret@shop.example/', 'user name'],
    ['https://user@shop.example/', 'user name'],
    ['https://shop.example/#part', 'fragment'],
    ['https://2130706433/', 'notation'],
    ['https://0x7f000001/', 'notation'],
    ['https://0177.0.0.1/', 'notation'],
    ['https://127.1/', 'notation'],
    ['https://１２７.0.0.1/', 'notation'],
    ['https://shop.example:22/', 'port 22'],
    ['https://shop.example:25/', 'port 25'],
    [`https://shop.example/${'x'.repeat(2_000)}`, '2000'],
  ])('%s: %s', (url, problem) => expect(urlProblem(url)).toContain(problem));
});

describe('where a request may go', () => {
  const closed = { loopback: false, privateNetworks: false };
  const onLoopback = { loopback: true, privateNetworks: false };
  const inside = { loopback: false, privateNetworks: true };
  const https = new URL('https://shop.example/');
  const http = new URL('http://shop.example/');

  test('https to public addresses, always', () => {
    for (const reachable of [closed, onLoopback, inside])
      expect(() => assertReachable(https, ['1.1.1.1', '2606:4700::1'], reachable)).not.toThrow();
  });

  test('one inner address among public ones is enough to refuse', () => {
    expect(() => assertReachable(https, ['1.1.1.1', '10.0.0.1'], closed)).toThrow(ForbiddenTarget);
  });

  test.each([
    ['127.0.0.1', onLoopback, true],
    ['127.0.0.1', inside, true],
    ['127.0.0.1', closed, false],
    ['10.0.0.1', onLoopback, false],
    ['10.0.0.1', inside, true],
    ['169.254.169.254', inside, false],
    ['fd00:ec2::254', inside, false],
  ])('%s with %j: %s', (address, reachable, open) => {
    for (const url of [https, http]) {
      const attempt = () => assertReachable(url, [address], reachable);
      if (open) expect(attempt).not.toThrow();
      else expect(attempt).toThrow('may not reach');
    }
  });

  test('http to a public address never', () => {
    expect(() => assertReachable(http, ['1.1.1.1'], inside)).toThrow('https://');
  });
});
