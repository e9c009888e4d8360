import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { testDatabase } from '../../../test/support/database.js';
import type { TestDatabase } from '../../../test/support/database.js';
import { InboxRepository } from './inbox.repository.js';
import type { NewInboxMessage } from './inbox.types.js';

let database: TestDatabase;
let inbox: InboxRepository;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  inbox = new InboxRepository(database.db);
  await inbox.clear();
});

function mail(subject: string, change: Partial<NewInboxMessage> = {}): NewInboxMessage {
  return {
    mailFrom: 'bounce@shop.example',
    rcptTo: ['ada@example.com'],
    fromHeader: 'Shop <post@shop.example>',
    toHeader: 'Ada <ada@example.com>',
    subject,
    raw: Buffer.from(`Subject: ${subject}\r\n\r\nHi`),
    ...change,
  };
}

const subjects = async (query: Partial<Parameters<InboxRepository['list']>[0]> = {}) => {
  const { data } = await inbox.list({ limit: 50, after: null, q: '', ...query });
  return data.map(({ subject }) => subject);
};

test('what went in comes out, octet for octet', async () => {
  const raw = Buffer.from([0, 1, 2, 13, 10, 46, 255, 254]);
  await inbox.add(mail('Grüße 📦', { raw, rcptTo: ['ada@example.com', 'blind@example.com'], mailFrom: '' }));
  const [summary] = (await inbox.list({ limit: 1, after: null, q: '' })).data;
  const message = await inbox.get(summary!.id);
  expect(message).toMatchObject({
    subject: 'Grüße 📦',
    mailFrom: '',
    rcptTo: ['ada@example.com', 'blind@example.com'],
    size: 8,
  });
  expect(message!.raw.equals(raw)).toBe(true);
  expect(Date.now() - message!.receivedAt.getTime()).toBeLessThan(60_000);
  expect(await inbox.get('019a8e7c-52f1-7cc4-9d35-0e6c7f1b2a3d')).toBeNull();
  expect(await inbox.get("' OR 1=1")).toBeNull();
});

test('text that PostgreSQL cannot hold does not stop the mails beside it', async () => {
  await Promise.all([
    inbox.add(mail('plain')),
    inbox.add(mail('a\0b\ud800', { rcptTo: ['a\0@example.com'] })),
  ]);
  expect(await subjects()).toEqual(['ab\ufffd', 'plain']);
});

test('pages, newest first, without holes or repeats while mail comes in', async () => {
  for (let n = 0; n < 7; n += 1) await inbox.add(mail(`mail ${n}`));
  const first = await inbox.list({ limit: 3, after: null, q: '' });
  await inbox.add(mail('later'));
  const second = await inbox.list({ limit: 3, after: first.data.at(-1)!.id, q: '' });
  const third = await inbox.list({ limit: 3, after: second.data.at(-1)!.id, q: '' });
  expect([...first.data, ...second.data, ...third.data].map(({ subject }) => subject)).toEqual(
    [6, 5, 4, 3, 2, 1, 0].map((n) => `mail ${n}`),
  );
  expect([first.hasMore, second.hasMore, third.hasMore]).toEqual([true, true, false]);
});

test('the search looks at subject, header and envelope, and takes every sign as itself', async () => {
  await inbox.add(mail('100% wool'));
  await inbox.add(mail('1000 things', { rcptTo: ['blind_copy@example.com'] }));
  await inbox.add(mail('Größe', { toHeader: 'Frau Müller <m@example.com>' }));
  expect(await subjects({ q: '100%' })).toEqual(['100% wool']);
  expect(await subjects({ q: 'blind_copy' })).toEqual(['1000 things']);
  expect(await subjects({ q: 'blind-copy' })).toEqual([]);
  expect(await subjects({ q: 'frau müll' })).toEqual(['Größe']);
  expect(await subjects({ q: '\\' })).toEqual([]);
});

test('the count follows what is added without asking the table each time', async () => {
  expect(await inbox.count()).toBe(0);
  await Promise.all(Array.from({ length: 30 }, (_, n) => inbox.add(mail(`mail ${n}`))));
  await sql`DELETE FROM inbox_messages`.execute(database.db);
  expect(await inbox.count()).toBe(30);
  await inbox.clear();
  expect(await inbox.count()).toBe(0);
});

test('mails that arrive together share a commit: a thousand take far fewer transactions', async () => {
  await Promise.all(Array.from({ length: 1000 }, (_, n) => inbox.add(mail(`mail ${n}`))));
  const { rows } = await sql<{ mails: number; transactions: number }>`
    SELECT count(*) AS mails, count(DISTINCT xmin::text) AS transactions FROM inbox_messages`.execute(
    database.db,
  );
  expect(rows[0]!.mails).toBe(1000);
  expect(rows[0]!.transactions).toBeLessThan(20);
});

test('when the database refuses, every sender learns it, and the next mail is stored', async () => {
  await sql`ALTER TABLE inbox_messages RENAME TO away`.execute(database.db);
  const results = await Promise.allSettled([inbox.add(mail('one')), inbox.add(mail('two')), inbox.count()]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await sql`ALTER TABLE away RENAME TO inbox_messages`.execute(database.db);
  await inbox.add(mail('three'));
  expect(await subjects()).toEqual(['three']);
  expect(await inbox.count()).toBe(1);
});
