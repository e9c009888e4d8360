import { expect, test } from '@jest/globals';
import type { InboxMessage } from './inbox.types.js';
import { InboxPresenter, linkify, size } from './inbox.view.js';

const presenter = new InboxPresenter('en', 'Europe/Berlin');
const message: InboxMessage = {
  id: '019a8e7c-52f1-7cc4-9d35-0e6c7f1b2a3d',
  receivedAt: new Date('2026-03-01T12:30:00Z'),
  mailFrom: 'bounce@shop.example',
  rcptTo: ['ada@example.com', 'audit@example.com'],
  fromHeader: '"Fernweh, Sons" <post@shop.example>',
  toHeader: 'Ada <ADA@example.com>',
  subject: 'Hello',
  size: 9123,
  raw: Buffer.from('Subject: Hello\r\n\r\nHi'),
};
const { raw, ...summary } = message;
const mail = { html: null, text: 'See https://shop.example/a.', headers: [], attachments: [] };

test('a row: who, what, to whom really, and when in the time zone of the shop', () => {
  const { rows, olderUrl, newestUrl, liveUrl } = presenter.listing(
    { data: [summary], hasMore: true },
    { q: 'a&b', after: null, count: 7 },
  );
  expect(rows[0]).toMatchObject({
    url: `/inbox/${message.id}?q=a%26b`,
    from: 'Fernweh, Sons',
    to: 'ada@example.com, audit@example.com',
    time: 'Mar 1, 2026',
    size: '9.1 kB',
  });
  expect(liveUrl).toBe('/inbox?q=a%26b');
  expect(olderUrl).toBe(`/inbox?q=a%26b&after=${message.id}`);
  expect(newestUrl).toBeNull();
  const today = presenter.listing(
    { data: [{ ...summary, receivedAt: new Date() }], hasMore: false },
    { q: '', after: message.id, count: 1 },
  );
  expect(today.rows[0]!.time).toMatch(/^\d\d:\d\d$/);
  expect([today.liveUrl, today.newestUrl, today.olderUrl]).toEqual([null, '/inbox', null]);
});

test('a message: names without quotes, the envelope with blind copies, text first where there is no HTML', () => {
  const page = presenter.message(message, mail, { wanted: null, q: '' });
  expect(page.message).toMatchObject({
    from: 'Fernweh, Sons <post@shop.example>',
    to: 'Ada <ADA@example.com>',
    envelope: 'bounce@shop.example → ada@example.com, audit@example.com',
    time: 'Sunday, March 1, 2026 at 13:30:00',
  });
  expect([page.view, page.frameUrl]).toEqual(['text', null]);
  expect(page.text!.map(({ url }) => url)).toEqual([null, 'https://shop.example/a', null]);
  const plain = presenter.message({ ...message, rcptTo: ['ada@example.com'], mailFrom: '' }, mail, {
    wanted: 'source',
    q: '',
  });
  expect(plain.message.envelope).toBe('<>');
  expect(plain.text).toEqual([{ text: raw.toString(), url: null }]);
  expect(presenter.message(message, { ...mail, html: '<p>' }, { wanted: null, q: '' }).frameUrl).toBe(
    `/inbox/${message.id}/html`,
  );
});

test('web addresses in plain text are links; nothing else is', () => {
  expect(linkify('(https://a.example/x?y=1) javascript:alert(1) <https://b.example>')).toEqual([
    { text: '(', url: null },
    { text: 'https://a.example/x?y=1', url: 'https://a.example/x?y=1' },
    { text: ') javascript:alert(1) <', url: null },
    { text: 'https://b.example', url: 'https://b.example' },
    { text: '>', url: null },
  ]);
  expect(linkify('')).toEqual([]);
});

test('sizes', () => {
  expect([0, 999, 1000, 9949, 67_000, 999_499, 999_500, 26_214_400].map(size)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '9.9 kB',
    '67 kB',
    '999 kB',
    '1.0 MB',
    '26 MB',
  ]);
});
