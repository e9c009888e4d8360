import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { TestApi } from '../support/api.js';
import { eventually } from '../support/engine.js';
import { newId } from '../../src/domain/index.js';
import { AddressReports, SuppressionModule } from '../../src/modules/suppression/index.js';
import { ListsModule } from '../../src/modules/lists/index.js';
import { Metrics } from '../../src/platform/metrics/index.js';
import { DeliverabilityCounter, ReportsModule, reportsControllers } from '../../src/modules/reports/index.js';
import { DeliverabilityCountingRepository } from '../../src/modules/reports/deliverability-counting.repository.js';

let api: TestApi;
let counter: DeliverabilityCounter;
const campaign = newId();
const message = newId();
const today = new Date().toISOString().slice(0, 10);
const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
const BUCKET = `${new Date().toISOString().slice(0, 7)}-01`;

beforeAll(async () => {
  api = await TestApi.start({
    modules: [SuppressionModule, ListsModule, ReportsModule],
    controllers: reportsControllers,
  });
  counter = new DeliverabilityCounter(api.db, api.get(DeliverabilityCountingRepository), api.get(Metrics));
  await sql`
    WITH revision AS (INSERT INTO template_revisions (id, checksum, source) VALUES (gen_random_uuid(), 'x', '{}') RETURNING id)
    INSERT INTO batches (id, bucket, sender_id, revision_id, name)
    SELECT ${campaign}, ${BUCKET}, senders.id, revision.id, 'News' FROM senders, revision`.execute(api.db);
}, 60_000);
afterAll(() => api.stop());

/** Deliveries of one kind with their events, as the engine and whoever reports write them. @param daysAgo of the hand-over */
async function mails(
  count: number,
  domain: string,
  state: string,
  events: readonly { type: string; reason?: string; replyCode?: number; hard?: boolean }[],
  { daysAgo = 0, batch = campaign }: { daysAgo?: number; batch?: string | null } = {},
): Promise<void> {
  await sql`
    WITH made AS (
      INSERT INTO deliveries (bucket, stream, campaign_id, message_id, person_id, address, recipient_domain, state, settled_at)
      SELECT ${BUCKET}, ${batch === null ? 'orders' : 'news'}, ${batch}::uuid, ${batch === null ? message : null}::uuid,
             gen_random_uuid(), 'a@' || ${domain}, ${domain}, ${state}, now() - make_interval(days => ${daysAgo})
        FROM generate_series(1, ${count}) RETURNING id, campaign_id, message_id)
    INSERT INTO events (bucket, type, campaign_id, message_id, delivery_id, data)
    SELECT ${BUCKET}, e.type, m.campaign_id, m.message_id, m.id, e.data
      FROM made m, unnest(${events.map(({ type }) => type)}::text[],
                          ${events.map(({ type, ...data }) => JSON.stringify({ ...data, told: type }))}::jsonb[]) AS e (type, data)`.execute(
    api.db,
  );
}

/** Counts until nothing is left: transactions of other tests on the same server hold the horizon back for a moment. */
async function countEverything(): Promise<void> {
  await eventually(async () => {
    await counter.countAll();
    const { rows } = await sql`
      SELECT FROM events e, deliverability_cursor c WHERE (e.xid, e.id) > (c.xid, c.id) LIMIT 1`.execute(
      api.db,
    );
    return rows.length === 0;
  });
}

const report = async (query = '') => (await api.read(`/v1/reports/deliverability?${query}`)).body;

