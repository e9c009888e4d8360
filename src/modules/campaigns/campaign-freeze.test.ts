import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { TestApi } from '../../../test/support/api.js';
import { Engine, eventually } from '../../../test/support/engine.js';
import { Sink } from '../../../test/support/sink.js';
import type { Drain } from '../../platform/queue/index.js';
import { Batches } from '../delivery/index.js';
import { ListsModule, listsControllers } from '../lists/index.js';
import { Audience } from './audience.js';
import { CampaignAdvance } from './campaign-advance.service.js';
import { CampaignMoves } from './campaign-moves.service.js';
import { CampaignResend } from './campaign-resend.service.js';
import { CampaignsRepository } from './campaigns.repository.js';
import { CampaignsModule, campaignsControllers } from './index.js';

let api: TestApi;
const start = async () => {
  api = await TestApi.start({
    modules: [CampaignsModule, ListsModule],
    controllers: [...campaignsControllers, ...listsControllers],
  });
};

/** People `from`…`to` by number, confirmed on a list. */
async function subscribe(slug: string, from: number, to: number, status = 'confirmed'): Promise<void> {
  await sql`
    INSERT INTO people (id, canonical, address)
    SELECT md5('person ' || n)::uuid, 'person-' || n || '@example.com', 'person-' || n || '@example.com'
      FROM generate_series(${from}::int, ${to}::int) n ON CONFLICT DO NOTHING`.execute(api.db);
  await sql`
    INSERT INTO subscriptions (id, person_id, list_id, status)
    SELECT gen_random_uuid(), md5('person ' || n)::uuid, l.id, ${status}
      FROM generate_series(${from}::int, ${to}::int) n, lists l WHERE l.slug = ${slug}`.execute(api.db);
}

async function campaign(...lists: string[]): Promise<string> {
  for (const slug of lists) await api.post('/v1/lists', { slug, name: slug });
  const body = {
    name: 'Blast',
    subject: 'Hello',
    lists,
    content: 'Dear {{ recipient.name | default: "friend" }}',
  };
  return (await api.post('/v1/campaigns', body)).body.id as string;
}

const move = async (id: string, name: string) =>
  expect((await api.post(`/v1/campaigns/${id}/${name}`)).status).toBe(200);
const look = async (id: string) => (await api.read(`/v1/campaigns/${id}`)).body;

/** A worker whose process ends after so many steps. */
function worker(steps = Infinity): CampaignAdvance {
  let left = steps;
  const signal = {
    get aborted(): boolean {
      left -= 1;
      return left < 0;
    },
  };
  return new CampaignAdvance(
    api.db,
    api.get(CampaignsRepository),
    api.get(CampaignMoves),
    api.get(Audience),
    api.get(CampaignResend),
    api.get(Batches),
    { signal } as unknown as Drain,
  );
}

describe('the audience', () => {
  beforeAll(start);
  afterAll(() => api.stop());

  test('is every confirmed person once, through the first of their lists, whoever freezes', async () => {
    const id = await campaign('first', 'second', 'empty');
    await subscribe('first', 1, 12_000);
    await subscribe('second', 11_001, 13_000);
    await subscribe('second', 20_001, 20_010, 'pending');
    await subscribe('second', 20_011, 20_020, 'unsubscribed');
    await move(id, 'send');
    await Promise.all([worker().advance(id), worker().advance(id), worker().advance(id)]);
    expect(await look(id)).toMatchObject({
      state: 'sending',
      frozenAt: expect.any(String),
      counts: { recipients: 13_000, queued: 13_000, sent: 0 },
    });
    const rows = await api.db
      .selectFrom('deliveries as d')
      .innerJoin('lists as l', 'l.id', 'd.via_list_id')
      .select(['l.slug', (row) => row.fn.countAll<number>().as('n')])
      .where('d.campaign_id', '=', id)
      .groupBy('l.slug')
      .orderBy('l.slug')
      .execute();
    expect(rows).toEqual([
      { slug: 'first', n: 12_000 },
      { slug: 'second', n: 1_000 },
    ]);
    expect(await api.get(CampaignAdvance).due()).not.toContain(id);
  });

  test('goes on where it was when a worker stops between two chunks', async () => {
    const id = await campaign('stopped');
    await subscribe('stopped', 1, 32_000);
    await move(id, 'send');
    await worker(1).advance(id);
    expect(await look(id)).toMatchObject({ frozenAt: null, counts: { recipients: 5_000 } });
    expect(await api.get(CampaignAdvance).due()).toContain(id);
    await worker(1).advance(id);
    expect((await look(id)).counts.recipients).toBe(30_000);
    await worker().advance(id);
    expect(await look(id)).toMatchObject({ frozenAt: expect.any(String), counts: { recipients: 32_000 } });
  });

  test('is frozen during a pause too', async () => {
    const id = await campaign('paused');
    await subscribe('paused', 1, 6_000);
    await move(id, 'send');
    await move(id, 'pause');
    expect(await api.get(CampaignAdvance).due()).toContain(id);
    await worker().advance(id);
    expect(await look(id)).toMatchObject({
      state: 'paused',
      frozenAt: expect.any(String),
      counts: { queued: 6_000 },
    });
    expect(await api.get(CampaignAdvance).due()).not.toContain(id);
  });

  test('grows no more once the campaign is cancelled', async () => {
    const id = await campaign('cancelled');
    await subscribe('cancelled', 1, 6_000);
    await move(id, 'send');
    await worker(1).advance(id);
    await move(id, 'cancel');
    await worker().advance(id);
    expect(await look(id)).toMatchObject({ state: 'cancelled', counts: { recipients: 5_000 } });
    expect(await api.get(CampaignAdvance).due()).not.toContain(id);
  });
});

