import { expect, test } from '@jest/globals';
import { summarise } from './inbox.summary.js';

const mail = (head: string, body = 'Subject: not this one') =>
  Buffer.from(`${head.replaceAll('\n', '\r\n')}\r\n\r\n${body}`);

test('the fields of the list, unfolded and decoded', () => {
  const raw = mail(
    'Received: from a\n\tby b\nSUBJECT: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\n =?UTF-8?Q?_aus_Hamburg?=\nfrom: "Ada" <ada@example.com>\nTo: a@example.com,\n b@example.com',
  );
  expect(summarise(raw)).toEqual({
    subject: 'Grüße aus Hamburg',
    fromHeader: '"Ada" <ada@example.com>',
    toHeader: 'a@example.com, b@example.com',
  });
});

test('what is missing is empty; the body is no header; raw UTF-8 (RFC 6532) is read', () => {
  expect(summarise(mail('X-Other: 1'))).toEqual({ subject: '', fromHeader: '', toHeader: '' });
  expect(summarise(mail('Subject: Größe')).subject).toBe('Größe');
  expect(summarise(Buffer.alloc(0)).subject).toBe('');
});

test('a header block without end costs no more than its limit', () => {
  const raw = Buffer.concat([Buffer.from('Subject: '), Buffer.alloc(20_000_000, 'x')]);
  expect(summarise(raw).subject).toHaveLength(998);
});
