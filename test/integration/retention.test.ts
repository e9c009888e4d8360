import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { core } from '../../src/app/core.js';
import { HoldersModule } from '../../src/app/holders.module.js';
import { firstIdAt, monthOf, newId } from '../../src/domain/index.js';
import { Retention } from '../../src/modules/privacy/index.js';
import { PersonalDataRegistry } from '../../src/platform/personal-data/index.js';
import { eventually } from '../support/engine.js';
import { Install } from '../support/install.js';

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
/** A UUIDv7 of that moment. */
const idOf = (time: Date) => firstIdAt(time).slice(0, 24) + newId().slice(24);

let install: Install;
beforeAll(async () => {
  install = await Install.start();
});
afterAll(() => install.stop());

const query = async (text: string, values: unknown[] = []) =>
  (await install.db.pool.query(text, values)).rows;

/** A sent mail of so many days ago, with its event. */
async function oldMail(days: number, state = 'sent', email = `old-${days}-${state}@example.com`) {
  const at = daysAgo(days);
  const [bucket, id] = [monthOf(at), idOf(at)];
  await query('SELECT ensure_partitions($1)', [bucket]);
  const [person] = await query(
    `INSERT INTO people (id, canonical, address, created_at, updated_at) VALUES ($1, $2, $2, $3, $3) RETURNING id`,
    [idOf(at), email, at],
  );
  await query(
    `INSERT INTO messages (bucket, id, stream, sender_id, locale, subject, content, automatic, created_at)
     SELECT $1, $2, 'service', id, 'en', 'Hello', '\\x00', true, $3 FROM senders LIMIT 1`,
    [bucket, id, at],
  );
  await query(
    `INSERT INTO deliveries (bucket, stream, message_id, person_id, address, recipient_domain, state, due_at)
     VALUES ($1, 'service', $2, $3, $4, 'example.com', $5, now() + interval '1 day')`,
    [bucket, id, person.id, email, state],
  );
  await query(
    `INSERT INTO events (bucket, at, type, person_id, message_id) VALUES ($1, $2, 'email.accepted', $3, $4)`,
    [bucket, at, person.id, id],
  );
  return { id, personId: person.id as string };
}

const lines = async () =>
  new Map((await install.get(Retention).preview()).map(({ kind, records }) => [kind, records]));

