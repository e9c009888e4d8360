import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import { sql } from 'kysely';
import { SmallDisk } from '../crash/small-disk.js';
import { TestApi } from '../support/api.js';
import { eventually } from '../support/engine.js';
import { AlertFactsReader } from '../../src/app/alert-facts.js';
import { newId } from '../../src/domain/index.js';
import { KeyRing } from '../../src/platform/crypto/index.js';
import { appendEvents } from '../../src/platform/events/index.js';
import { PersonalDataRegistry } from '../../src/platform/personal-data/index.js';
import { Composer } from '../../src/modules/delivery/composer.js';
import { Messages, Relays } from '../../src/modules/delivery/index.js';
import { Senders } from '../../src/modules/lists/index.js';
import { OrdersModule, ordersControllers } from '../../src/modules/orders/index.js';
import { Templates, type Variables } from '../../src/modules/templates/index.js';
import { AlertMails } from '../../src/modules/alerts/alert-mails.service.js';
import { Alerts } from '../../src/modules/alerts/alerts.service.js';
import { AlertsModule, AlertWatchModule } from '../../src/modules/alerts/index.js';

@Module({ imports: [AlertsModule, AlertWatchModule.withFacts(AlertFactsReader)] })
class Watching {}

let api: TestApi;
let alerts: Alerts;
let mails: AlertMails;

beforeAll(async () => {
  api = await TestApi.start({
    modules: [OrdersModule, Watching],
    controllers: ordersControllers,
    environment: { ALERT_EMAIL: 'Ops@Shop.example, night@shop.example,ops@shop.example' },
  });
  alerts = api.get(Alerts);
  mails = api.get(AlertMails);
});
afterAll(() => api.stop());
beforeEach(async () => {
  await sql`DELETE FROM alerts`.execute(api.db);
  await aMinuteLater();
});

const aMinuteLater = () => sql`UPDATE alert_cursor SET mailed_at = NULL`.execute(api.db);

/** Order mails that a server refused for good. @returns the ids of the mails */
async function refused(numbers: readonly string[], reply = '550 5.1.1 <who@example.com>: User unknown') {
  const ids: string[] = [];
  for (const number of numbers) {
    const { status, body } = await api.post('/v1/order-events', {
      id: newId(),
      type: 'order.shipped',
      occurredAt: '2026-11-22T09:41:00Z',
      order: { id: number, number, currency: 'EUR', items: [{ name: 'Bowl', quantity: 1 }], total: '1.00' },
      customer: { email: `${number}@example.com` },
    });
    expect(status).toBe(202);
    ids.push(body.emailId);
  }
  await fail(ids, reply);
  return ids;
}

async function fail(ids: readonly string[], reply: string): Promise<void> {
  await sql`
    WITH failed AS (
      UPDATE deliveries SET state = 'failed', reason = 'user_unknown', reply = ${reply}, settled_at = now()
       WHERE message_id = ANY(${ids}::uuid[]) RETURNING bucket, id, message_id, person_id)
    INSERT INTO events (bucket, type, person_id, message_id, delivery_id, data)
    SELECT bucket, 'email.failed', person_id, message_id, id, '{"reason": "user_unknown", "replyCode": 550}' FROM failed`.execute(
    api.db,
  );
}

/** Reading stops below open transactions, which another test's database on the same server may have. */
async function readable(): Promise<void> {
  await eventually(async () => {
    const { rows } = await sql<{ ready: boolean }>`
      SELECT coalesce(max(xid) < pg_snapshot_xmin(pg_current_snapshot()), true) AS ready FROM events`.execute(
      api.db,
    );
    return rows[0]?.ready;
  });
}

async function readAll(): Promise<void> {
  await readable();
  while (await alerts.readEvents());
}

const stored = () => api.db.selectFrom('alerts').selectAll().orderBy('id').execute();

/** The mails to the operator that were made, the oldest first. */
async function told() {
  const ids = await api.db
    .selectFrom('messages')
    .select('id')
    .where('tags', '@>', sql<string[]>`ARRAY['alert']`)
    .orderBy('id')
    .execute();
  return Promise.all(ids.map(({ id }) => api.get(Messages).find(id)));
}

