import { expect, test } from '@jest/globals';
import { isLoopback, refusal } from './inbox.access.js';
import type { Origin } from './inbox.access.js';

const policy = { hasRelay: false, trustsProxy: false };
const here = { addresses: ['127.0.0.1'], headers: { host: 'localhost:3000' }, changes: false };
const asked = (change: Partial<Origin>, proxy = false) =>
  refusal({ ...here, ...change }, { ...policy, trustsProxy: proxy });

test.each(['localhost', 'localhost:3000', '127.0.0.1:3000', '[::1]:3000', '127.0.0.2'])(
  'here, as %s',
  (host) => {
    expect(asked({ headers: { host } })).toBeNull();
  },
);

test.each(['rebind.example', '10.0.0.1:3000', 'localhost.example', '127.0.0.1.example', '', undefined])(
  'a browser here that was led to us as %s',
  (host) => {
    expect(asked({ headers: { host } })).toBe('host');
  },
);

test('another machine', () => {
  for (const address of ['10.0.0.7', '203.0.113.9', '2001:db8::1', '::ffff:10.0.0.7']) {
    expect(asked({ addresses: [address] })).toBe('remote');
  }
});

test('through a proxy: only where it is trusted, and then every address must be of this machine', () => {
  expect(asked({ headers: { ...here.headers, 'x-forwarded-for': '127.0.0.1' } })).toBe('proxy');
  expect(asked({ headers: { ...here.headers, forwarded: 'for=127.0.0.1' } })).toBe('proxy');
  expect(asked({ addresses: ['127.0.0.1', '203.0.113.9'] }, true)).toBe('remote');
  // What the client wrote itself stands first in the chain, and a trusting proxy passes it on.
  expect(asked({ addresses: ['127.0.0.1', '203.0.113.9', '127.0.0.1'] }, true)).toBe('remote');
  expect(
    asked(
      { headers: { ...here.headers, 'x-forwarded-for': '127.0.0.1' }, addresses: ['127.0.0.1', '127.0.0.1'] },
      true,
    ),
  ).toBeNull();
});

test('a change must come from the page itself', () => {
  const from = (headers: Record<string, string>) =>
    asked({ changes: true, headers: { ...here.headers, ...headers } });
  expect(from({ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' })).toBeNull();
  expect(from({ 'sec-fetch-site': 'cross-site' })).toBe('crossSite');
  expect(from({ 'sec-fetch-site': 'same-site', origin: 'http://localhost:8080' })).toBe('crossSite');
  expect(from({ origin: 'http://localhost:3000' })).toBeNull();
  expect(from({ origin: 'https://evil.example' })).toBe('crossSite');
  expect(from({ origin: 'null' })).toBe('crossSite');
  expect(from({})).toBeNull();
});

test('with a relay there is no inbox for anybody', () => {
  expect(refusal(here, { ...policy, hasRelay: true })).toBe('relay');
});

test('loopback', () => {
  for (const address of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1', '[::1]'])
    expect(isLoopback(address)).toBe(true);
  for (const address of ['128.0.0.1', '0.0.0.0', '::', '127.0.0.1.example', ''])
    expect(isLoopback(address)).toBe(false);
});
