import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestApi, type TestAnswer } from '../../../test/support/api.js';
import { KeyRing } from '../../platform/crypto/index.js';
import { ListsModule, listsControllers } from '../lists/index.js';
import { CampaignsModule, campaignsControllers } from './index.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({
    modules: [CampaignsModule, ListsModule],
    controllers: [...campaignsControllers, ...listsControllers],
  });
  for (const slug of ['letters', 'offers', 'archived']) await api.post('/v1/lists', { slug, name: slug });
  await api.call('PATCH', '/v1/lists/archived', { archived: true });
});
afterAll(() => api.stop());

const draft = {
  name: 'November',
  subject: 'Hello {{ recipient.name | default: "friend" }}',
  lists: ['letters'],
  content: '# News\n\nDear {{ recipient.name | default: "friend" }}, all is well.',
};
const create = (body: unknown, headers?: Record<string, string>): Promise<TestAnswer> =>
  api.post('/v1/campaigns', body, headers);
const change = (id: string, body: unknown): Promise<TestAnswer> =>
  api.call('PATCH', `/v1/campaigns/${id}`, body);
const move = (id: string, name: string, body?: unknown): Promise<TestAnswer> =>
  api.post(`/v1/campaigns/${id}/${name}`, body);
const noOne = {
  recipients: 0,
  queued: 0,
  sending: 0,
  deferred: 0,
  sent: 0,
  failed: 0,
  skipped: 0,
  unknown: 0,
};

async function created(body: object = {}): Promise<string> {
  const answer = await create({ ...draft, ...body });
  expect(answer).toMatchObject({ status: 201, body: { state: 'draft' } });
  return answer.body.id as string;
}

describe('a draft', () => {
  test('is what was sent, with what was left out', async () => {
    const { status, body } = await create({ ...draft, preheader: 'Short', lists: ['offers', 'letters'] });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      name: 'November',
      subject: draft.subject,
      preheader: 'Short',
      lists: ['offers', 'letters'],
      sender: 'default',
      retryHours: null,
      content: draft.content,
      mjml: null,
      state: 'draft',
      stateReason: null,
      scheduledAt: null,
      startedAt: null,
      frozenAt: null,
      finishedAt: null,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      counts: noOne,
    });
    expect(await api.read(`/v1/campaigns/${body.id}`)).toEqual({ status: 200, body });
  });

  test('changes: what is left out stays, a new body replaces the old one', async () => {
    const id = await created({ preheader: 'Short' });
    const mjml = '<mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section>';
    expect(await change(id, { mjml, lists: ['offers', 'letters'] })).toMatchObject({
      status: 200,
      body: { mjml, content: null, subject: draft.subject, preheader: 'Short', lists: ['offers', 'letters'] },
    });
    expect(await change(id, { content: '# Again', preheader: null, name: 'New' })).toMatchObject({
      status: 200,
      body: { mjml: null, content: '# Again', preheader: null, name: 'New', lists: ['offers', 'letters'] },
    });
    expect(await change(id, { retryHours: 12 })).toMatchObject({ status: 200, body: { retryHours: 12 } });
    expect(await change(id, {})).toMatchObject({ status: 200, body: { retryHours: 12 } });
    expect(await change(id, { retryHours: null })).toMatchObject({ status: 200, body: { retryHours: null } });
  });

  test('is made once for one Idempotency-Key', async () => {
    const headers = { 'Idempotency-Key': 'campaign' };
    const first = await create(draft, headers);
    expect(await create(draft, headers)).toEqual(first);
    expect(await create({ ...draft, name: 'Other' }, headers)).toMatchObject({ status: 422 });
  });

  test('is on the list of campaigns, newest first, without its content', async () => {
    const ids = [await created(), await created(), await created()].toReversed();
    const first = await api.read('/v1/campaigns?limit=2');
    expect(first.body).toMatchObject({
      hasMore: true,
      data: [{ id: ids[0], counts: noOne }, { id: ids[1] }],
    });
    expect(first.body.data[0]).not.toHaveProperty('content');
    const second = await api.read(`/v1/campaigns?limit=1&after=${ids[1]}`);
    expect(second.body.data).toMatchObject([{ id: ids[2] }]);
  });
});

describe('a test mail', () => {
  test('goes to each address on its own, marked', async () => {
    const id = await created();
    const answer = await move(id, 'test', { to: ['me@example.com', 'you@example.com', 'ME@example.com'] });
    expect(answer).toEqual({ status: 202, body: { emailIds: [expect.any(String), expect.any(String)] } });
    const rows = await api.db
      .selectFrom('messages')
      .select(['subject', 'stream', 'tags', 'content'])
      .where('id', 'in', answer.body.emailIds as string[])
      .execute();
    expect(rows).toHaveLength(2);
    for (const { subject, stream, tags, content } of rows) {
      expect({ subject, stream, tags }).toEqual({
        subject: '[Test] Hello friend',
        stream: 'service',
        tags: ['campaign.test'],
      });
      const { body } = api.get(KeyRing).unsealJson('content', content ?? Buffer.alloc(0)) as {
        body: { html: string; text: string };
      };
      expect(body.html).toContain('Dear friend, all is well.');
      expect(body.text).toContain('Dear friend, all is well.');
    }
    expect((await api.read(`/v1/campaigns/${id}`)).body.state).toBe('draft');
  });

  test.each([
    ['no address', { to: [] }],
    ['eleven', { to: Array.from({ length: 11 }, (_, index) => `t${index}@example.com`) }],
    ['a broken one', { to: ['x'] }],
  ])('%s: 422', async (_, body) => {
    expect(await move(await created(), 'test', body)).toMatchObject({
      status: 422,
      body: { message: expect.stringMatching(/^to/) },
    });
  });
});

