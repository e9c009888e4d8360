import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import PostalMime from 'postal-mime';
import { TestApi, type TestAnswer } from '../../../test/support/api.js';
import { Engine, eventually } from '../../../test/support/engine.js';
import { Sink } from '../../../test/support/sink.js';
import { newId } from '../../domain/index.js';
import { ListsModule, listsControllers } from '../lists/index.js';
import { CampaignAdvance } from './campaign-advance.service.js';
import { CampaignsModule, campaignsControllers } from './index.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({
    modules: [CampaignsModule, ListsModule],
    controllers: [...campaignsControllers, ...listsControllers],
  });
});
afterAll(() => api.stop());

/** A list with so many confirmed people `0@…` and on, and a campaign for it. */
async function campaign(slug: string, size: number): Promise<string> {
  await api.post('/v1/lists', { slug, name: slug });
  await sql`
    WITH added AS (
      INSERT INTO people (id, canonical, address)
      SELECT gen_random_uuid(), a, a FROM generate_series(0, ${size}::int - 1) n, LATERAL (SELECT n || '@' || ${slug} || '.example' AS a) x
      RETURNING id)
    INSERT INTO subscriptions (id, person_id, list_id, status)
    SELECT gen_random_uuid(), added.id, l.id, 'confirmed' FROM added, lists l WHERE l.slug = ${slug}`.execute(
    api.db,
  );
  const body = { name: 'Blast', subject: 'Hello', lists: [slug], content: 'All is well.' };
  return (await api.post('/v1/campaigns', body)).body.id as string;
}

const move = async (id: string, name: string) =>
  expect((await api.post(`/v1/campaigns/${id}/${name}`)).status).toBe(200);
const resend = (id: string, body: unknown, headers?: Record<string, string>): Promise<TestAnswer> =>
  api.post(`/v1/campaigns/${id}/resend`, body, headers);
const look = async (id: string) => (await api.read(`/v1/campaigns/${id}`)).body;
const advance = (id: string) => api.get(CampaignAdvance).advance(id);
const events = async (id: string) =>
  api.db
    .selectFrom('events')
    .select(['type', 'data'])
    .where('campaign_id', '=', id)
    .where('type', 'like', 'campaign.%')
    .orderBy('id')
    .execute();

describe('with workers', () => {
  let sink: Sink;
  let engine: Engine;
  beforeEach(async () => {
    sink = await Sink.start();
    engine = await Engine.start({ smtpUrl: sink.url, ...api.shared });
  });
  afterEach(async () => {
    await engine.stop();
    await sink.stop();
  });

  const finished = (id: string) =>
    eventually(async () => {
      await advance(id);
      const view = await look(id);
      return view.state === 'finished' && view;
    });

  test('what failed goes out once more, and it finishes again; who left meanwhile gets nothing', async () => {
    sink.options = {
      refuse: (address) => (Number.parseInt(address, 10) < 6 ? '552 5.3.4 Message too big' : undefined),
    };
    const id = await campaign('mended', 20);
    await move(id, 'send');
    expect(await finished(id)).toMatchObject({ counts: { recipients: 20, sent: 14, failed: 6 } });
    await sql`
      UPDATE subscriptions SET status = 'unsubscribed'
       WHERE person_id = (SELECT id FROM people WHERE canonical = '5@mended.example')`.execute(api.db);
    await sql`UPDATE deliveries SET created_at = now() - interval '3 days' WHERE campaign_id = ${id}`.execute(
      api.db,
    );
    sink.options = { refuse: (address) => (address.startsWith('0@') ? '450 4.2.0 Try later' : undefined) };
    const headers = { 'Idempotency-Key': 'mend' };
    const answer = await resend(id, { states: ['failed'] }, headers);
    expect(answer).toEqual({ status: 202, body: { queued: 6 } });
    expect(await resend(id, { states: ['failed'] }, headers)).toEqual(answer);
    expect(await look(id)).toMatchObject({ state: 'sending', finishedAt: null });
    // The clock of its retries began again: three days after it was queued first it is still put off, and not failed.
    const waiting = await eventually(async () => {
      const { counts } = await look(id);
      return counts.deferred === 1 && counts.skipped === 1 && counts.sent === 18 && counts;
    });
    expect(waiting).toMatchObject({ recipients: 20, failed: 0 });
    sink.options = {};
    await sql`UPDATE deliveries SET due_at = now() WHERE campaign_id = ${id} AND state = 'deferred'`.execute(
      api.db,
    );
    expect(await finished(id)).toMatchObject({
      finishedAt: expect.any(String),
      counts: { sent: 19, failed: 0, skipped: 1 },
    });
    expect(sink.mails.map(({ to }) => to)).not.toContain('5@mended.example');
    expect(new Set(sink.mails.map(({ to }) => to)).size).toBe(19);
    expect(sink.mails).toHaveLength(19);
    expect(await events(id)).toMatchObject([
      { type: 'campaign.started' },
      { type: 'campaign.finished' },
      { type: 'campaign.resent', data: { queued: 6, states: 'failed' } },
      { type: 'campaign.finished' },
    ]);
    const { tries } = await sql<{
      tries: number;
    }>`SELECT max(tries)::int AS tries FROM deliveries WHERE campaign_id = ${id}`
      .execute(api.db)
      .then(({ rows }) => rows[0] ?? { tries: 0 });
    expect(tries).toBe(2);
  });

  test('an unknown mail that goes out once more has the same Message-ID', async () => {
    const id = await campaign('lost', 1);
    await move(id, 'send');
    await finished(id);
    await sql`UPDATE deliveries SET state = 'unknown', reason = 'no_answer', lease_token = gen_random_uuid()
               WHERE campaign_id = ${id}`.execute(api.db);
    expect(await resend(id, { states: ['unknown', 'failed'] })).toMatchObject({ body: { queued: 1 } });
    await finished(id);
    const ids = await Promise.all(sink.mails.map(async ({ raw }) => (await PostalMime.parse(raw)).messageId));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });
});

