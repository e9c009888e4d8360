import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { TestApi } from '../../../test/support/api.js';
import { newId } from '../../domain/index.js';
import { ListsModule, listsControllers } from '../lists/index.js';
import type { CampaignReport } from './campaign-report.schemas.js';
import { CampaignsModule, campaignsControllers } from './index.js';

const RECIPIENTS = 600;
const DOMAINS = 30;

let api: TestApi;
let id: string;

beforeAll(async () => {
  api = await TestApi.start({
    modules: [CampaignsModule, ListsModule],
    controllers: [...campaignsControllers, ...listsControllers],
  });
  await api.post('/v1/lists', { slug: 'letters', name: 'Letters' });
  // Another campaign of the same month stands between the rows of this one.
  const other = await campaign();
  id = await campaign();
  for (let part = 0; part < 3; part += 1) {
    await deliveries(other, part);
    await deliveries(id, part);
  }
});
afterAll(() => api.stop());

async function campaign(): Promise<string> {
  const body = { name: 'Blast', subject: 'Hello', lists: ['letters'], content: 'All is well.' };
  const created = (await api.post('/v1/campaigns', body)).body.id as string;
  expect((await api.post(`/v1/campaigns/${created}/send`)).status).toBe(200);
  return created;
}

/** A third of the recipients: all states, replies with and without code, enhanced status and reason, over large and small domains. */
async function deliveries(campaignId: string, part: number): Promise<void> {
  await sql`
    INSERT INTO deliveries (bucket, stream, campaign_id, via_list_id, person_id, address, recipient_domain, state, reason,
                            reply_code, reply, outcome, lease_until, settled_at)
    SELECT b.bucket, 'news', b.id, ${newId()}, gen_random_uuid(), 'person-' || n || '@' || domain, domain,
           r.state, r.reason, r.code, replace(r.reply, 'ADDRESS', 'person-' || n || '@' || domain),
           CASE WHEN r.state = 'sent' AND n % 11 = 0 THEN 'complained' WHEN r.state = 'sent' AND n % 13 = 0 THEN 'bounced' END,
           CASE WHEN r.state = 'sending' THEN now() + interval '1 hour' END, now()
      FROM batches b, generate_series(1, ${RECIPIENTS}::int) n,
           LATERAL (SELECT 'd' || floor(sqrt(n % (${DOMAINS}::int * ${DOMAINS}::int))) || '.example' AS domain) d,
           LATERAL (SELECT * FROM (VALUES
             (0, 'sent', NULL, 250, '250 2.0.0 Ok: queued as 1'), (1, 'sent', NULL, 250, '250 Ok'),
             (2, 'failed', 'user_unknown', 550, '550 5.1.1 <ADDRESS>: no such user'),
             (3, 'failed', 'user_unknown', 550, '550 no such user'),
             (4, 'failed', 'user_unknown', 551, '551 5.1.1 no such user'),
             (5, 'failed', 'host_unknown', 550, '550 5.1.1 no such host'),
             (6, 'failed', 'content: line 1', NULL, NULL),
             (7, 'unknown', 'no_answer', NULL, 'the connection ended'), (8, 'unknown', 'lease_ended', NULL, NULL),
             (9, 'deferred', 'greylisted', 450, '450 4.2.0 ADDRESS is greylisted'),
             (10, 'skipped', 'unsubscribed', NULL, NULL), (11, 'skipped', 'suppressed', 450, '450 4.2.0 later'),
             (12, 'queued', NULL, NULL, NULL), (13, 'sending', NULL, NULL, NULL))
             AS kind (k, state, reason, code, reply) WHERE k = n % 14) r
     WHERE b.id = ${campaignId} AND n % 3 = ${part}`.execute(api.db);
}

const report = async (query = ''): Promise<CampaignReport> => {
  const { status, body } = await api.read(`/v1/campaigns/${id}/report${query}`);
  expect(status).toBe(200);
  return body as CampaignReport;
};

/** Walks all pages. @returns how many rows, each once */
async function listed(filter: Record<string, string | number | null>): Promise<number> {
  const seen = new Set<number>();
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) query.set(name, String(value ?? 'none'));
  query.set('limit', '37');
  for (;;) {
    const { status, body } = await api.read(`/v1/campaigns/${id}/deliveries?${query.toString()}`);
    expect(status).toBe(200);
    for (const row of body.data) seen.add(row.id);
    if (!body.hasMore) return seen.size;
    expect(body.data).toHaveLength(37);
    query.set('after', body.data.at(-1).id);
  }
}

