import { describe, expect, test } from '@jest/globals';
import { readSpf, spfLookups, spfRest, spfVerdict, type SpfTree } from './spf.js';

/** A tree as the DNS of RFC 7208 appendix A would fill it in. */
function tree(text: string, names: Record<string, readonly string[] | SpfTree> = {}): SpfTree {
  const read = readSpf(text);
  if (!read.ok) throw new Error(read.problem);
  const { terms, redirect } = read.record;
  const found = (name: string) => names[name] ?? [];
  return {
    domain: 'example.com',
    terms: terms.map((term) => {
      const there = found(`${term.mechanism}:${term.value ?? 'example.com'}`);
      return {
        ...term,
        addresses: Array.isArray(there) ? there : [],
        included: term.mechanism === 'include' && !Array.isArray(there) ? (there as SpfTree) : null,
      };
    }),
    redirect: redirect === null ? null : (found(`redirect:${redirect}`) as SpfTree),
  };
}

const zone = {
  'a:example.com': ['192.0.2.10', '192.0.2.11'],
  'a:example.org': ['192.0.2.200'],
  'mx:example.com': ['192.0.2.129', '192.0.2.130'],
  'mx:example.org': ['192.0.2.140'],
};

describe('the examples of RFC 7208 appendix A.1', () => {
  test.each([
    ['v=spf1 +all', '203.0.113.9', 'pass'],
    ['v=spf1 a -all', '192.0.2.10', 'pass'],
    ['v=spf1 a -all', '192.0.2.129', 'fail'],
    ['v=spf1 a:example.org -all', '192.0.2.10', 'fail'],
    ['v=spf1 mx -all', '192.0.2.129', 'pass'],
    ['v=spf1 mx:example.org -all', '192.0.2.129', 'fail'],
    ['v=spf1 mx mx:example.org -all', '192.0.2.140', 'pass'],
    ['v=spf1 mx/30 mx:example.org/30 -all', '192.0.2.131', 'pass'],
    ['v=spf1 mx/30 mx:example.org/30 -all', '192.0.2.143', 'pass'],
    ['v=spf1 mx/30 mx:example.org/30 -all', '192.0.2.144', 'fail'],
    ['v=spf1 ptr -all', '192.0.2.10', 'fail'],
    ['v=spf1 ip4:192.0.2.128/28 -all', '192.0.2.129', 'pass'],
    ['v=spf1 ip4:192.0.2.128/28 -all', '192.0.2.65', 'fail'],
    ['v=spf1 ip6:2001:db8::/32 ~all', '2001:db8::1', 'pass'],
    ['v=spf1 ip6:2001:db8::/32 ~all', '2001:db9::1', 'softfail'],
    ['v=spf1 a/24//64 ?all', '192.0.2.99', 'pass'],
    ['v=spf1 -ip4:192.0.2.10 a -all', '192.0.2.10', 'fail'],
    ['v=spf1', '192.0.2.10', 'neutral'],
  ])('%s says of %s: %s', (text, address, verdict) => {
    expect(spfVerdict(tree(text, zone), address)).toBe(verdict);
  });

  test('include passes on a pass only, redirect passes on everything', () => {
    const other = tree('v=spf1 ip4:192.0.2.0/28 -all');
    const including = tree('v=spf1 include:example.net ?all', { 'include:example.net': other });
    expect(spfVerdict(including, '192.0.2.3')).toBe('pass');
    expect(spfVerdict(including, '203.0.113.1')).toBe('neutral');
    const redirected = tree('v=spf1 redirect=example.net', { 'redirect:example.net': other });
    expect(spfVerdict(redirected, '203.0.113.1')).toBe('fail');
    expect([spfRest(redirected), spfRest(including), spfRest(tree('v=spf1 mx'))]).toEqual([
      'fail',
      'neutral',
      null,
    ]);
  });
});

test('questions to the DNS are counted through includes and redirects (§4.6.4)', () => {
  const inner = tree('v=spf1 a mx exists:%{ir}.example.net ip4:192.0.2.1 -all');
  const outer = tree('v=spf1 include:inner ptr redirect=inner', {
    'include:inner': inner,
    'redirect:inner': inner,
  });
  expect(spfLookups(inner)).toBe(3);
  expect(spfLookups(outer)).toBe(1 + 3 + 1 + 1 + 3);
});

test.each([
  'v=spf1 moo -all',
  'v=spf1 ip4:192.0.2.300 -all',
  'v=spf1 ip4:2001:db8::1 -all',
  'v=spf1 ip4:192.0.2.0/33 -all',
  'v=spf1 include -all',
  'v=spf1 include: -all',
  'v=spf1 all:example.com',
  'v=spf1 include:example.com/24',
  'v=spf1 redirect=a.example redirect=b.example',
  'v=spf10 -all',
])('%s is no record', (text) => {
  expect(readSpf(text).ok).toBe(false);
});

test('unknown modifiers and upper case are read over', () => {
  expect(readSpf('V=SPF1  A:Example.org/28 exp=explain.example.com x-new=1 -ALL')).toMatchObject({
    ok: true,
    record: {
      redirect: null,
      terms: [
        { mechanism: 'a', value: 'Example.org', bits4: 28 },
        { mechanism: 'all', qualifier: '-' },
      ],
    },
  });
});
