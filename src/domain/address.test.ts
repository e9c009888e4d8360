import { describe, expect, test } from '@jest/globals';
import { maskAddress, needsSmtpUtf8, parseAddress } from './address.js';

const canonical = (input: string): string | undefined => {
  const parsed = parseAddress(input);
  return parsed.ok ? parsed.address.canonical : undefined;
};

describe('addresses', () => {
  test.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['  ada.l+news@example.com ', 'ada.l+news@example.com'],
    ['info@münchen.de', 'info@xn--mnchen-3ya.de'],
    ['用户@例子.公司', '用户@xn--fsqu00a.xn--55qx5d'],
    // NFC: e with a combining acute is one letter.
    ['re\u0301ne@example.com', 'r\u00e9ne@example.com'],
  ])('%s is %s', (input, expected) => expect(canonical(input)).toBe(expected));

  test.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'a@b',
    'a b@example.com',
    'ada@exa mple.com',
    'ada@example..com',
    'a\r\nb@example.com',
    'ada@exam\r\nple.com',
    'ada@example.com/\r\nSubject: x',
    'ada@example.com?x',
    'ada@ex%61mple.com',
    'ada\ud800@example.com',
    'ada\0@example.com',
    `${'x'.repeat(65)}@example.com`,
    `a@${'x.'.repeat(130)}com`,
  ])('%j is refused', (input) => expect(canonical(input)).toBeUndefined());

  test('the address as typed is kept for sending', () => {
    const parsed = parseAddress('Ada.Lovelace@Example.com');
    expect(parsed.ok && parsed.address.typed).toBe('Ada.Lovelace@Example.com');
  });

  test('a mask shows one letter', () => {
    expect(maskAddress('alice@example.com')).toBe('a•••@example.com');
    expect(maskAddress('nonsense')).toBe('•••');
  });

  test('only a local part outside ASCII needs SMTPUTF8', () => {
    expect(needsSmtpUtf8('jörg@example.com')).toBe(true);
    expect(needsSmtpUtf8('info@münchen.de')).toBe(false);
  });
});