const { recipients: _, ...states } = {
  recipients: 0,
  queued: 0,
  sending: 0,
  deferred: 0,
  sent: 0,
  failed: 0,
  skipped: 0,
  unknown: 0,
};
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe('the report', () => {
  test('adds up: over states, domains, replies and reasons', async () => {
    const { counts, outcomes, domains, otherDomains, replies, skips } = await report('?domains=5');
    expect(counts.recipients).toBe(RECIPIENTS);
    expect(domains).toHaveLength(5);
    const parts = [...domains, otherDomains];
    for (const name of Object.keys(counts) as (keyof typeof counts)[])
      expect([name, sum(parts.map((part) => part.counts[name]))]).toEqual([name, counts[name]]);
    for (const name of Object.keys(outcomes) as (keyof typeof outcomes)[])
      expect([name, sum(parts.map((part) => part.outcomes[name]))]).toEqual([name, outcomes[name]]);
    for (const state of ['failed', 'deferred', 'unknown'] as const) {
      const lines = replies.filter((line) => line.state === state);
      expect(sum(lines.map(({ count }) => count))).toBe(counts[state]);
    }
    expect(sum(skips.map(({ count }) => count))).toBe(counts.skipped);
    const sizes = domains.map((line) => line.counts.recipients);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  });

  test('each number has a list of as many', async () => {
    const { counts, outcomes, domains, otherDomains, replies, skips } = await report('?domains=3');
    expect(await listed({})).toBe(counts.recipients);
    for (const state of Object.keys(states) as (keyof typeof states)[])
      expect([state, await listed({ state })]).toEqual([state, counts[state]]);
    for (const outcome of ['delivered', 'bounced', 'complained'] as const)
      expect(await listed({ outcome })).toBe(outcomes[outcome]);
    for (const { domain, ...line } of domains) {
      expect(await listed({ domain })).toBe(line.counts.recipients);
      for (const state of ['sent', 'failed', 'queued'] as const)
        expect(await listed({ domain, state })).toBe(line.counts[state]);
      expect(await listed({ domain, outcome: 'complained' })).toBe(line.outcomes.complained);
    }
    const notDomains = domains.map(({ domain }) => domain).join(',');
    expect(await listed({ notDomains })).toBe(otherDomains.counts.recipients);
    expect(await listed({ notDomains, state: 'failed' })).toBe(otherDomains.counts.failed);
    for (const { state, reason, replyCode, enhanced, count } of replies)
      expect(await listed({ state, reason, replyCode, enhanced })).toBe(count);
    for (const { reason, count } of skips) expect(await listed({ state: 'skipped', reason })).toBe(count);
  });

  test('tells replies apart and shows one of each, without an address', async () => {
    const { replies } = await report();
    expect(replies.map(({ count: __, ...line }) => line)).toEqual(
      expect.arrayContaining([
        {
          state: 'failed',
          reason: 'user_unknown',
          replyCode: 550,
          enhanced: '5.1.1',
          sample: '550 5.1.1 <…>: no such user',
        },
        {
          state: 'failed',
          reason: 'user_unknown',
          replyCode: 550,
          enhanced: null,
          sample: '550 no such user',
        },
        { state: 'failed', reason: 'content: line 1', replyCode: null, enhanced: null, sample: null },
        {
          state: 'unknown',
          reason: 'no_answer',
          replyCode: null,
          enhanced: null,
          sample: 'the connection ended',
        },
        {
          state: 'deferred',
          reason: 'greylisted',
          replyCode: 450,
          enhanced: '4.2.0',
          sample: expect.any(String),
        },
      ]),
    );
    expect(replies).toHaveLength(8);
    expect(JSON.stringify(replies)).not.toMatch(/person-|@/);
  });

  test('is of one moment while mail goes out', async () => {
    const over = new AbortController();
    const moves = ['sent', 'failed', 'queued', 'skipped'];
    const work = (async () => {
      for (let turn = 0; !over.signal.aborted; turn += 1)
        await sql`
          UPDATE deliveries SET state = ${moves[turn % moves.length]}, reason = 'moved', lease_until = NULL
           WHERE campaign_id = ${id} AND id % 4 = ${turn % 3}`.execute(api.db);
    })();
    for (let round = 0; round < 25; round += 1) {
      const { counts, domains, otherDomains, replies, skips } = await report('?domains=4');
      for (const state of Object.keys(states) as (keyof typeof states)[])
        expect(sum([...domains, otherDomains].map((part) => part.counts[state]))).toBe(counts[state]);
      expect(sum(replies.map(({ count }) => count))).toBe(counts.failed + counts.deferred + counts.unknown);
      expect(sum(skips.map(({ count }) => count))).toBe(counts.skipped);
    }
    over.abort();
    await work;
  });

  test('of a draft is empty', async () => {
    const body = { name: 'Draft', subject: 'Hello', lists: ['letters'], content: 'All is well.' };
    const draft = (await api.post('/v1/campaigns', body)).body.id as string;
    expect((await api.read(`/v1/campaigns/${draft}/report`)).body).toMatchObject({
      counts: { recipients: 0 },
      domains: [],
      otherDomains: { domains: 0, counts: { recipients: 0 } },
      replies: [],
      skips: [],
    });
    expect((await api.read(`/v1/campaigns/${draft}/deliveries`)).body).toEqual({ data: [], hasMore: false });
  });

  test('bad input is named', async () => {
    expect(await api.read(`/v1/campaigns/${newId()}/report`)).toMatchObject({ status: 404 });
    for (const query of ['domains=0', 'domains=101', 'domains=x', 'top=5'])
      expect(await api.read(`/v1/campaigns/${id}/report?${query}`)).toMatchObject({ status: 422 });
    const stranger = await api.read(`/v1/campaigns/${id}/deliveries?after=1`);
    // The first row of the month belongs to the other campaign.
    expect(stranger).toMatchObject({
      status: 422,
      body: { message: 'after: 1 is no delivery of this campaign' },
    });
  });
});