describe('with workers that send', () => {
  let sink: Sink;
  let engine: Engine;
  beforeAll(async () => {
    await start();
    sink = await Sink.start();
    engine = await Engine.start({ smtpUrl: sink.url, ...api.shared });
  });
  afterAll(async () => {
    await engine.stop();
    await sink.stop();
    await api.stop();
  });

  const finished = (id: string) =>
    eventually(async () => {
      // A fast worker may have finished it before the freezing one looked for the last time.
      if ((await api.get(CampaignAdvance).due()).includes(id)) await worker().advance(id);
      const view = await look(id);
      return view.state === 'finished' && view;
    });

  test('everybody gets it, and it is finished once', async () => {
    const id = await campaign('sent');
    await subscribe('sent', 30_001, 30_040);
    await move(id, 'send');
    await worker().advance(id);
    expect(await finished(id)).toMatchObject({
      finishedAt: expect.any(String),
      counts: { recipients: 40, sent: 40, queued: 0 },
    });
    expect(new Set(sink.mails.map(({ to }) => to)).size).toBe(40);
    const events = await api.db
      .selectFrom('events')
      .select('type')
      .where('campaign_id', '=', id)
      .where('type', 'like', 'campaign.%')
      .orderBy('id')
      .execute();
    expect(events.map(({ type }) => type)).toEqual(['campaign.started', 'campaign.finished']);

    const page = await api.read(`/v1/campaigns/${id}/deliveries?state=sent&limit=30`);
    expect(page.body).toMatchObject({ hasMore: true });
    expect(page.body.data[0]).toMatchObject({
      address: expect.stringContaining('@example.com'),
      state: 'sent',
      reply: expect.stringMatching(/^250/),
      settledAt: expect.any(String),
    });
    const rest = await api.read(
      `/v1/campaigns/${id}/deliveries?state=sent&limit=30&after=${page.body.data[29].id}`,
    );
    expect(rest.body).toMatchObject({ hasMore: false });
    expect(rest.body.data).toHaveLength(10);
    expect((await api.read(`/v1/campaigns/${id}/deliveries?state=failed`)).body.data).toEqual([]);
  });

  test('nobody on the lists: finished with no recipients', async () => {
    const id = await campaign('nobody');
    await move(id, 'send');
    await worker().advance(id);
    expect(await finished(id)).toMatchObject({ counts: { recipients: 0 } });
  });

  test('paused before the first mail, then cancelled: everybody is skipped, and counted', async () => {
    const before = sink.mails.length;
    const id = await campaign('held');
    await subscribe('held', 40_001, 40_050);
    await move(id, 'send');
    await move(id, 'pause');
    await worker().advance(id);
    await move(id, 'cancel');
    const { counts } = await eventually(async () => {
      const view = await look(id);
      return view.counts.skipped === 50 && view;
    });
    expect(counts).toMatchObject({ recipients: 50, skipped: 50, sent: 0 });
    expect(sink.mails).toHaveLength(before);
    const { body } = await api.read(`/v1/campaigns/${id}/deliveries?state=skipped&limit=1`);
    expect(body.data).toMatchObject([{ state: 'skipped', reason: 'cancelled' }]);
  });

  test('a test mail arrives, marked', async () => {
    const id = await campaign('tested');
    await api.post(`/v1/campaigns/${id}/test`, { to: ['me@example.com'] });
    const mail = await sink.mail(({ to }) => to === 'me@example.com');
    expect(mail.subject).toBe('[Test] Hello');
    expect(mail.text).toContain('Dear friend');
  });
});