describe('the deliverability report', () => {
  beforeAll(async () => {
    const sent = { type: 'email.sent' };
    await mails(970, 'yahoo.com', 'sent', [sent]);
    await mails(2, 'yahoo.com', 'sent', [sent, { type: 'email.complained' }], { daysAgo: 1 });
    await mails(500, 'gmail.com', 'sent', [sent]);
    await mails(4, 'gmail.com', 'failed', [{ type: 'email.failed', reason: 'user_unknown', replyCode: 550 }]);
    await mails(3, 'gmail.com', 'failed', [{ type: 'email.failed', reason: 'reputation', replyCode: 550 }]);
    // Bounced after the hand-over; the one that the relay had refused is told twice and counted once.
    await mails(
      5,
      'small.example',
      'sent',
      [sent, { type: 'email.bounced', reason: 'mailbox_full', hard: false }],
      { daysAgo: 1 },
    );
    await mails(1, 'small.example', 'failed', [
      { type: 'email.failed', reason: 'user_unknown', replyCode: 550 },
      { type: 'email.bounced', reason: 'user_unknown', hard: true },
    ]);
    await mails(
      7,
      'small.example',
      'sent',
      [{ type: 'email.deferred', reason: 'greylisted', replyCode: 451 }, sent, { type: 'email.delivered' }],
      {
        batch: null,
      },
    );
    await countEverything();
  });

  test('counts by campaign, domain and day, and adds up', async () => {
    const { total, days, campaigns, domains, campaignCount, domainCount, countedAt } = await report();
    expect(total).toMatchObject({
      sent: 1484,
      delivered: 1479,
      confirmed: 7,
      deferred: 7,
      hard: 5,
      soft: 5,
      blocked: 3,
      complaints: 2,
    });
    expect([campaignCount, domainCount]).toEqual([2, 3]);
    expect(
      campaigns.map((line: { campaignId: string; sent: number; stream: string }) => [
        line.campaignId,
        line.stream,
        line.sent,
      ]),
    ).toEqual([
      [campaign, 'news', 1477],
      [null, 'orders', 7],
    ]);
    expect(domains.map((line: { domain: string }) => line.domain)).toEqual([
      'yahoo.com',
      'gmail.com',
      'small.example',
    ]);
    expect(domains[1]).toMatchObject({ sent: 500, delivered: 500, hard: 4, blocked: 3, soft: 0 });
    expect(domains[2]).toMatchObject({ sent: 12, delivered: 7, soft: 5, hard: 1 });
    for (const name of ['sent', 'delivered', 'hard', 'soft', 'blocked', 'complaints', 'deferred'])
      for (const lines of [days, campaigns, domains])
        expect(lines.reduce((sum: number, line: Record<string, number>) => sum + line[name]!, 0)).toBe(
          total[name],
        );
    expect(Date.parse(countedAt)).toBeGreaterThan(Date.now() - 60_000);
  });

  test('a bounce counts on the day of its mail, not on the day of the report', async () => {
    const { days } = await report();
    expect(
      days.map((line: { day: string; sent: number; soft: number; complaints: number }) => [
        line.day,
        line.sent,
        line.soft,
        line.complaints,
      ]),
    ).toEqual([
      [yesterday, 7, 5, 2],
      [today, 1477, 0, 0],
    ]);
  });

  test('the complaint rate is of domains that tell; Gmail and who was never heard have no data, never 0 %', async () => {
    const { total, domains } = await report();
    expect(domains[0]).toMatchObject({
      complaintRate: 2 / 972,
      complaintLevel: 'above_aim',
      noComplaintData: null,
    });
    expect(domains[1]).toMatchObject({
      complaintRate: null,
      complaintLevel: null,
      noComplaintData: 'provider_sends_none',
    });
    expect(domains[2]).toMatchObject({ complaintRate: null, noComplaintData: 'none_ever_heard' });
    // Not 2 / 1479: the mail to Gmail would hide them.
    expect(total.complaintRate).toBe(2 / 972);
  });

  test('from, to, campaign and domain narrow it', async () => {
    expect((await report(`from=${yesterday}&to=${yesterday}`)).total.sent).toBe(7);
    expect((await report('domain=Gmail.com')).total).toMatchObject({
      sent: 500,
      noComplaintData: 'provider_sends_none',
    });
    expect((await report(`campaign=${campaign}&top=1`)).domains).toHaveLength(1);
    expect((await report(`campaign=${newId()}`)).total).toMatchObject({ sent: 0, complaintRate: null });
    expect((await report('from=2020-01-01&to=2020-01-31')).days).toEqual([]);
  });

  test.each([
    ['from=22.11.2026', 'from'],
    ['from=2026-11-22&to=2026-11-21', 'to'],
    ['from=2020-01-01&to=2026-01-01', 'from'],
    ['campaign=7', 'campaign'],
    ['top=0', 'top'],
    ['colour=red', 'colour'],
  ])('%s is refused by name', async (query, field) => {
    const { status, body } = await api.read(`/v1/reports/deliverability?${query}`);
    expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining(field)]);
  });

  test('nothing is counted twice, and a late commit is not missed', async () => {
    const before = (await report()).total.sent;
    const late = newId();
    await api.db.transaction().execute(async (trx) => {
      // Its event has the lowest transaction; others commit and are counted while it is open.
      await sql`SELECT pg_current_xact_id()`.execute(trx);
      await mails(1, 'yahoo.com', 'sent', [{ type: 'email.sent' }]);
      await counter.countAll();
      await counter.countAll();
      await sql`INSERT INTO events (bucket, type, message_id) VALUES (${BUCKET}, 'email.accepted', ${late})`.execute(
        trx,
      );
      expect((await report()).total.sent).toBe(before);
    });
    await countEverything();
    await countEverything();
    expect((await report()).total.sent).toBe(before + 1);
  });

  test('Prometheus: failures by class, complaints, suppressions by reason', async () => {
    await sql`INSERT INTO events (bucket, type, data) VALUES (${BUCKET}, 'suppression.added', '{"reason": "complaint", "scope": "news"}')`.execute(
      api.db,
    );
    await countEverything();
    const text = await api.get(Metrics).registry.metrics();
    expect(text).toContain('postrider_mail_failures_total{class="hard"} 5');
    expect(text).toContain('postrider_mail_failures_total{class="blocked"} 3');
    expect(text).toContain('postrider_mail_complaints_total 2');
    expect(text).toContain('postrider_suppressions_added_total{reason="complaint"} 1');
  });

  test('after a restore into another server it goes on, and counts nothing anew', async () => {
    const before = (await report()).total;
    await sql`UPDATE deliverability_cursor SET xid = '9999999999'`.execute(api.db);
    await counter.countAll();
    await counter.countAll();
    expect((await report()).total).toEqual(before);
    await mails(3, 'yahoo.com', 'sent', [{ type: 'email.sent' }]);
    await countEverything();
    expect((await report()).total.sent).toBe(before.sent + 3);
  });
});

