import { createPrivateKey, hash, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { headerFields, relaxedBody, relaxedField } from './relaxed.js';

const body = (text: string) => relaxedBody(Buffer.from(text, 'latin1')).toString('latin1');

describe('relaxed body', () => {
  test('the example of RFC 6376 §3.4.5', () =>
    expect(body(' C \r\nD \t E\r\n\r\n\r\n')).toBe(' C\r\nD E\r\n'));

  test.each([
    ['', ''],
    ['\r\n', ''],
    ['\r\n\r\n', ''],
    [' \t\r\n \r\n', ''],
    [' ', ''],
    ['a', 'a\r\n'],
    ['a ', 'a\r\n'],
    ['a\r\n', 'a\r\n'],
    ['a\r\n\r\n \t\r\n', 'a\r\n'],
    ['\r\na\r\n\r\nb', '\r\na\r\n\r\nb\r\n'],
    ['  a\t\tb', ' a b\r\n'],
    ['\u00a0 \u00e9\u00a0\r\n', '\u00a0 \u00e9\u00a0\r\n'],
    // Not line ends: they are kept, and the space before them is not at one.
    ['a \rb \nc', 'a \rb \nc\r\n'],
  ])('%j is %j', (text, relaxed) => expect(body(text)).toBe(relaxed));
});

describe('relaxed header', () => {
  test('the example of RFC 6376 §3.4.5', () => {
    expect(headerFields('A: X\r\nB : Y\t\r\n\tZ  \r\n')).toEqual([
      { name: 'a', relaxed: 'a:X' },
      { name: 'b', relaxed: 'b:Y Z' },
    ]);
  });

  test.each([
    ['Subject:', 'subject:'],
    ['SUBJECT : \r\n a\r\n\t b ', 'subject:a b'],
    ['X: a:b', 'x:a:b'],
    // Octets of UTF-8 that JavaScript takes for white space.
    ['X: \u00a0a\u0085\u00a0', 'x:\u00a0a\u0085\u00a0'],
  ])('%j is %j', (field, relaxed) => expect(relaxedField(field).relaxed).toBe(relaxed));
});

test('the Ed25519 signature of RFC 8463 appendix A, octet by octet', () => {
  const head = [
    'From: Joe SixPack <joe@football.example.com>',
    'To: Suzie Q <suzie@shopping.example.net>',
    'Subject: Is dinner ready?',
    'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
    'Message-ID: <20030712040037.46341.5F8J@football.example.com>',
  ].join('\r\n');
  const text = ['Hi.', '', 'We lost the game.  Are you hungry yet?', '', 'Joe.', ''].join('\r\n');
  const bodyHash = hash('sha256', relaxedBody(Buffer.from(text)), 'base64');
  expect(bodyHash).toBe('2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=');
  const field = [
    'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;',
    ' d=football.example.com; i=@football.example.com;',
    ' q=dns/txt; s=brisbane; t=1528637909; h=from : to :',
    ' subject : date : message-id : from : subject : date;',
    ` bh=${bodyHash};`,
    ' b=',
  ].join('\r\n');
  const signed = headerFields(head).map(({ relaxed }) => `${relaxed}\r\n`);
  const digest = hash('sha256', signed.join('') + relaxedField(field).relaxed, 'buffer');
  const privateKey = createPrivateKey({
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    },
    format: 'jwk',
  });
  expect(sign(null, digest, privateKey).toString('base64')).toBe(
    '/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
  );
});
