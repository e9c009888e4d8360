import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { selfSigned } from '../../../test/support/certificate.js';
import { eventually } from '../../../test/support/engine.js';
import { DOMAIN, startInbound } from '../../../test/support/inbound.js';
import { SmtpClient } from '../../../test/support/smtp-client.js';
import { Metrics } from '../../platform/metrics/index.js';
import type { InboundLimits } from './inbound-listener.js';
import { TlsFiles } from './tls-files.js';

type Running = Awaited<ReturnType<typeof startInbound>>;
let running: Running;
let clients: SmtpClient[] = [];

const BOX = `box-a@${DOMAIN}`;
const HI = 'Subject: Hi\r\n\r\nHi';

async function start(
  limits: Partial<InboundLimits> = {},
  environment: Record<string, string> = {},
): Promise<void> {
  running = await startInbound(limits, environment);
}

async function connected(localAddress?: string): Promise<SmtpClient> {
  const client = await SmtpClient.open(running.port, localAddress);
  clients.push(client);
  return client;
}

async function greeted(localAddress?: string): Promise<SmtpClient> {
  const client = await connected(localAddress);
  await client.hello();
  return client;
}

const rows = () =>
  running.api.db
    .selectFrom('inbound_mails')
    .selectAll()
    .orderBy('received_at')
    .orderBy('recipient')
    .execute();

async function metric(line: RegExp): Promise<number> {
  const text = await running.api.get(Metrics).registry.metrics();
  return Number(line.exec(text)?.[1] ?? 0);
}

afterEach(async () => {
  for (const client of clients) client.close();
  clients = [];
  await running?.api.stop();
});

describe('a mail that is for somebody', () => {
  test('is committed before 250, whole, with its envelope, and says where it goes', async () => {
    await start();
    const client = await greeted();
    const raw = Buffer.concat([
      Buffer.from('Subject: x\r\n\r\n..dot\r\n\xff\0', 'latin1'),
      randomBytes(5_000),
    ]);
    const stuffed = raw.toString('latin1').replaceAll('\r\n.', '\r\n..');
    expect(await client.mail(`BOX-a@${DOMAIN.toUpperCase()}`, Buffer.from(stuffed, 'latin1'), '')).toMatch(
      /^250 2\.6\.0 /,
    );
    const [row] = await rows();
    expect(row).toMatchObject({
      sender: '',
      recipient: 'box-a',
      route: 'box',
      network: '127.0.0.0/24',
      state: 'waiting',
      tries: 0,
      size: raw.length + 2,
    });
    expect(gunzipSync(row!.raw).subarray(0, raw.length).equals(raw)).toBe(true);
    expect(await metric(/inbound_received_total\{route="box"\} (\d+)/)).toBe(1);
    expect(await metric(/inbound_mails\{state="waiting"\} (\d+)/)).toBe(1);
  });

  test('is one row, however often it comes, and one for each recipient', async () => {
    await start();
    const client = await greeted();
    for (let times = 0; times < 3; times += 1) expect(await client.mail(BOX, HI)).toMatch(/^250 /);
    expect(await client.mail([BOX, `box-b@${DOMAIN}`], HI)).toMatch(/^250 /);
    expect(await client.mail(BOX, `${HI}!`)).toMatch(/^250 /);
    expect((await rows()).map(({ recipient }) => recipient).toSorted()).toEqual(['box-a', 'box-a', 'box-b']);
  });

  test('is stored once when two connections bring it at the same time', async () => {
    await start();
    const two = await Promise.all([greeted(), greeted()]);
    expect(await Promise.all(two.map((client) => client.mail(BOX, HI)))).toEqual([
      expect.stringMatching(/^250 /),
      expect.stringMatching(/^250 /),
    ]);
    expect(await rows()).toHaveLength(1);
  });
});