describe('why an address is suppressed', () => {
  test('the words of the server and where they came from', async () => {
    const facts = {
      source: 'dsn',
      kind: 'bounced',
      address: 'gone@small.example',
      domain: 'small.example',
      life: null,
      listId: null,
      status: '5.1.1',
      reply: '550 5.1.1 No such user',
    } as const;
    await api.db.work((work) =>
      api
        .get(AddressReports)
        .take(work, [
          { ...facts, delivery: { bucket: BUCKET, id: 900_001 }, reason: 'user_unknown', hard: true },
        ]),
    );
    const { id } = await api.db.selectFrom('suppressions').select('id').executeTakeFirstOrThrow();
    const { status, body } = await api.read(`/v1/suppressions/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      address: 'gone@small.example',
      scope: 'all',
      reason: 'hard_bounce',
      evidence: 'dsn: user_unknown (550 5.1.1 No such user)',
      reports: [
        {
          source: 'dsn',
          kind: 'bounced',
          reason: 'user_unknown',
          hard: true,
          status: '5.1.1',
          reply: '550 5.1.1 No such user',
        },
      ],
    });
    expect((await api.read(`/v1/suppressions/${newId()}`)).status).toBe(404);
    expect((await api.read('/v1/suppressions/7')).status).toBe(422);
  });
});
