import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../support/engine.js';
import { freePort } from '../support/ports.js';
import { childrenOf, isRunning } from '../support/processes.js';
import { Program } from '../support/program.js';
import { Sink } from '../support/sink.js';
import { SmtpClient } from '../support/smtp-client.js';

const DOMAIN = 'bounces.shop.example';
const TO = `unsubscribe@${DOMAIN}`;

let sink: Sink;
let program: Program;
let port: number;

beforeAll(async () => {
  sink = await Sink.start();
  port = await freePort();
  program = await Program.start({
    SMTP_URL: sink.url,
    MAIL_FROM: 'Shop <news@shop.example>',
    BOUNCE_DOMAIN: DOMAIN,
    INBOUND_SMTP_PORT: String(port),
  });
}, 120_000);

afterAll(async () => {
  await program?.remove();
  await sink?.stop();
}, 60_000);

async function greeted(): Promise<SmtpClient> {
  const client = await SmtpClient.open(port);
  await client.hello();
  return client;
}

/** Straight from the database. */
async function query<T extends object>(text: string): Promise<T[]> {
  const database = new pg.Client({ connectionString: program.databaseUrl });
  await database.connect();
  try {
    return (await database.query<T>(text)).rows;
  } finally {
    await database.end();
  }
}

const mailOf = (subject: string) => `From: nobody@example.com\r\nSubject: ${subject}\r\n\r\nHello\r\n`;

test('a mail goes from the socket to its route, and the metrics say so', async () => {
  const client = await greeted();
  expect(await client.mail(TO, mailOf('one'))).toMatch(/^250 /);
  expect(await client.mail(`nobody@${DOMAIN}`, mailOf('two'))).toMatch(/^550 /);
  client.close();
  await eventually(async () => {
    const [row] = await query<{ state: string; reason: string }>('SELECT state, reason FROM inbound_mails');
    return row?.state === 'ignored' && row.reason === 'nobody known';
  }, 30_000);
  const { body } = await program.call('GET', '/metrics');
  expect(body).toMatch(/postrider_inbound_received_total\{process="api",route="unsubscribe"\} 1/);
  expect(body).toMatch(/postrider_inbound_refused_total\{process="api",reason="address"\} 1/);
  expect(body).toMatch(/postrider_inbound_mails\{process="api",state="waiting"\} 0/);
}, 60_000);

test('the database ends in the middle of DATA: 451, and the mail that comes again is there once', async () => {
  const client = await greeted();
  for (const line of ['MAIL FROM:<ann@example.com>', `RCPT TO:<${TO}>`, 'DATA']) await client.say(line);
  client.socket.write('From: nobody@example.com\r\n');
  const postmaster = Number(
    readFileSync(join(program.dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0],
  );
  process.kill(program.pid, 'SIGSTOP');
  try {
    process.kill(postmaster, 'SIGINT');
    await eventually(async () => !isRunning(postmaster), 30_000);
    client.socket.write('Subject: outage\r\n\r\nHello');
    expect(await client.say('\r\n.')).toMatch(/^451 4\.3\.0 /);
  } finally {
    process.kill(program.pid, 'SIGCONT');
  }
  const raw = 'From: nobody@example.com\r\nSubject: outage\r\n\r\nHello';
  await eventually(async () => (await client.mail(TO, raw)).startsWith('250 '), 60_000);
  expect(await client.mail(TO, raw)).toMatch(/^250 /);
  client.close();
  expect(await query(`SELECT 1 FROM inbound_mails WHERE size = ${raw.length + 2}`)).toHaveLength(1);
}, 120_000);

test('kill -9 right after 250: the mail is there, and is handled by the next start', async () => {
  const api = childrenOf(program.pid, 'api');
  const workers = childrenOf(program.pid, 'worker');
  const client = await greeted();
  const raw = mailOf('kill '.repeat(20));
  process.kill(program.pid, 'SIGSTOP');
  for (const pid of workers) process.kill(pid, 'SIGKILL');
  expect(await client.mail(TO, raw)).toMatch(/^250 /);
  for (const pid of api) process.kill(pid, 'SIGKILL');
  process.kill(program.pid, 'SIGCONT');
  await program.kill();
  await program.run();
  await eventually(async () => {
    const rows = await query<{ state: string }>(
      `SELECT state FROM inbound_mails WHERE size = ${raw.length + 2}`,
    );
    return rows.length === 1 && rows[0]?.state === 'ignored';
  }, 15_000);
}, 180_000);
