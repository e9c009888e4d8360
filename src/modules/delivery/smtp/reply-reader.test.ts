import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NoSmtpReply, ReplyReader } from './reply-reader.js';

function read(...packets: string[]): string[] {
  const reader = new ReplyReader();
  for (const packet of packets) reader.push(Buffer.from(packet));
  const replies: string[] = [];
  for (let reply = reader.take(); reply; reply = reader.take()) replies.push(reply.raw);
  return replies;
}

describe('replies of an SMTP server', () => {
  test('one, in several lines, without text, with a bare line feed', () => {
    expect(read('250 2.0.0 Ok\r\n')).toEqual(['250 2.0.0 Ok']);
    expect(read('250-first\r\n250-second\r\n250 last\r\n')).toEqual(['250-first\n250-second\n250 last']);
    expect(read('250\r\n')).toEqual(['250']);
    expect(read('250 Ok\n')).toEqual(['250 Ok']);
    expect(read('\r\n250-a\r\n\r\n250 b\r\n')).toEqual(['250-a\n250 b']);
  });

  test('the same, wherever the packets end', () => {
    const dialogue = '250-a\r\n250 b\r\n550 5.1.1 Über\r\n354 go\r\n';
    fc.assert(
      fc.property(fc.array(fc.nat({ max: Buffer.byteLength(dialogue) })), (cuts) => {
        const reader = new ReplyReader();
        const ends = [...cuts, Buffer.byteLength(dialogue)].sort((a, b) => a - b);
        let start = 0;
        for (const end of ends) {
          reader.push(Buffer.from(dialogue).subarray(start, end));
          start = end;
        }
        expect([reader.take()?.raw, reader.take()?.parse(), reader.take()?.code, reader.take()]).toEqual([
          '250-a\n250 b',
          { code: 550, enhanced: '5.1.1', text: 'Über' },
          354,
          undefined,
        ]);
        expect(reader.empty).toBe(true);
      }),
    );
  });

  test('what is no reply is an error that quotes it', () => {
    for (const line of ['HTTP/1.1 400 Bad Request', ' ', '25', '2500 Ok', '150 wait', '650 what', '25O Ok']) {
      expect(() => read(`${line}\r\n`)).toThrow(NoSmtpReply);
    }
    expect(() => read('HTTP/1.1 400\r\n')).toThrow('said "HTTP/1.1 400", which is no SMTP reply');
  });

  test('lines of one reply have one code (RFC 5321 §4.2.1)', () => {
    expect(() => read('250-Ok\r\n550 No\r\n')).toThrow(NoSmtpReply);
  });

  test('a line may be longer than 512 octets, but not without end', () => {
    expect(read(`250 ${'x'.repeat(5000)}\r\n`)[0]).toHaveLength(5004);
    expect(() => read(...Array.from({ length: 70 }, () => 'x'.repeat(1000)))).toThrow(NoSmtpReply);
    expect(() => read(...Array.from({ length: 10_000 }, () => '250-x\r\n'))).toThrow(NoSmtpReply);
    expect(() => read(...Array.from({ length: 10_000 }, () => '250 x\r\n'))).toThrow(NoSmtpReply);
  });

  test('only the end of a connection finishes a line, and only a refusal', () => {
    const ended = (text: string) => {
      const reader = new ReplyReader();
      reader.push(Buffer.from(text));
      reader.end();
      return reader.take()?.raw;
    };
    expect(ended('550 5.7.1 Spam')).toBe('550 5.7.1 Spam');
    expect(ended('250 2.0.0 Ok')).toBeUndefined();
    expect(ended('550-5.7.1 Sp')).toBeUndefined();
    expect(ended('55')).toBeUndefined();
  });

  test('control characters and broken UTF-8 do not reach the database', () => {
    const reader = new ReplyReader();
    reader.push(Buffer.from('550 5.7.1 a\0b\x1b[31m \xfc\r\n', 'latin1'));
    expect(reader.take()?.parse().text).toBe('a b [31m ü');
  });
});