describe('bad input is refused by name, and leaves nothing', () => {
  const { content: _, ...empty } = draft;

  test.each<[string, unknown, string]>([
    ['an unknown field', { ...draft, html: 'x' }, 'html'],
    ['a missing field', { ...draft, name: undefined }, 'name'],
    ['nothing to say', empty, 'content: a campaign needs'],
    ['two bodies', { ...draft, mjml: '<mj-section/>' }, 'mjml: a campaign has either'],
    ['no list', { ...draft, lists: [] }, 'lists'],
    ['an unknown list', { ...draft, lists: ['letters', 'nope'] }, 'lists.1: there is no list \\"nope\\"'],
    ['a list twice', { ...draft, lists: ['letters', 'letters'] }, 'lists: names a list twice'],
    ['a list with NUL', { ...draft, lists: ['a\0'] }, 'lists.0'],
    ['an archived list', { ...draft, lists: ['archived'] }, 'lists.0: the list \\"archived\\" is archived'],
    ['an unknown sender', { ...draft, sender: 'nope' }, 'sender: there is no sender \\"nope\\"'],
    ['Liquid with a mistake', { ...draft, content: 'One\n\n{% if x %}' }, 'content: line 3'],
    [
      'MJML with a mistake',
      { ...empty, mjml: '<mj-section>\n<mj-colum>\n</mj-colum></mj-section>' },
      'mjml: line 2',
    ],
    ['script', { ...empty, mjml: '<mj-raw><script>x</script></mj-raw>' }, 'mjml: line 1'],
    [
      'a merge tag that does not exist',
      { ...draft, content: 'Hi\n\nDear {{ recipent.name }}' },
      'content: line 3: the variable \\"recipent\\" is missing',
    ],
    [
      'a mistake in the subject',
      { ...draft, subject: 'Hello {{ recipient.nam }}' },
      'subject: line 1: the variable',
    ],
    ['a mistake in the preheader', { ...draft, preheader: '{% if %}' }, 'preheader: '],
    ['a line break in the subject', { ...draft, subject: 'a\nb' }, 'subject: must be one line'],
    ['half a surrogate pair', { ...draft, content: 'x\ud800' }, 'content: must not hold half'],
    ['no hour to try', { ...draft, retryHours: 0 }, 'retryHours'],
    ['more than four days to try', { ...draft, retryHours: 97 }, 'retryHours'],
    ['a name that is too long', { ...draft, name: 'x'.repeat(201) }, 'name'],
  ])('%s', async (_name, body, named) => {
    const count = () =>
      api.db
        .selectFrom('campaigns')
        .select((row) => row.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
    const before = await count();
    const answer = await create(body);
    expect(answer).toMatchObject({ status: 422, body: { name: 'validation_failed' } });
    expect(JSON.stringify(answer.body)).toContain(named);
    expect(await count()).toEqual(before);
  });

  test('a change that would break it changes nothing', async () => {
    const id = await created();
    const before = await api.read(`/v1/campaigns/${id}`);
    for (const body of [
      { content: '{% if x %}' },
      { lists: ['letters', 'nope'] },
      { subject: '' },
      { state: 'sent' },
      { sender: 'nope' },
    ]) {
      expect(await change(id, body)).toMatchObject({ status: 422 });
    }
    expect(await api.read(`/v1/campaigns/${id}`)).toEqual(before);
  });

  test('a body of two megabytes', async () => {
    expect(await create({ ...draft, content: 'x'.repeat(2 * 1024 * 1024) })).toMatchObject({ status: 413 });
  });

  test('a campaign that does not exist', async () => {
    for (const id of ['019abcde-0000-7000-8000-000000000000', 'nope', '%00']) {
      expect(await api.read(`/v1/campaigns/${id}`)).toMatchObject({ status: 404 });
      expect(await api.read(`/v1/campaigns/${id}/deliveries`)).toMatchObject({ status: 404 });
      expect(await change(id, {})).toMatchObject({ status: 404 });
      for (const name of ['send', 'pause', 'resume', 'cancel'])
        expect(await move(id, name)).toMatchObject({ status: 404 });
      expect(await move(id, 'test', { to: ['a@example.com'] })).toMatchObject({ status: 404 });
    }
  });

  test('a query that does not exist', async () => {
    const id = await created();
    for (const query of [
      'state=lost',
      'limit=0',
      'after=x',
      'colour=red',
      'replyCode=x',
      'enhanced=5',
      'domain=',
    ]) {
      expect(await api.read(`/v1/campaigns/${id}/deliveries?${query}`)).toMatchObject({ status: 422 });
    }
    expect(await api.read('/v1/campaigns?after=x')).toMatchObject({ status: 422 });
  });
});