describe('refused at RCPT', () => {
  test.each([
    ['an address that nobody made', `box-1@${DOMAIN}`, /^550 5\.1\.1 /],
    ['anything else at the domain', `postmaster@${DOMAIN}`, /^550 5\.1\.1 /],
    ['another domain: no relay', 'box-a@example.com', /^550 5\.7\.1 /],
    ['a subdomain', `box-a@x.${DOMAIN}`, /^550 5\.7\.1 /],
    ['a percent hack', `box-a%example.com@${DOMAIN}`, /^550 5\.1\.1 /],
    ['a bare name', 'postmaster', /^550 5\.7\.1 /],
    ['no address', 'x', /^501 /],
  ])('%s', async (_, address, reply) => {
    await start();
    const client = await greeted();
    expect(await client.mail(address, HI)).toMatch(reply);
    expect(await client.say('DATA')).toMatch(/^503 /);
    expect(await rows()).toHaveLength(0);
  });

  test('who guesses is sent away, and counted', async () => {
    await start({ wrongRecipients: 3 });
    const client = await greeted();
    await client.say('MAIL FROM:<>');
    for (let guess = 0; guess < 3; guess += 1) await client.say(`RCPT TO:<box-${guess}@${DOMAIN}>`);
    expect(client.heard.at(-1)).toMatch(/^421 4\.7\.0 /);
    expect(await client.reply()).toBe('');
    expect(await metric(/inbound_refused_total\{reason="address"\} (\d+)/)).toBe(2);
    expect(await metric(/inbound_refused_total\{reason="guessing"\} (\d+)/)).toBe(1);
  });

  test('more recipients than a mail may have', async () => {
    await start({ maxRecipients: 2 });
    const client = await greeted();
    await client.say('MAIL FROM:<>');
    for (const name of ['a', 'b', 'c']) await client.say(`RCPT TO:<box-${name}@${DOMAIN}>`);
    expect(client.heard.slice(-3).map((reply) => reply.slice(0, 3))).toEqual(['250', '250', '452']);
  });
});

describe('size', () => {
  test('is announced; 20 MB are taken, and what says that it is larger is not begun', async () => {
    await start();
    const client = await connected();
    expect(await client.hello()).toContain('250 SIZE 20971520');
    const large = Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), Buffer.alloc(20_971_000 - 14, 'x\r\n')]);
    expect(await client.mail(BOX, large)).toMatch(/^250 /);
    expect((await rows())[0]!.size).toBeGreaterThan(20_970_000);
    expect(await client.say('MAIL FROM:<a@example.com> SIZE=20971521')).toMatch(/^552 /);
  }, 30_000);

  test('beyond it 552, and the connection goes on', async () => {
    await start({ maxBytes: 100_000 });
    const client = await greeted();
    expect(await client.mail(BOX, Buffer.alloc(150_000, 'x\r\n'))).toMatch(/^552 5\.3\.4 /);
    expect(await client.mail(BOX, HI)).toMatch(/^250 /);
    expect(await rows()).toHaveLength(1);
    expect(await metric(/inbound_refused_total\{reason="size"\} (\d+)/)).toBe(1);
  });

  test('who sends on without an end is cut', async () => {
    await start({ maxBytes: 100_000 });
    const client = await greeted();
    for (const line of ['MAIL FROM:<>', `RCPT TO:<${BOX}>`, 'DATA']) await client.say(line);
    const answer = client.reply();
    for (let sent = 0; sent < 40 && client.socket.writable; sent += 1) {
      client.socket.write(Buffer.alloc(10_000, 'x\r\n'));
      await pause(5);
    }
    expect(await answer).toMatch(/^552 5\.3\.4 /);
    await eventually(async () => client.socket.destroyed || client.socket.readableEnded);
    expect(await rows()).toHaveLength(0);
  });

  test('mails at once share the room that there is, and give it back', async () => {
    await start({ maxBytes: 1_000_000, heldBytes: 1_500_000 });
    const slow = await greeted();
    for (const line of ['MAIL FROM:<>', `RCPT TO:<${BOX}>`, 'DATA']) await slow.say(line);
    slow.socket.write(Buffer.alloc(900_000, 'x\r\n'));
    await pause(100);
    const other = await greeted();
    const large = Buffer.alloc(900_000, 'y\r\n');
    expect(await other.mail(BOX, large)).toMatch(/^452 4\.3\.1 /);
    expect(await other.mail(BOX, HI)).toMatch(/^250 /);
    slow.close();
    await eventually(async () => (await other.mail(BOX, large)).startsWith('250 '));
    expect(await rows()).toHaveLength(2);
  });

  test('packets of one octet take no more room than the mail', async () => {
    await start({ maxBytes: 1_000_000, heldBytes: 100_000 });
    const client = await greeted();
    for (const line of ['MAIL FROM:<>', `RCPT TO:<${BOX}>`, 'DATA']) await client.say(line);
    client.socket.setNoDelay(true);
    for (let sent = 0; sent < 2_000; sent += 1) {
      client.socket.write('x');
      if (sent % 50 === 0) await pause(1);
    }
    expect(await client.say('\r\n.')).toMatch(/^250 /);
    expect((await rows())[0]!.size).toBe(2_002);
  });
});

