import { describe, expect, test } from '@jest/globals';
import { envelopeOf } from './envelope.js';
import { readExtensions, type Extensions } from './extensions.js';

const raw = Buffer.alloc(1000);
const nothing: Extensions = { pipelining: false, eightBitMime: false, smtpUtf8: false, size: undefined };
const everything: Extensions = { pipelining: true, eightBitMime: true, smtpUtf8: true, size: 1000 };

describe('what a relay offers', () => {
  test('is read from the answer to EHLO, whatever the case', () => {
    expect(
      readExtensions('250-mx.example\n250-Pipelining\n250-8bitmime\n250-SIZE 1000\n250 SMTPUTF8'),
    ).toEqual(everything);
  });

  test('is nothing for a server that only knows HELO, or is called like an extension', () => {
    expect(readExtensions('250 PIPELINING SIZE 8BITMIME')).toEqual(nothing);
    expect(readExtensions('250-x\n250-XPIPELINING\n250-AUTH PLAIN SMTPUTF8\n250 HELP')).toEqual(nothing);
  });

  test('SIZE without a number, or 0, is no limit (RFC 1870)', () => {
    expect(readExtensions('250-x\n250 SIZE').size).toBe(Infinity);
    expect(readExtensions('250-x\n250 SIZE 0').size).toBe(Infinity);
  });
});

describe('the envelope', () => {
  const mail = { from: 'news@shop.example', to: 'ada@example.com', raw };

  test('names only what is offered', () => {
    expect(envelopeOf(mail, nothing)).toEqual({
      kind: 'envelope',
      mail: 'MAIL FROM:<news@shop.example>',
      rcpt: 'RCPT TO:<ada@example.com>',
    });
    expect(envelopeOf({ ...mail, from: '' }, everything)).toMatchObject({
      mail: 'MAIL FROM:<> SIZE=1000 BODY=8BITMIME',
    });
  });

  test('SMTPUTF8 for a local part that needs it, and not for a domain, which has A-labels', () => {
    expect(envelopeOf({ ...mail, to: 'zoë@bücher.example' }, everything)).toMatchObject({
      mail: 'MAIL FROM:<news@shop.example> SIZE=1000 BODY=8BITMIME SMTPUTF8',
      rcpt: 'RCPT TO:<zoë@xn--bcher-kva.example>',
    });
    expect(envelopeOf({ ...mail, to: 'zoe@bücher.example' }, nothing)).toMatchObject({
      mail: 'MAIL FROM:<news@shop.example>',
      rcpt: 'RCPT TO:<zoe@xn--bcher-kva.example>',
    });
    expect(envelopeOf({ ...mail, to: 'zoë@example.com' }, nothing)).toMatchObject({
      kind: 'refused',
      stage: 'rcpt',
      reply: { code: 553, enhanced: '5.6.7' },
    });
    expect(envelopeOf({ ...mail, from: 'zoë@example.com' }, nothing)).toMatchObject({ stage: 'mail' });
  });

  test('a mail above the announced size is refused', () => {
    expect(envelopeOf(mail, { ...nothing, size: 999 })).toMatchObject({
      kind: 'refused',
      stage: 'data',
      reply: { code: 552, enhanced: '5.3.4', text: 'The mail has 1000 octets, the relay takes 999 at most' },
    });
  });

  test.each(['a@b.example>\r\nRCPT TO:<c@d.example', 'a@b.example\nDATA', 'a@b.example>', 'a\0@b.example'])(
    'no address brings commands of its own: %j',
    (to) => {
      expect(envelopeOf({ ...mail, to }, everything)).toMatchObject({ kind: 'refused', stage: 'rcpt' });
      expect(envelopeOf({ ...mail, from: to }, everything)).toMatchObject({ kind: 'refused', stage: 'mail' });
    },
  );
});
