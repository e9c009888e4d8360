import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestApi, type TestAnswer } from '../../../test/support/api.js';
import { ListsModule, listsControllers } from '../lists/index.js';
import { CampaignAdvance } from './campaign-advance.service.js';
import { CampaignsModule, campaignsControllers } from './index.js';

const parts = {
  modules: [CampaignsModule, ListsModule],
  controllers: [...campaignsControllers, ...listsControllers],
};
const draft = { name: 'November', subject: 'Hello', lists: ['letters'], content: 'All is well.' };

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start(parts);
  await api.post('/v1/lists', { slug: 'letters', name: 'Letters' });
});
afterAll(() => api.stop());

const created = async (): Promise<string> => (await api.post('/v1/campaigns', draft)).body.id as string;
const move = (
  id: string,
  name: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<TestAnswer> => api.post(`/v1/campaigns/${id}/${name}`, body, headers);
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const events = async (id: string) =>
  (
    await api.db.selectFrom('events').select('type').where('campaign_id', '=', id).orderBy('id').execute()
  ).map(({ type }) => type);

describe('the moves', () => {
  test('send, pause, resume, cancel, each with its event', async () => {
    const id = await created();
    expect(await move(id, 'send')).toMatchObject({
      status: 200,
      body: { id, state: 'sending', startedAt: expect.any(String) },
    });
    expect(await move(id, 'pause')).toMatchObject({ status: 200, body: { state: 'paused' } });
    expect(await move(id, 'resume')).toMatchObject({ status: 200, body: { state: 'sending' } });
    expect(await move(id, 'cancel')).toMatchObject({
      status: 200,
      body: { state: 'cancelled', finishedAt: expect.any(String) },
    });
    expect(await events(id)).toEqual([
      'campaign.started',
      'campaign.paused',
      'campaign.resumed',
      'campaign.cancelled',
    ]);
  });

  test('a move that does not exist is 409 with the state and the move', async () => {
    const id = await created();
    const refused = async (name: string, state: string, body?: unknown) => {
      const answer = await move(id, name, body);
      expect(answer).toMatchObject({ status: 409, body: { name: 'wrong_state' } });
      expect(answer.body.message).toContain(`is ${state}; "${name}"`);
    };
    await refused('pause', 'draft');
    await refused('resume', 'draft');
    await move(id, 'send');
    await refused('send', 'sending');
    await refused('schedule', 'sending', { at: inAnHour() });
    await refused('resume', 'sending');
    expect(await api.call('PATCH', `/v1/campaigns/${id}`, { name: 'x' })).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('is sending') },
    });
    await move(id, 'cancel');
    for (const name of ['send', 'pause', 'resume', 'cancel']) await refused(name, 'cancelled');
    expect(await events(id)).toEqual(['campaign.started', 'campaign.cancelled']);
  });

  test('sent ten times at once: once', async () => {
    const id = await created();
    const answers = await Promise.all(Array.from({ length: 10 }, () => move(id, 'send')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    expect(await events(id)).toEqual(['campaign.started']);
  });

  test('sent again with the same Idempotency-Key: the same answer', async () => {
    const id = await created();
    const headers = { 'Idempotency-Key': 'send-it' };
    const first = await move(id, 'send', undefined, headers);
    expect(first.status).toBe(200);
    expect(await move(id, 'send', undefined, headers)).toEqual(first);
  });

  test('the content is pinned: what is sent is what it said then', async () => {
    const id = await created();
    await move(id, 'send');
    const { source } = await api.db
      .selectFrom('batches as b')
      .innerJoin('template_revisions as r', 'r.id', 'b.revision_id')
      .select('r.source')
      .where('b.id', '=', id)
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(source)).toContain('All is well.');
  });

  test('content that broke since is refused at send, with nothing done', async () => {
    const id = await created();
    await api.db
      .updateTable('campaigns')
      .set({ content: 'One\n\n{% if x %}' })
      .where('id', '=', id)
      .execute();
    expect(await move(id, 'send')).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('content: line 3') },
    });
    expect((await api.read(`/v1/campaigns/${id}`)).body).toMatchObject({ state: 'draft', startedAt: null });
    expect(await api.db.selectFrom('batches').select('id').where('id', '=', id).execute()).toEqual([]);
  });
});

