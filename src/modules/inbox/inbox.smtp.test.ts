import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { MemoryInbox } from '../../../test/support/memory-inbox.js';
import { sampleMails, sendSamples } from '../../../test/support/sample-mails.js';
import { startInboxSmtp } from './inbox.smtp.js';
import type { InboxSmtp } from './inbox.smtp.js';

Logger.overrideLogger(false);

let store: MemoryInbox;
let smtp: InboxSmtp;
let clients: Socket[];

async function start(limits: { maxMessages?: number; maxBytes?: number } = {}): Promise<void> {
  smtp = await startInboxSmtp({
    store,
    host: '127.0.0.1',
    maxMessages: 1000,
    maxBytes: 25 * 1024 * 1024,
    ...limits,
  });
}

beforeEach(() => {
  store = new MemoryInbox();
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await smtp.close();
});

/** A client that says exactly what the test says. */
class Client {
  private readonly lines: Interface;
  private readonly replies: AsyncIterator<string>;

  private constructor(readonly socket: Socket) {
    this.lines = createInterface({ input: socket });
    this.replies = this.lines[Symbol.asyncIterator]();
  }

  static async open(): Promise<Client> {
    const socket = connect(Number(new URL(smtp.url).port), '127.0.0.1');
    clients.push(socket);
    await once(socket, 'connect');
    const client = new Client(socket);
    await client.reply();
    return client;
  }