/** As the engine makes it. */
async function htmlOf(id: string): Promise<string> {
  const row = await api.db
    .selectFrom('messages')
    .select(['content', 'revision_id'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const sender = await api.get(Senders).first(api.db);
  if (!sender || !row.content) throw new Error('There is no such mail');
  const { variables } = api.get(KeyRing).unsealJson('content', row.content) as { variables: Variables };
  const prepared = await api.get(Templates).prepared(row.revision_id ?? '', 'en', api.db);
  const recipient = { id: newId(), name: null, locale: 'en' };
  return prepared.fill({ ...api.get(Composer).common(sender, recipient), ...variables }).html;
}

test('an order mail that failed for good is recorded once, told once, with its event, to each address once', async () => {
  const before = await told();
  const [id] = await refused(['A-1']);
  await Promise.all([readAll(), readAll(), readAll()]);
  await sql`UPDATE alert_cursor SET xid = '0', id = 0`.execute(api.db);
  await readAll();
  await Promise.all([mails.tell(), mails.tell(), mails.tell()]);
  await mails.tell();

  expect(await stored()).toMatchObject([
    {
      kind: 'order_mail',
      message_id: id,
      data: { state: 'failed', reason: 'user_unknown' },
      told_at: expect.any(Date),
    },
  ]);
  const made = (await told()).slice(before.length);
  expect(made).toMatchObject([{ stream: 'service', subject: 'Order A-1: a mail did not arrive' }]);
  expect(made[0]?.deliveries.map(({ address }) => address).toSorted()).toEqual([
    'night@shop.example',
    'ops@shop.example',
  ]);
  const events = await api.db
    .selectFrom('events')
    .select(['message_id', 'data'])
    .where('type', '=', 'alert.raised')
    .execute();
  expect(events).toMatchObject([{ message_id: id, data: { kind: 'order_mail', state: 'failed' } }]);
});

test('10,000 failures at once: each is recorded, one mail a minute, which stays below 102 KB, and counts what it does not show', async () => {
  const before = (await told()).length;
  const [first = ''] = await refused(['B-1']);
  await sql`
    INSERT INTO deliveries (bucket, stream, message_id, person_id, address, recipient_domain, state, reply, settled_at)
    SELECT d.bucket, d.stream, d.message_id, d.person_id, d.address, d.recipient_domain, 'failed', repeat('x', 500), now()
      FROM deliveries d, generate_series(1, 9999) WHERE d.message_id = ${first}`.execute(api.db);
  await sql`
    INSERT INTO events (bucket, type, person_id, message_id, delivery_id, data)
    SELECT bucket, 'email.failed', person_id, message_id, id, '{"reason": "user_unknown", "replyCode": 550}'
      FROM deliveries d WHERE message_id = ${first}
       AND NOT EXISTS (SELECT FROM events WHERE delivery_id = d.id AND type = 'email.failed')`.execute(
    api.db,
  );
  await readable();
  await alerts.readEvents();
  await mails.tell();
  await readAll();
  await mails.tell();
  expect(await told()).toHaveLength(before + 1);
  await aMinuteLater();
  await mails.tell();

  const made = (await told()).slice(before);
  expect(made.map((mail) => mail?.subject)).toEqual([
    'Shop: 1,000 things need you',
    'Shop: 9,000 things need you',
  ]);
  expect(Buffer.byteLength(await htmlOf(made[1]?.id ?? ''))).toBeLessThan(102 * 1024);
  const rows = await stored();
  expect(rows).toHaveLength(10_000);
  expect(new Set(rows.map(({ told_in }) => told_in))).toEqual(new Set(made.map((mail) => mail?.id)));
});

test('a worker that ends between the alert and its event leaves neither, and the next one makes both', async () => {
  await refused(['C-0']);
  await readable();
  await sql`
    CREATE FUNCTION ends() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the worker ends here'; END $$;
    CREATE TRIGGER ends BEFORE INSERT ON events FOR EACH ROW WHEN (NEW.type = 'alert.raised') EXECUTE FUNCTION ends()`.execute(
    api.db,
  );
  await expect(readAll()).rejects.toThrow('the worker ends here');
  expect(await stored()).toEqual([]);
  await sql`DROP FUNCTION ends CASCADE`.execute(api.db);
  await readAll();
  expect(await stored()).toHaveLength(1);
});

test('a mail that cannot be made waits a minute, and loses nothing', async () => {
  const before = (await told()).length;
  await refused(['C-1']);
  await readAll();
  const senders = await api.db.selectFrom('senders').selectAll().execute();
  await sql`ALTER TABLE senders RENAME TO senders_away`.execute(api.db);
  await mails.tell();
  await sql`ALTER TABLE senders_away RENAME TO senders`.execute(api.db);
  expect(senders).not.toEqual([]);
  expect([(await told()).length, (await stored())[0]?.told_at]).toEqual([before, null]);
  await mails.tell();
  expect(await told()).toHaveLength(before);
  // Another worker, or this one a minute later.
  Object.assign(mails, { restingUntil: 0 });
  await mails.tell();
  expect(await told()).toHaveLength(before + 1);
});

test('mail of other streams raises nothing: no alert about an alert mail', async () => {
  await refused(['D-1']);
  await readAll();
  await mails.tell();
  const last = (await told()).at(-1);
  await fail([last?.id ?? ''], '550 5.1.1 No such user');
  await readAll();
  expect(await stored()).toHaveLength(1);
});

test('what came back after it was sent is one alert with what failed', async () => {
  const [id = ''] = await refused(['E-1']);
  const [delivery] = await api.db
    .selectFrom('deliveries')
    .select('id')
    .where('message_id', '=', id)
    .execute();
  const bounced = { type: 'email.bounced' as const, messageId: id, deliveryId: delivery?.id ?? 0 };
  await appendEvents(api.db, [{ ...bounced, data: { reason: 'mailbox_full', hard: false } }]);
  await readAll();
  expect(await stored()).toHaveLength(1);
});

test('a campaign that paused itself, and an endpoint that was switched off; not what a person did', async () => {
  const campaignId = newId();
  const endpointId = newId();
  await appendEvents(api.db, [
    { type: 'campaign.paused', campaignId, data: { reason: '6 % of its mails bounced' } },
    { type: 'campaign.paused', campaignId, data: {} },
    { type: 'webhook.disabled', data: { endpointId, reason: 'gone' } },
  ]);
  await readAll();
  expect(await stored()).toMatchObject([
    { kind: 'campaign', campaign_id: campaignId, data: { reason: '6 % of its mails bounced' } },
    { kind: 'webhook', data: { endpointId, reason: 'gone' } },
  ]);
});

test('a relay that is down for ten minutes is told of once, and again when it was well in between', async () => {
  await api.get(Relays).ensureDefault('smtp://127.0.0.1:1?tls=off');
  const later = (minutes: number) => alerts.lookAtRelays(Date.now() + minutes * 60_000);
  const open = sql`
    INSERT INTO relay_circuits (relay, process) VALUES ('default', 'one')
    ON CONFLICT (relay, process) DO UPDATE SET seen_at = now()`;
  await open.execute(api.db);
  await later(9);
  expect(await stored()).toEqual([]);
  await later(11);
  await later(12);
  expect(await stored()).toMatchObject([{ kind: 'relay', subject: 'default', over_at: null }]);
  await sql`DELETE FROM relay_circuits`.execute(api.db);
  await later(13);
  expect(await stored()).toMatchObject([{ over_at: expect.any(Date) }]);
  await open.execute(api.db);
  await later(24);
  expect(await stored()).toHaveLength(2);
  await sql`DELETE FROM relay_circuits`.execute(api.db);
});

test('of an erased customer the mails to the operator keep nothing', async () => {
  const before = (await told()).length;
  const [id = ''] = await refused(['F-1']);
  await readAll();
  await mails.tell();
  const made = (await told())[before];
  await sql`UPDATE deliveries SET state = 'sent' WHERE message_id = ${made?.id}`.execute(api.db);
  const person = await api.db
    .selectFrom('deliveries as d')
    .innerJoin('people as p', 'p.id', 'd.person_id')
    .select(['p.id', 'p.canonical', 'p.address'])
    .where('d.message_id', '=', id)
    .executeTakeFirstOrThrow();
  const holder = api
    .get(PersonalDataRegistry)
    .holders()
    .find(({ tables }) => tables.includes('alerts'));
  await api.db.work((work) => holder?.erase(work, person) ?? Promise.resolve());
  const row = await api.db
    .selectFrom('messages')
    .select(['content', 'subject'])
    .where('id', '=', made?.id ?? '')
    .executeTakeFirstOrThrow();
  expect(row).toEqual({ content: null, subject: null });
});

test('a disk with little room is told of once', async () => {
  const disk = await SmallDisk.mount();
  if (typeof disk === 'string') return;
  try {
    const small = Object.assign(Object.create(alerts), { config: { dataDir: disk.path } }) as Alerts;
    await small.lookAtDisk();
    await small.lookAtDisk();
    expect(await stored()).toMatchObject([{ kind: 'disk', data: { path: disk.path, free: '0.0 GiB' } }]);
  } finally {
    await disk.unmount();
  }
});