describe('without workers', () => {
  const settle = (id: string, state: string, where: ReturnType<typeof sql>) =>
    sql`UPDATE deliveries SET state = ${state}, reason = CASE ${state} WHEN 'failed' THEN 'policy' ELSE 'no_answer' END,
               reply_code = 550, reply = '550 5.7.1 No', tries = 3, settled_at = now(), lease_token = gen_random_uuid()
         WHERE campaign_id = ${id} AND ${where}`.execute(api.db);
  const frozen = async (slug: string, size: number): Promise<string> => {
    const id = await campaign(slug, size);
    await move(id, 'send');
    await advance(id);
    return id;
  };

  test('only what was chosen: state, reason, domain', async () => {
    const id = await frozen('chosen', 40);
    await settle(id, 'failed', sql`id % 4 = 0`);
    await settle(id, 'unknown', sql`id % 4 = 1`);
    await sql`UPDATE deliveries SET reason = 'mailbox_full', recipient_domain = 'elsewhere.example'
               WHERE campaign_id = ${id} AND id % 8 = 0`.execute(api.db);
    expect(await resend(id, { states: ['failed'], reasons: ['greylisted'] })).toMatchObject({
      body: { queued: 0 },
    });
    expect(await resend(id, { states: ['unknown'], domain: 'elsewhere.example' })).toMatchObject({
      body: { queued: 0 },
    });
    expect(await look(id)).toMatchObject({ counts: { queued: 20, failed: 10, unknown: 10 } });
    expect(await resend(id, { states: ['failed'], reasons: ['mailbox_full', 'greylisted'] })).toMatchObject({
      body: { queued: 5 },
    });
    expect(await look(id)).toMatchObject({ counts: { queued: 25, failed: 5, unknown: 10 } });
    expect(await resend(id, { states: ['failed', 'unknown'], domain: 'chosen.example' })).toMatchObject({
      body: { queued: 15 },
    });
    expect(await look(id)).toMatchObject({ state: 'sending', counts: { queued: 40, failed: 0, unknown: 0 } });
    const rows = await api.db
      .selectFrom('deliveries')
      .select(['tries', 'reason', 'reply', 'lease_token', 'settled_at'])
      .distinct()
      .where('campaign_id', '=', id)
      .where('requeued_at', 'is not', null)
      .execute();
    expect(rows).toEqual([{ tries: 0, reason: null, reply: null, lease_token: null, settled_at: null }]);
    expect((await events(id)).filter(({ type }) => type === 'campaign.resent')).toHaveLength(2);
  });

  test('many go in chunks, each of which adds up; nothing that failed again is taken twice', async () => {
    const id = await frozen('many', 12_000);
    await settle(id, 'failed', sql`id % 6 <> 0`);
    await settle(id, 'unknown', sql`id % 6 = 0`);
    expect(await resend(id, { states: ['failed', 'unknown'] })).toMatchObject({
      status: 202,
      body: { queued: 12_000 },
    });
    expect(await look(id)).toMatchObject({ counts: { recipients: 12_000, queued: 5_000, failed: 5_000 } });
    expect(await resend(id, { states: ['failed'] })).toMatchObject({
      status: 409,
      body: { name: 'resend_underway' },
    });
    expect(await api.get(CampaignAdvance).due()).toContain(id);
    await settle(
      id,
      'failed',
      sql`id IN (SELECT id FROM deliveries WHERE campaign_id = ${id} AND state = 'queued' LIMIT 100)`,
    );
    await Promise.all([advance(id), advance(id)]);
    expect(await look(id)).toMatchObject({
      counts: { recipients: 12_000, queued: 11_900, failed: 100, unknown: 0 },
    });
    expect(await api.get(CampaignAdvance).due()).not.toContain(id);
    expect(await resend(id, { states: ['failed'] })).toMatchObject({ status: 202, body: { queued: 100 } });
  });

  test('a paused campaign stays paused, and a cancelled one queues nothing more', async () => {
    const id = await frozen('held', 6_000);
    await settle(id, 'failed', sql`true`);
    await move(id, 'pause');
    expect(await resend(id, { states: ['failed'] })).toMatchObject({ body: { queued: 6_000 } });
    expect(await look(id)).toMatchObject({ state: 'paused', counts: { queued: 5_000 } });
    await move(id, 'cancel');
    await advance(id);
    expect(await look(id)).toMatchObject({ state: 'cancelled', counts: { queued: 5_000, failed: 1_000 } });
  });

  test('while the audience is being frozen, both go on', async () => {
    const id = await campaign('growing', 6_000);
    await move(id, 'send');
    await sql`INSERT INTO deliveries (bucket, stream, campaign_id, via_list_id, person_id, address, recipient_domain, state, settled_at)
              SELECT b.bucket, 'news', b.id, s.list_id, s.person_id, 'x@growing.example', 'growing.example', 'failed', now()
                FROM batches b, (SELECT s.* FROM subscriptions s JOIN lists l ON l.id = s.list_id WHERE l.slug = 'growing' LIMIT 100) s
               WHERE b.id = ${id}`.execute(api.db);
    expect(await resend(id, { states: ['failed'] })).toMatchObject({ body: { queued: 100 } });
    const complete = async () =>
      (await api.db.selectFrom('batches').select('complete').where('id', '=', id).executeTakeFirstOrThrow())
        .complete;
    expect(await complete()).toBe(false);
    await advance(id);
    expect(await look(id)).toMatchObject({ frozenAt: expect.any(String), counts: { queued: 6_000 } });
    expect(await complete()).toBe(true);
  });

  test('a state that has no resend is 409 and named', async () => {
    const id = await campaign('early', 1);
    const refused = async (state: string) =>
      expect(await resend(id, { states: ['failed'] })).toMatchObject({
        status: 409,
        body: { name: 'wrong_state', message: `Campaign ${id} is ${state}; "resend" is not possible` },
      });
    await refused('draft');
    await api.post(`/v1/campaigns/${id}/schedule`, { at: new Date(Date.now() + 3_600_000).toISOString() });
    await refused('scheduled');
    await move(id, 'cancel');
    await refused('cancelled');
    expect(await resend(newId(), { states: ['failed'] })).toMatchObject({ status: 404 });
  });

  test.each([
    ['no state', {}, 'states'],
    ['none of them', { states: [] }, 'states'],
    ['a state that is an end', { states: ['sent'] }, 'states.0'],
    ['an empty reason', { states: ['failed'], reasons: [''] }, 'reasons.0'],
    ['no reasons', { states: ['failed'], reasons: [] }, 'reasons'],
    ['an unknown field', { states: ['failed'], all: true }, 'all'],
  ])('%s: 422', async (_, body, named) => {
    const answer = await resend(newId(), body);
    expect(answer).toMatchObject({ status: 422, body: { message: expect.stringContaining(named) } });
  });
});
