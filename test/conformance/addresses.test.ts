import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { needsSmtpUtf8, parseAddress } from '../../src/domain/index.js';

/** Addresses with a diagnosis that somebody else made: Dominic Sayers' isemail (BSD-3, the licence is beside it). */
const corpus = readFileSync(new URL('../corpora/addresses/isemail-tests.xml', import.meta.url), 'utf8');

const cases = [...corpus.matchAll(/<test id="(\d+)">([\s\S]*?)<\/test>/g)].map(([, id = '', test = '']) => ({
  id,
  address: decoded(/<address>([\s\S]*?)<\/address>/.exec(test)?.[1] ?? ''),
  category: /<category>ISEMAIL_(\w+)/.exec(test)?.[1] ?? '',
  diagnosis: /<diagnosis>ISEMAIL_(\w+)/.exec(test)?.[1] ?? '',
}));
const of = (category: string) => cases.filter((one) => one.category === category);

/** XML's escapes, and the corpus's own: U+2400 + n is the control character n. */
function decoded(text: string): string {
  return text
    .replaceAll(/&#x([\da-f]+);/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/[\u2400-\u241f]/g, (symbol) => String.fromCodePoint(symbol.codePointAt(0)! - 0x2400));
}

describe('the addresses of isemail', () => {
  test('the corpus is there', () => {
    expect(of('ERR').length).toBeGreaterThan(50);
    expect(of('VALID_CATEGORY').length).toBeGreaterThan(10);
  });

  test.each(of('ERR'))('$id $diagnosis: $address is refused', ({ address }) => {
    expect(parseAddress(address).ok).toBe(false);
  });

  // DNSWARN: valid, and the DNS is another's part.
  const valid = [...of('VALID_CATEGORY'), ...of('DNSWARN')];
  const isDotless = ({ address }: { address: string }) =>
    !address.slice(address.lastIndexOf('@')).includes('.');

  test.each(valid.filter((one) => !isDotless(one)))('$id $diagnosis: $address is taken', ({ address }) => {
    expect(parseAddress(address)).toMatchObject({ ok: true, address: { typed: address } });
  });

  // Valid by its grammar, and nobody's: top-level domains take no mail (RFC 7085, and ICANN forbids it), so it is a slip of the finger.
  test.each(valid.filter(isDotless))(
    '$id $diagnosis: $address is refused for want of a dot',
    ({ address }) => {
      expect(parseAddress(address).ok).toBe(false);
    },
  );

  // Comments, folding, obsolete syntax, quoted strings and address literals: legal in a header, not what a person types. None may pass
  // half-read, because it goes into an SMTP command and a header as it is.
  test.each(cases.filter(({ category }) => !/^(VALID_CATEGORY|DNSWARN|ERR)$/.test(category)))(
    '$id $diagnosis: $address is refused, or kept as it is without a control character',
    ({ address }) => {
      const parsed = parseAddress(address);
      if (!parsed.ok) return;
      expect(parsed.address.typed).toBe(address.trim());
      expect(parsed.address.typed).not.toMatch(/[\p{Cc}\s()<>[\]"]/u);
    },
  );
});

test.each(['jörg@example.com', '用户@例子.公司', 'दूत@example.com', 'ñandú.+tag@example.com'])(
  'the local part of %s is kept in UTF-8',
  (address) => {
    expect(parseAddress(address)).toMatchObject({ ok: true, address: { typed: address } });
    expect(needsSmtpUtf8(address)).toBe(true);
  },
);
