import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { monthOf } from '../../src/domain/index.js';
import { BounceAddresses } from '../../src/modules/delivery/index.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { KeyRing } from '../../src/platform/crypto/index.js';
import { loadSecretKey } from '../../src/platform/crypto/secret-key.js';
import { createPool, Database } from '../../src/platform/database/index.js';
import { dsn } from '../support/bounces.js';
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

/** Deliveries that were sent, and the envelope senders that name them. */
async function sent(count: number): Promise<{ ids: number[]; addresses: string[] }> {
  const pool = createPool({
    url: program.databaseUrl,
    max: 1,
    name: 'test',
    onError: () => undefined,
  });
  try {
    const config = loadConfig({ DATA_DIR: program.dataDir, LOG_LEVEL: 'silent' }, '/dev/null');
    const made = new BounceAddresses(await KeyRing.load(new Database(pool), loadSecretKey(config)));
    const bucket = monthOf(new Date());
    const { rows } = await pool.query<{ id: number }>(
      `INSERT INTO deliveries (bucket, stream, message_id, person_id, address, recipient_domain, state, relay)
       SELECT $1, 'orders', gen_random_uuid(), gen_random_uuid(), 'p-' || n || '@group.example', 'group.example', 'sent', 'main'
         FROM generate_series(1, $2::int) n RETURNING id`,
      [bucket, count],
    );
    const ids = rows.map(({ id }) => id);
    return { ids, addresses: ids.map((id) => `${made.make({ bucket, id })}@${DOMAIN}`) };
  } finally {
    await pool.end();
  }
}

test('kill -9 in the middle of a group: each bounce counts, and counts once', async () => {
  const { ids, addresses } = await sent(40);
  const blocker = new pg.Client({ connectionString: program.databaseUrl });
  await blocker.connect();
  await blocker.query('BEGIN');
  await blocker.query('SELECT 1 FROM deliveries WHERE id = $1 FOR UPDATE', [ids[20]]);
  const client = await greeted();
  const gone = { status: '5.1.1', reply: '550 5.1.1 User unknown' };
  for (const [at, address] of addresses.entries())
    expect(await client.mail(address, dsn([{ to: `p-${at + 1}@group.example`, ...gone }]), '')).toMatch(
      /^250 /,
    );
  client.close();
  const taken = `SELECT count(*)::int AS mails FROM inbound_mails WHERE route = 'bounce' AND tries > 0`;
  await eventually(async () => (await query<{ mails: number }>(taken))[0]!.mails === 40, 30_000);
  for (const pid of childrenOf(program.pid, 'worker')) process.kill(pid, 'SIGKILL');
  await blocker.query('ROLLBACK');
  await blocker.end();
  // Its next try would be a minute later.
  await query(`UPDATE inbound_mails SET due_at = now() WHERE state = 'waiting'`);
  await eventually(
    async () =>
      (await query(`SELECT 1 FROM inbound_mails WHERE route = 'bounce' AND state = 'done'`)).length === 40,
    60_000,
  );
  const [counts] = await query(`
    SELECT (SELECT count(*)::int FROM mail_reports) AS reports, (SELECT count(*)::int FROM suppressions) AS suppressions,
           (SELECT count(*)::int FROM events WHERE type = 'email.bounced') AS events,
           (SELECT count(*)::int FROM deliveries WHERE outcome = 'bounced') AS deliveries`);
  expect(counts).toEqual({ reports: 40, suppressions: 40, events: 40, deliveries: 40 });
}, 120_000);