describe('clients that mean no good', () => {
  test('so many connections from one network, and so many in all', async () => {
    await start({ perNetwork: 2, maxClients: 3 });
    await greeted();
    await greeted();
    expect((await connected()).heard[0]).toMatch(/^421 4\.7\.0 Too many connections from your network/);
    const elsewhere = await greeted('127.0.1.1');
    expect((await connected('127.0.2.1')).heard[0]).toMatch(/^421 /);
    expect(await elsewhere.mail(BOX, HI)).toMatch(/^250 /);
    for (const client of clients) client.close();
    await eventually(async () => ((await connected()).heard[0] ?? '').startsWith('220 '));
  });

  test('a thousand connections at once are refused, and the next honest one is served', async () => {
    await start({ perNetwork: 5 });
    const openings = await Promise.allSettled(Array.from({ length: 1_000 }, () => connected()));
    const greetings = openings.map((one) => (one.status === 'fulfilled' ? (one.value.heard[0] ?? '') : ''));
    expect(greetings.filter((greeting) => greeting.startsWith('220 '))).toHaveLength(5);
    expect((await greeted('127.0.9.1')).heard[0]).toMatch(/^220 /);
  }, 30_000);

  test('a client that says nothing, or that never ends, is sent away', async () => {
    await start({ idleMs: 200, sessionMs: 600 });
    const silent = await greeted();
    expect(await silent.reply()).toMatch(/^421 /);
    const slow = await greeted();
    for (const line of ['MAIL FROM:<>', `RCPT TO:<${BOX}>`, 'DATA']) await slow.say(line);
    const answer = slow.reply();
    const drip = setInterval(() => slow.socket.write('x'), 50);
    expect(await answer).toMatch(/^421 4\.4\.2 /);
    clearInterval(drip);
    expect(await rows()).toHaveLength(0);
  });

  test('garbage, pipelined: a bounded number of answers, then the end', async () => {
    await start();
    const client = await greeted();
    client.socket.write(Buffer.concat([randomBytes(200_000), Buffer.from('\r\nNOOP\r\n'.repeat(1_000))]));
    let last = '';
    for (let reply = await client.reply(); reply !== ''; reply = await client.reply()) last = reply;
    expect(last).toMatch(/^421 /);
    expect(await (await greeted()).mail(BOX, HI)).toMatch(/^250 /);
  });

  test('BDAT, AUTH, TURN and old jokes are not known; HELP and VRFY tell nothing', async () => {
    await start();
    const client = await connected();
    expect((await client.hello()).join('\n')).not.toMatch(/CHUNKING|BINARYMIME|AUTH|STARTTLS/);
    for (const line of ['BDAT 5 LAST', 'AUTH PLAIN AGEAYg==', 'TURN', 'STARTTLS', 'WIZ x'])
      expect(await client.say(line)).toMatch(/^5/);
    expect(await client.say('HELP')).toMatch(/^214 /);
    const told = await Promise.all([client.say(`VRFY ${BOX}`), client.say('VRFY nobody')]);
    expect(new Set(told).size).toBe(1);
    expect(await client.say('EXPN staff')).toMatch(/^5/);
  });

  test('a mail that ends with a bare line feed does not end (SMTP smuggling)', async () => {
    await start();
    const client = await greeted();
    const smuggled = 'Subject: x\r\n\r\nHi\n.\nMAIL FROM:<evil@example.com>\r\n';
    expect(await client.mail(BOX, smuggled)).toMatch(/^250 /);
    const all = await rows();
    expect(all).toHaveLength(1);
    expect(gunzipSync(all[0]!.raw).toString()).toContain('MAIL FROM:<evil@example.com>');
  });

  test('a connection that ends half-way leaves nothing', async () => {
    await start();
    const client = await greeted();
    for (const line of ['MAIL FROM:<>', `RCPT TO:<${BOX}>`, 'DATA']) await client.say(line);
    client.socket.write('Subject: half');
    await pause(50);
    client.close();
    expect(await (await greeted()).mail(BOX, HI)).toMatch(/^250 /);
    expect(await rows()).toHaveLength(1);
  });
});

test('a loop ends: 554 beyond thirty hops, and none of it is kept', async () => {
  await start();
  const client = await greeted();
  const hops = (count: number) =>
    `${'Received: from a by b\r\n\tfor c\r\n'.repeat(count)}Subject: x\r\n\r\nReceived: no\r\n`;
  expect(await client.mail(BOX, hops(31))).toMatch(/^554 5\.4\.6 /);
  expect(await client.mail(BOX, hops(30))).toMatch(/^250 /);
  expect(await rows()).toHaveLength(1);
});

