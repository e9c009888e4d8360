import { expect, test } from '@jest/globals';
import { isAligned, isDmarc, organisationalDomain, readDmarc } from './dmarc.js';

test.each([
  // RFC 7489 appendix B.2
  [
    'v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com',
    { policy: 'none', dkim: 'r', spf: 'r', percent: 100 },
  ],
  [
    'v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com,mailto:tld-test@thirdparty.example.net!10m',
    { reports: ['mailto:dmarc-feedback@example.com', 'mailto:tld-test@thirdparty.example.net!10m'] },
  ],
  [
    'v=DMARC1; p=quarantine; rua=mailto:dmarc-feedback@example.com; pct=25',
    { policy: 'quarantine', subdomainPolicy: 'quarantine', percent: 25 },
  ],
  [
    'v=DMARC1;p=reject;sp=none;adkim=s;aspf=S',
    { policy: 'reject', subdomainPolicy: 'none', dkim: 's', spf: 's' },
  ],
  // §6.6.3: a policy that nobody can read counts as none where reports are wanted
  ['v=DMARC1; p=maybe; rua=mailto:a@example.com', { policy: 'none' }],
])('%s', (text, expected) => {
  expect(readDmarc(text)).toMatchObject({ ok: true, record: expected });
});

test.each([
  'v=DMARC1',
  'p=none; v=DMARC1',
  'v=DMARC2; p=none',
  'v=DMARC1; p=none; p=reject',
  'v=DMARC1; p=maybe',
])('%s is no record', (text) => expect(readDmarc(text).ok).toBe(false));

test('other TXT records at the name do not count', () => {
  expect(['v=DMARC1; p=none', 'v=DMARC1;p=none', 'v=DMARC12; p=none', 'v=spf1 -all'].map(isDmarc)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('the organisational domain has two labels, or three under names such as co.uk', () => {
  const pairs = [
    ['example.com', 'example.com'],
    ['news.mail.example.com.', 'example.com'],
    ['shop.example.co.uk', 'example.co.uk'],
    ['a.b.example.com.au', 'example.com.au'],
    ['news.example.de', 'example.de'],
    ['net.example.io', 'example.io'],
    ['com', 'com'],
  ];
  for (const [domain, expected] of pairs) expect(organisationalDomain(domain!)).toBe(expected);
});

test('alignment (RFC 7489 §3.1 and appendix B.1)', () => {
  expect(isAligned('example.com', 'Example.COM', 's')).toBe(true);
  expect(isAligned('news.example.com', 'example.com', 'r')).toBe(true);
  expect(isAligned('news.example.com', 'bounces.example.com', 'r')).toBe(true);
  expect(isAligned('news.example.com', 'example.com', 's')).toBe(false);
  expect(isAligned('example.com', 'example.net', 'r')).toBe(false);
  expect(isAligned('one.co.uk', 'other.co.uk', 'r')).toBe(false);
});