describe('a schedule', () => {
  const advance = (id: string) => api.get(CampaignAdvance).advance(id);
  const makeDue = (id: string) =>
    api.db
      .updateTable('campaigns')
      .set({ scheduled_at: new Date(Date.now() - 1_000) })
      .where('id', '=', id)
      .execute();

  test('starts when its time has come, and not before', async () => {
    const id = await created();
    const at = inAnHour();
    expect(await move(id, 'schedule', { at })).toMatchObject({
      status: 200,
      body: { state: 'scheduled', scheduledAt: at },
    });
    expect(await move(id, 'schedule', { at: inAnHour() })).toMatchObject({ status: 200 });
    await advance(id);
    expect((await api.read(`/v1/campaigns/${id}`)).body.state).toBe('scheduled');
    expect(await api.get(CampaignAdvance).due()).not.toContain(id);
    await makeDue(id);
    expect(await api.get(CampaignAdvance).due()).toContain(id);
    await Promise.all([advance(id), advance(id), advance(id)]);
    expect((await api.read(`/v1/campaigns/${id}`)).body).toMatchObject({
      state: 'sending',
      frozenAt: expect.any(String),
    });
    expect(await events(id)).toEqual(['campaign.started']);
    expect(await api.get(CampaignAdvance).due()).not.toContain(id);
  });

  test('that cannot start goes back to draft and says why', async () => {
    const id = await created();
    await move(id, 'schedule', { at: inAnHour() });
    await api.db.updateTable('campaigns').set({ content: '{% if x %}' }).where('id', '=', id).execute();
    await makeDue(id);
    await advance(id);
    expect((await api.read(`/v1/campaigns/${id}`)).body).toMatchObject({
      state: 'draft',
      stateReason: expect.stringContaining('content: '),
      scheduledAt: null,
    });
    expect(await events(id)).toEqual(['campaign.unscheduled']);
    expect(await api.call('PATCH', `/v1/campaigns/${id}`, { content: 'Well.' })).toMatchObject({
      body: { stateReason: null },
    });
    expect(await move(id, 'send')).toMatchObject({ status: 200 });
  });

  test.each([
    ['that has passed', { at: '2020-01-01T00:00:00Z' }, 'at: '],
    ['without a time zone', { at: '2030-01-01T00:00:00' }, 'at: '],
    ['missing', {}, 'at: '],
    ['with an unknown field', { at: '2030-01-01T00:00:00Z', when: 1 }, 'when'],
  ])('a time %s: 422', async (_, body, named) => {
    const answer = await move(await created(), 'schedule', body);
    expect(answer).toMatchObject({ status: 422, body: { message: expect.stringContaining(named) } });
  });
});

describe('news leaves only', () => {
  const elsewhere = async (environment: Record<string, string>) => {
    const other = await TestApi.start({ ...parts, environment });
    try {
      await other.post('/v1/lists', { slug: 'letters', name: 'Letters' });
      const { body } = await other.post('/v1/campaigns', draft);
      const answer = await other.post(`/v1/campaigns/${body.id}/send`);
      const at = { at: inAnHour() };
      expect((await other.post(`/v1/campaigns/${body.id}/schedule`, at)).status).toBe(
        answer.status === 200 ? 409 : 422,
      );
      return answer;
    } finally {
      await other.stop();
    }
  };

  test('with an https PUBLIC_URL', async () => {
    const answer = await elsewhere({
      PUBLIC_URL: 'http://mail.example.com',
      POSTAL_ADDRESS: 'Harbour Lane 14',
    });
    expect(answer).toMatchObject({ status: 422, body: { details: [{ field: 'PUBLIC_URL' }] } });
  });

  test('with a postal address', async () => {
    const answer = await elsewhere({ PUBLIC_URL: 'https://mail.example.com' });
    expect(answer).toMatchObject({ status: 422, body: { details: [{ field: 'POSTAL_ADDRESS' }] } });
  });

  test('and then it does', async () => {
    const answer = await elsewhere({
      PUBLIC_URL: 'https://mail.example.com',
      POSTAL_ADDRESS: 'Harbour Lane 14',
    });
    expect(answer).toMatchObject({ status: 200, body: { state: 'sending' } });
  });
});