  /** The last line of the next reply. */
  async reply(): Promise<string> {
    for (;;) {
      const { value } = await this.replies.next();
      if (!/^\d{3}-/.test(String(value))) return String(value);
    }
  }

  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`);
    return this.reply();
  }

  /** Up to the go-ahead for the content. */
  async toData(): Promise<void> {
    await this.say('EHLO test');
    await this.say('MAIL FROM:<a@example.com>');
    await this.say('RCPT TO:<b@example.com>');
    expect(await this.say('DATA')).toMatch(/^354 /);
  }
}

test('mails of every shape arrive whole, with the envelope', async () => {
  await start();
  await sendSamples(smtp.url);
  expect(store.messages).toHaveLength(sampleMails.length);
  const order = store.messages.find(({ rcptTo }) => rcptTo.includes('mueller@example.com'))!;
  expect(order).toMatchObject({
    mailFrom: 'post@fernweh.example',
    fromHeader: '"Fernweh & Sons" <post@fernweh.example>',
    subject: 'Deine Bestellung №1042 ist unterwegs 📦 — danke für dein Vertrauen und bis bald in Hamburg',
  });
  expect(order.size).toBe(order.raw.length);
  expect(order.raw.toString()).toMatch(/^From: [\s\S]+--\r\n$/);
  const blind = store.messages.find(({ rcptTo }) => rcptTo.includes('audit@example.com'))!;
  expect(blind.rcptTo).toEqual(['ops@example.com', 'audit@example.com']);
  expect(blind.subject).toBe('');
});

test('what it can do is what relays can do, without a password', async () => {
  await start();
  const client = await Client.open();
  client.socket.write('EHLO test\r\n');
  const offered: string[] = [];
  client.socket.on('data', (data: Buffer) => offered.push(data.toString()));
  await client.reply();
  expect(offered.join('')).toMatch(/SIZE 26214400/);
  for (const extension of ['PIPELINING', '8BITMIME', 'SMTPUTF8'])
    expect(offered.join('')).toContain(extension);
  expect(offered.join('')).not.toMatch(/AUTH|STARTTLS/);
});

test('dots at line starts, 8-bit content and an address in UTF-8 come through as they were sent', async () => {
  await start();
  const client = await Client.open();
  await client.say('EHLO test');
  await client.say('MAIL FROM:<> SMTPUTF8');
  await client.say('RCPT TO:<grüße@example.com>');
  await client.say('DATA');
  expect(await client.say('Subject: Größe\r\n\r\n..dot\r\n.')).toMatch(/^250 /);
  expect(store.messages[0]).toMatchObject({ mailFrom: '', rcptTo: ['grüße@example.com'], subject: 'Größe' });
  expect(store.messages[0]!.raw.toString()).toBe('Subject: Größe\r\n\r\n.dot\r\n');
});

test('250 comes after the store has committed, not before', async () => {
  await start();
  const commit = Promise.withResolvers<void>();
  store.beforeAdd = () => commit.promise;
  const client = await Client.open();
  await client.toData();
  let answered = false;
  const answer = client.say('Subject: x\r\n\r\nHi\r\n.').then((reply) => {
    answered = true;
    return reply;
  });
  await pause(50);
  expect(answered).toBe(false);
  commit.resolve();
  expect(await answer).toMatch(/^250 2\.6\.0 /);
  expect(store.messages).toHaveLength(1);
});

test('a full inbox defers new mail with the way out, stores nothing, and takes mail again when it was emptied', async () => {
  await start({ maxMessages: 2 });
  await sendSamples(smtp.url, sampleMails.slice(0, 2));
  const client = await Client.open();
  await client.say('EHLO test');
  expect(await client.say('MAIL FROM:<a@example.com>')).toBe(
    '452 4.3.1 The inbox is full (2 of 2 messages): empty it at /inbox or raise INBOX_MAX_MESSAGES',
  );
  await expect(sendSamples(smtp.url, sampleMails.slice(2, 3))).rejects.toMatchObject({ responseCode: 452 });
  expect(store.messages).toHaveLength(2);
  await store.clear();
  expect(await client.say('MAIL FROM:<a@example.com>')).toMatch(/^250 /);
});

test('many connections at once do not overfill it', async () => {
  await start({ maxMessages: 10 });
  store.beforeAdd = () => pause(20);
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, n) =>
      sendSamples(smtp.url, [{ from: 'a@b.example', to: `r${n}@b.example`, text: 'x' }]),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  expect(store.messages).toHaveLength(10);
});

test('a store that fails defers the mail', async () => {
  await start();
  const client = await Client.open();
  await client.toData();
  store.failure = new Error('the database is down');
  expect(await client.say('Subject: x\r\n\r\nHi\r\n.')).toMatch(/^451 4\.3\.0 The inbox cannot store mail/);
  expect(await client.say('MAIL FROM:<a@example.com>')).toMatch(/^451 4\.3\.0 /);
  store.failure = null;
  expect(await client.say('MAIL FROM:<a@example.com>')).toMatch(/^250 /);
  expect(store.messages).toHaveLength(0);
});

test('a client that goes away before the final dot leaves nothing behind', async () => {
  await start();
  const client = await Client.open();
  await client.toData();
  client.socket.write('Subject: half\r\n\r\nThis is not all');
  await pause(50);
  client.socket.destroy();
  await pause(100);
  expect(store.messages).toHaveLength(0);
});

test('a mail above the size is refused for good, also where the size was not announced', async () => {
  await start({ maxBytes: 1000 });
  const client = await Client.open();
  await client.say('EHLO test');
  expect(await client.say('MAIL FROM:<a@example.com> SIZE=2000')).toMatch(/^552 /);
  await client.say('MAIL FROM:<a@example.com>');
  await client.say('RCPT TO:<b@example.com>');
  await client.say('DATA');
  expect(await client.say(`Subject: big\r\n\r\n${'x'.repeat(2000)}\r\n.`)).toMatch(
    /^552 5\.3\.4 .*up to 1000 octets/,
  );
  expect(store.messages).toHaveLength(0);
});

test('pipelined commands on one connection, one mail after the other', async () => {
  await start();
  const client = await Client.open();
  await client.say('EHLO test');
  for (let n = 0; n < 20; n += 1) {
    client.socket.write('MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n');
    expect(
      [await client.reply(), await client.reply(), await client.reply()].map((reply) => reply.slice(0, 3)),
    ).toEqual(['250', '250', '354']);
    expect(await client.say(`Subject: ${n}\r\n\r\nHi\r\n.`)).toMatch(/^250 /);
  }
  expect(store.messages.map(({ subject }) => subject).toReversed()).toEqual(
    Array.from({ length: 20 }, (_, n) => String(n)),
  );
});

test('hundreds of connections at once', async () => {
  await start();
  const transport = createTransport({ url: smtp.url, pool: true, maxConnections: 200, maxMessages: 10 });
  await Promise.all(
    Array.from({ length: 600 }, (_, n) =>
      transport.sendMail({ from: 'a@b.example', to: `r${n}@b.example`, text: 'x' }),
    ),
  );
  transport.close();
  expect(new Set(store.messages.map(({ rcptTo }) => rcptTo[0])).size).toBe(600);
});

test('a port that is taken is an error that names it', async () => {
  await start();
  const port = Number(new URL(smtp.url).port);
  await expect(
    startInboxSmtp({ store, port, host: '127.0.0.1', maxMessages: 1, maxBytes: 1 }),
  ).rejects.toThrow(String(port));
});