test('what has had its time goes, and nothing else', async () => {
  const young = await oldMail(20);
  const middle = await oldMail(40);
  const waiting = await oldMail(41, 'deferred');
  const ancient = await oldMail(500);
  const bounced = await oldMail(501);
  await query(
    `INSERT INTO suppressions (id, canonical, scope, reason)
     SELECT gen_random_uuid(), canonical, 'all', 'hard_bounce' FROM people WHERE id = $1`,
    [bounced.personId],
  );
  const person = await query(`SELECT id FROM people LIMIT 1`);
  const order = async (days: number) => {
    const at = daysAgo(days);
    const id = idOf(at);
    await query(
      `INSERT INTO orders (id, source, order_id, number, person_id, created_at, updated_at)
       VALUES ($1, 'api', $2, '1', $3, $4, $4)`,
      [id, `order-${days}`, person[0].id, at],
    );
    await query(
      `INSERT INTO order_events (id, source, event_id, order_ref, type, occurred_at, received_at, body_hash, body, status)
       VALUES ($1, 'api', $2, $3, 'order.placed', $4, $4, '\\x00', '\\x00', 'queued')`,
      [idOf(at), `event-${days}`, id, at],
    );
  };
  for (const days of [10, 50, 450]) await order(days);
  for (const days of [5, 45]) {
    await query(
      `INSERT INTO inbox_messages (id, mail_from, rcpt_to, from_header, to_header, subject, size, raw)
       VALUES ($1, '', '{}', '', '', '', 0, '')`,
      [idOf(daysAgo(days))],
    );
  }
  await query(
    `INSERT INTO idempotency_keys (api_key_id, key, request_hash, status, response, created_at)
     SELECT $1, 'k' || n, '\\x00', 200, '{}', now() - make_interval(hours => n) FROM unnest('{1,47,49}'::int[]) n`,
    [newId()],
  );

  const expected = {
    'content of single mails': 3,
    'bodies of order events': 2,
    orders: 1,
    'mails in the built-in inbox': 1,
    'answers to an Idempotency-Key': 1,
    'mail log and events': 6,
  };
  expect(Object.fromEntries(await lines())).toMatchObject(expected);
  const report = await install.done('GET', '/v1/reports/retention');
  expect(report.data).toContainEqual(
    expect.objectContaining({ kind: 'orders', days: 396, pastTheirTime: 1, lastRun: null }),
  );

  await install.get(Retention).run();
  expect([...(await lines()).values()].every((records) => records === 0)).toBe(true);
  const contents = await query('SELECT id, content IS NOT NULL AS kept FROM messages ORDER BY id DESC');
  expect(contents).toEqual([
    { id: young.id, kept: true },
    { id: middle.id, kept: false },
    { id: waiting.id, kept: true },
  ]);
  expect(await query('SELECT order_id FROM orders ORDER BY 1')).toEqual([
    { order_id: 'order-10' },
    { order_id: 'order-50' },
  ]);
  const tables = await query(
    `SELECT relname FROM pg_class WHERE relname ~ '_20(24|25)_\\d\\d$' AND relkind = 'r'`,
  );
  expect(
    tables.filter(({ relname }) => relname.endsWith(monthOf(daysAgo(500)).slice(0, 7).replace('-', '_'))),
  ).toEqual([]);
  // Of the customer of 500 days ago nothing is left, so the person goes too; the others have their mails.
  const alive = await query('SELECT id FROM people WHERE erased_at IS NULL');
  expect(alive.map(({ id }) => id)).not.toContain(ancient.personId);
  expect(alive.map(({ id }) => id)).toContain(bounced.personId);
  expect(alive).toHaveLength(4);
  const after = await install.done('GET', '/v1/reports/retention');
  expect(after.data.find(({ kind }: { kind: string }) => kind === 'orders').lastRun.removed).toBe(1);
});

test('a month that somebody is reading stays for the next run, and holds up nobody who sends', async () => {
  await oldMail(520);
  const reader = await install.db.pool.connect();
  await reader.query('BEGIN');
  await reader.query('SELECT count(*) FROM deliveries');
  const purge = install.get(Retention).run();
  const from = Date.now();
  for (let mail = 0; mail < 5; mail += 1) {
    await install.done('POST', '/v1/emails', {
      to: `meanwhile-${mail}@example.com`,
      subject: 'Hello',
      text: 'Hello',
      html: '<p>Hello</p>',
    });
  }
  await eventually(async () => install.sink.mails.length >= 5);
  expect(Date.now() - from).toBeLessThan(5_000);
  const log = (await purge)!.find(({ kind }) => kind === 'mail log and events')!;
  expect(log.problem).toMatch(/lock timeout/);
  await reader.query('COMMIT');
  reader.release();
  expect(
    (await install.get(Retention).run())!.find(({ kind }) => kind === 'mail log and events'),
  ).toMatchObject({ problem: null });
  expect((await lines()).get('mail log and events')).toBe(0);
});

test('two processes do not do it at once, and the timer does it once an hour', async () => {
  const both = await Promise.all([install.get(Retention).run(), install.get(Retention).run()]);
  expect(both.filter((lines) => lines === undefined)).toHaveLength(1);
  const ranAt = async () => (await query('SELECT max(ran_at) AS at FROM retention_runs'))[0].at as Date;
  const before = await ranAt();
  await install.get(Retention).runIfDue();
  expect(await ranAt()).toEqual(before);
  await query(`UPDATE retention_runs SET ran_at = now() - interval '1 hour'`);
  await install.get(Retention).runIfDue();
  expect((await ranAt()).getTime()).toBeGreaterThan(before.getTime());
});

test('a worker has every holder that the API has', async () => {
  const names = (app: INestApplicationContext) =>
    app
      .get(PersonalDataRegistry)
      .holders()
      .map(({ constructor }) => constructor.name);
  const worker = await NestFactory.createApplicationContext(
    { module: class Worker {}, imports: [...core(install.options, []), HoldersModule] },
    { logger: false },
  );
  try {
    expect(names(worker)).toEqual(names(install.app));
  } finally {
    await worker.close();
  }
});