test('while the database is away 451; then the same mail is taken, once', async () => {
  await start();
  const client = await greeted();
  for (const line of ['MAIL FROM:<>', `RCPT TO:<${BOX}>`, 'DATA']) await client.say(line);
  client.socket.write(HI);
  const { pool } = running.api.db;
  await pool.query('ALTER TABLE inbound_mails RENAME TO away');
  expect(await client.say('\r\n.')).toMatch(/^451 4\.3\.0 /);
  await pool.query('ALTER TABLE away RENAME TO inbound_mails');
  for (let times = 0; times < 2; times += 1) expect(await client.mail(BOX, HI, '')).toMatch(/^250 /);
  expect(await rows()).toHaveLength(1);
  expect(await metric(/inbound_refused_total\{reason="database"\} (\d+)/)).toBe(1);
});

describe('STARTTLS', () => {
  let folder: string;
  const files = () => ({
    INBOUND_TLS_CERT: join(folder, 'cert.pem'),
    INBOUND_TLS_KEY: join(folder, 'key.pem'),
  });
  async function write(certificate = selfSigned()): Promise<string> {
    await writeFile(files().INBOUND_TLS_CERT, certificate.cert);
    await writeFile(files().INBOUND_TLS_KEY, certificate.key);
    return certificate.cert;
  }
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('is offered with a certificate, and the mail comes through it', async () => {
    folder = await mkdtemp(join(tmpdir(), 'postrider-tls-'));
    const ca = await write();
    await start({}, files());
    const client = await connected();
    expect(await client.hello()).toContain('250-STARTTLS');
    await client.secure(ca);
    // RFC 3207 §4.2: what was said before is forgotten.
    expect(await client.say('MAIL FROM:<>')).toMatch(/^503 /);
    expect(await client.hello()).not.toContain('250-STARTTLS');
    expect(await client.mail(BOX, HI)).toMatch(/^250 /);
    expect(await rows()).toHaveLength(1);
  });

  test('what is pipelined behind STARTTLS in clear is not heard inside it', async () => {
    folder = await mkdtemp(join(tmpdir(), 'postrider-tls-'));
    const ca = await write();
    await start({}, files());
    const client = await greeted();
    const injected = `MAIL FROM:<evil@example.com>\r\nRCPT TO:<${BOX}>\r\n`;
    client.socket.write(`STARTTLS\r\n${injected}`);
    await client.reply();
    const { connect } = await import('node:tls');
    const socket = connect({ socket: client.socket, ca, servername: 'localhost' });
    await new Promise((secured) => socket.once('secureConnect', secured));
    socket.write('EHLO test.example\r\nDATA\r\n');
    let heard = '';
    socket.on('data', (text) => (heard += String(text)));
    await eventually(async () => /^503 /m.test(heard));
    expect(heard).not.toMatch(/^250 (?:Accepted|2\.)/m);
    socket.destroy();
  });

  test('a new certificate is taken when its files change; half of one is not', async () => {
    folder = await mkdtemp(join(tmpdir(), 'postrider-tls-'));
    await start();
    await write();
    const tls = new TlsFiles(files().INBOUND_TLS_CERT, files().INBOUND_TLS_KEY);
    const seen: string[] = [];
    tls.watch(({ cert }) => seen.push(cert), 20);
    const next = selfSigned();
    await writeFile(files().INBOUND_TLS_CERT, next.cert);
    await pause(100);
    expect(seen).toEqual([]);
    await writeFile(files().INBOUND_TLS_KEY, next.key);
    await eventually(async () => seen.length > 0);
    expect(seen).toEqual([next.cert]);
    tls.stop();
  });

  test('files without a certificate stop the start with their names', async () => {
    folder = await mkdtemp(join(tmpdir(), 'postrider-tls-'));
    await start();
    await writeFile(files().INBOUND_TLS_CERT, 'none');
    await writeFile(files().INBOUND_TLS_KEY, 'none');
    const { INBOUND_TLS_CERT, INBOUND_TLS_KEY } = files();
    expect(() => new TlsFiles(INBOUND_TLS_CERT, INBOUND_TLS_KEY)).toThrow(
      /^INBOUND_TLS_CERT and INBOUND_TLS_KEY: /,
    );
    expect(() => new TlsFiles(join(folder, 'gone'), INBOUND_TLS_KEY)).toThrow(/no such file/);
  });
});
