import { expect, test } from '@jest/globals';
import { excessOf, rateInWords, type KeyLimits } from './key-limits.js';

const free: KeyLimits = { scopes: ['a', 'b'], senders: null, rate: null, allowIps: null, expiresAt: null };
const bound: KeyLimits = {
  scopes: ['a', 'b'],
  senders: ['shop', 'news'],
  rate: { requests: 60, per: 'minute' },
  allowIps: ['203.0.113.0/24', '2001:db8::/32'],
  expiresAt: new Date('2030-01-01'),
};
const fieldsOf = (asked: Partial<KeyLimits>, held = bound): string[] =>
  excessOf({ ...bound, ...asked }, held).map(({ field }) => field);

test('the same, and anything against no limit, is no excess', () => {
  expect(excessOf(bound, bound)).toEqual([]);
  expect(excessOf(bound, free)).toEqual([]);
  expect(excessOf(free, free)).toEqual([]);
  expect(excessOf(free, bound).map(({ field }) => field)).toEqual([
    'senders',
    'rate',
    'allowIps',
    'expiresAt',
  ]);
});

test.each<[Partial<KeyLimits>, string[]]>([
  [{ scopes: ['a'], senders: ['news'], allowIps: ['203.0.113.7/32', '2001:db8:1::/48'] }, []],
  [{ expiresAt: new Date('2029-12-31') }, []],
  [{ scopes: ['a', 'c'] }, ['scopes']],
  [{ senders: ['shop', 'other'] }, ['senders']],
  [{ allowIps: ['203.0.113.0/24', '203.0.114.1/32'] }, ['allowIps']],
  [{ allowIps: ['203.0.112.0/23'] }, ['allowIps']],
  [{ allowIps: ['0.0.0.0/0'] }, ['allowIps']],
  [{ expiresAt: new Date('2030-01-01T00:00:00.001Z') }, ['expiresAt']],
])('%j', (asked, excess) => {
  expect(fieldsOf(asked)).toEqual(excess);
});

test('of two rates the one that may be more at any moment is more', () => {
  const of = (asked: KeyLimits['rate'], held: KeyLimits['rate']) =>
    fieldsOf({ rate: asked }, { ...bound, rate: held });
  const second = (requests: number) => ({ requests, per: 'second' as const });
  const minute = (requests: number) => ({ requests, per: 'minute' as const });
  expect(of(second(1), minute(60))).toEqual([]);
  expect(of(second(2), minute(60))).toEqual(['rate']);
  expect(of(minute(10), second(10))).toEqual([]);
  expect(of(minute(11), second(10))).toEqual(['rate']);
  expect(of(minute(61), minute(60))).toEqual(['rate']);
  expect([second(1), minute(600)].map(rateInWords)).toEqual(['1 request a second', '600 requests a minute']);
});
