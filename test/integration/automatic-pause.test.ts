import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { startWorker, type RunningWorker } from '../../src/app/worker.js';
import { CampaignAdvance } from '../../src/modules/campaigns/campaign-advance.service.js';
import { CampaignsModule, campaignsControllers } from '../../src/modules/campaigns/index.js';
import { ListsModule, listsControllers } from '../../src/modules/lists/index.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { TestApi } from '../support/api.js';
import { eventually } from '../support/engine.js';
import { ScriptedSmtp, type Script } from '../support/scripted-smtp.js';

/** Longer than a worker looks at the health of what it sends. */
const A_FEW_LOOKS_MS = 5_000;

let api: TestApi;
let relay: ScriptedSmtp;
let script: Script;
let worker: RunningWorker | undefined;

beforeEach(async () => {
  api = await TestApi.start({
    modules: [CampaignsModule, ListsModule],
    controllers: [...campaignsControllers, ...listsControllers],
  });
  await api.post('/v1/lists', { slug: 'letters', name: 'Letters' });
  relay = await ScriptedSmtp.start((moment, line) => script(moment, line), { offers: ['PIPELINING'] });
});

afterEach(async () => {
  await worker?.close();
  await relay.stop();
  await api.stop();
});

/** `0@example.com` and on. */
async function subscribe(size: number): Promise<void> {
  await sql`
    WITH added AS (
      INSERT INTO people (id, canonical, address)
      SELECT gen_random_uuid(), n || '@example.com', n || '@example.com' FROM generate_series(0, ${size}::int - 1) n RETURNING id)
    INSERT INTO subscriptions (id, person_id, list_id, status)
    SELECT gen_random_uuid(), added.id, l.id, 'confirmed' FROM added, lists l`.execute(api.db);
}

async function start(answer: Script): Promise<void> {
  script = answer;
  const { databaseUrl, dataDir } = api.shared;
  const config = loadConfig(
    {
      DATA_DIR: dataDir,
      LOG_LEVEL: 'silent',
      MAIL_FROM: 'Shop <news@shop.example>',
      SMTP_URL: relay.url,
    },
    '/dev/null',
  );
  worker = await startWorker({ config, databaseUrl, name: 'test' }, ['news', 'campaigns'], relay.url);
}

async function send(): Promise<string> {
  const body = { name: 'Blast', subject: 'Hello', lists: ['letters'], content: 'All is well.' };
  const id = (await api.post('/v1/campaigns', body)).body.id as string;
  expect((await api.post(`/v1/campaigns/${id}/send`)).status).toBe(200);
  return id;
}

const look = async (id: string) => (await api.read(`/v1/campaigns/${id}`)).body;
const inState = (id: string, state: string) =>
  eventually(async () => {
    const view = await look(id);
    return view.state === state && view;
  });
const resume = async (id: string) => expect((await api.post(`/v1/campaigns/${id}/resume`)).status).toBe(200);
const looks = () => new Promise((resolve) => setTimeout(resolve, A_FEW_LOOKS_MS));

/** All but so many wait for a day, so that the campaign is not over before anybody has looked at it. */
const dueNow = (id: string, size: number) =>
  sql`UPDATE deliveries SET due_at = CASE WHEN number <= ${size} THEN now() ELSE now() + interval '1 day' END
        FROM (SELECT bucket AS b, id AS i, row_number() OVER (ORDER BY id) AS number FROM deliveries
               WHERE campaign_id = ${id} AND state = 'queued') waiting
       WHERE bucket = b AND id = i`.execute(api.db);

/** Frozen, with so many due. No worker is there yet. */
async function frozen(size: number, due: number): Promise<string> {
  await subscribe(size);
  const id = await send();
  await api.get(CampaignAdvance).advance(id);
  await dueNow(id, due);
  return id;
}

describe('a blast pauses itself', () => {
  test('where every address is refused: soon, with the reason, and nothing leaves afterwards; a person lets it go on', async () => {
    const id = await frozen(700, 300);
    await start((moment) => (moment === 'RCPT' ? '550 5.1.1 No such user' : undefined));

    const paused = await inState(id, 'paused');
    expect(paused.stateReason).toMatch(
      /^Paused by itself: 100 % of [123]\d\d mails were refused because the address does not exist .* \(limit 5 %\)$/,
    );
    await eventually(async () => (await look(id)).counts.sending === 0);
    const { counts } = await look(id);
    expect(counts.failed).toBeGreaterThanOrEqual(100);
    const said = relay.commands.length;
    await dueNow(id, 700);
    await looks();
    expect(relay.commands.filter((line) => line.startsWith('RCPT')).length).toBe(counts.failed);
    expect(relay.commands.slice(said).filter((line) => line.startsWith('MAIL'))).toEqual([]);
    expect(await look(id)).toMatchObject({ state: 'paused', counts });

    // What was before is forgiven; what comes after is not.
    await dueNow(id, 150);
    await resume(id);
    expect((await look(id)).stateReason).toBeNull();
    const again = await inState(id, 'paused');
    expect(again.stateReason).toMatch(/^Paused by itself: 100 % of 1[0-5]\d mails were refused/);

    script = () => undefined;
    await dueNow(id, 700);
    await resume(id);
    const { failed, sent } = (await inState(id, 'finished')).counts;
    expect(sent).toBeGreaterThan(0);
    expect(sent + failed).toBe(700);
    const types = await api.db
      .selectFrom('events')
      .select(['type', 'data'])
      .where('campaign_id', '=', id)
      .where('type', 'in', ['campaign.paused', 'campaign.resumed', 'campaign.finished'])
      .orderBy('id')
      .execute();
    expect(types).toEqual([
      { type: 'campaign.paused', data: { reason: paused.stateReason } },
      { type: 'campaign.resumed', data: {} },
      { type: 'campaign.paused', data: { reason: again.stateReason } },
      { type: 'campaign.resumed', data: {} },
      { type: 'campaign.finished', data: {} },
    ]);
  });

  test('where the sender is not trusted, and where people complain', async () => {
    const id = await frozen(400, 200);
    let number = 0;
    await start((moment) => {
      if (moment !== 'body') return undefined;
      number += 1;
      return number % 20 === 0 ? '550 5.7.26 This mail is unauthenticated' : undefined;
    });
    expect((await inState(id, 'paused')).stateReason).toMatch(
      /^Paused by itself: .* not authenticated .*\(limit 2 %\)$/,
    );

    script = () => undefined;
    await dueNow(id, 150);
    await resume(id);
    await eventually(async () => (await look(id)).counts.sent >= 300);
    await sql`UPDATE deliveries SET outcome = 'complained' WHERE campaign_id = ${id} AND id IN
               (SELECT id FROM deliveries WHERE campaign_id = ${id} AND state = 'sent' LIMIT 3)`.execute(
      api.db,
    );
    expect((await inState(id, 'paused')).stateReason).toMatch(
      /^Paused by itself: .* marked as spam .*\(limit 0.3 %\)$/,
    );
  });
});

test('three refusals among 500 do not pause it', async () => {
  const id = await frozen(500, 499);
  let refusals = 0;
  await start((moment) => {
    if (moment !== 'RCPT' || refusals === 3) return undefined;
    refusals += 1;
    return '550 5.1.1 No such user';
  });
  await eventually(async () => (await look(id)).counts.queued === 1);
  await looks();
  expect(await look(id)).toMatchObject({ state: 'sending', stateReason: null });
  await dueNow(id, 1);
  expect(await inState(id, 'finished')).toMatchObject({ counts: { sent: 497, failed: 3 } });
});
