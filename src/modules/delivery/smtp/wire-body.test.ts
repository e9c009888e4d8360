import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wireBody } from './wire-body.js';

const wire = (text: string) => wireBody(Buffer.from(text, 'latin1')).toString('latin1');

test('a mail without dots at the start of a line goes out as it is, not as a copy', () => {
  const raw = Buffer.from('Subject: x\r\n\r\na.b\r\n c.\r\n');
  expect(wireBody(raw)).toBe(raw);
});

test('dots at the start of a line are doubled', () => {
  expect(wire('.\r\n')).toBe('..\r\n');
  expect(wire('.a\r\n..b\r\n.\r\nc.\r\n')).toBe('..a\r\n...b\r\n..\r\nc.\r\n');
});

test('every line end is CRLF, also the last one', () => {
  expect(wire('a\nb\rc\r\nd')).toBe('a\r\nb\r\nc\r\nd\r\n');
  expect(wire('a\r\r\nb\n\n')).toBe('a\r\n\r\nb\r\n\r\n');
  expect(wire('')).toBe('\r\n');
});

test('nothing in a mail ends it before its end, for no server (SMTP smuggling)', () => {
  const pieces = fc.array(fc.constantFrom('\r', '\n', '.', '\r\n', '\r\n.\r\n', 'a', '\xfc'));
  fc.assert(
    fc.property(pieces, (parts) => {
      const sent = wire(parts.join(''));
      expect(sent).not.toMatch(/(\r|\n)\.(\r|\n)|^\.(\r|\n)|\r(?!\n)|(?<!\r)\n/);
      expect(sent.endsWith('\r\n')).toBe(true);
      const received = sent.replaceAll(/^\./gm, '');
      const meant = parts.join('').replaceAll(/\r\n|\r|\n/g, '\r\n');
      expect(received).toBe(meant.endsWith('\r\n') ? meant : `${meant}\r\n`);
    }),
  );
});
