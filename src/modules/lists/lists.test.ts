import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestApi } from '../../../test/support/api.js';
import { ConfigError, loadConfig } from '../../platform/config/index.js';
import { Lists, ListsModule, listsControllers, Senders } from './index.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({ modules: [ListsModule], controllers: listsControllers });
});
afterAll(() => api.stop());

const create = (body: object, headers?: Record<string, string>) => api.post('/v1/lists', body, headers);

describe('creating', () => {
  test('the defaults are double opt-in, public, the first sender', async () => {
    const { status, body } = await create({ slug: 'letters', name: ' The Sunday Letter ' });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      slug: 'letters',
      name: 'The Sunday Letter',
      description: null,
      optIn: 'double',
      visibility: 'public',
      reminder: false,
      softBounceLimit: null,
      sender: 'default',
      archivedAt: null,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect((await api.read('/v1/lists/letters')).body).toEqual(body);
  });

  test('a slug that is taken is a 409 that names it, also for requests at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => create({ slug: 'once', name: 'Once' })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201, 409, 409, 409, 409, 409, 409, 409,
    ]);
    expect(answers.find(({ status }) => status === 409)?.body).toEqual({
      statusCode: 409,
      name: 'list_exists',
      message: 'There is already a list "once"',
      details: [],
    });
  });

  test('an Idempotency-Key makes it once', async () => {
    const again = () => create({ slug: 'keyed', name: 'Keyed' }, { 'Idempotency-Key': 'list 1' });
    const [first, second] = [await again(), await again()];
    expect(second).toEqual(first);
    expect(first.status).toBe(201);
  });

  test.each([
    [{ name: 'No slug' }, 'slug'],
    [{ slug: 'Upper', name: 'x' }, 'slug'],
    [{ slug: '-dash', name: 'x' }, 'slug'],
    [{ slug: 'a'.repeat(64), name: 'x' }, 'slug'],
    [{ slug: 'a\u0000', name: 'x' }, 'slug'],
    [{ slug: 'bad' }, 'name'],
    [{ slug: 'bad', name: '' }, 'name'],
    [{ slug: 'bad', name: 'a\r\nBcc: x@example.com' }, 'name'],
    [{ slug: 'bad', name: 'NUL\u0000' }, 'name'],
    [{ slug: 'bad', name: '\ud800' }, 'name'],
    [{ slug: 'bad', name: 'x', description: '\udfff' }, 'description'],
    [{ slug: 'bad', name: 'x', optIn: 'maybe' }, 'optIn'],
    [{ slug: 'bad', name: 'x', visibility: 'secret' }, 'visibility'],
    [{ slug: 'bad', name: 'x', sender: 'nobody' }, 'sender'],
    [{ slug: 'bad', name: 'x', archived: true }, 'archived'],
  ])('%j is refused', async (body, field) => {
    const answer = await create(body);
    expect(answer.status).toBe(422);
    expect(answer.body.details[0].field).toBe(field);
    expect((await api.read('/v1/lists/bad')).status).toBe(404);
  });
});

test('lists page by cursor, the oldest first', async () => {
  for (const slug of ['page-1', 'page-2', 'page-3']) await create({ slug, name: slug });
  const all: string[] = [];
  for (let after: string | undefined, more = true; more;) {
    const { body } = await api.read(`/v1/lists?limit=2${after === undefined ? '' : `&after=${after}`}`);
    expect(body.data.length).toBeLessThanOrEqual(2);
    all.push(...body.data.map(({ slug }: { slug: string }) => slug));
    after = body.data.at(-1).id;
    more = body.hasMore;
  }
  expect(all.slice(-3)).toEqual(['page-1', 'page-2', 'page-3']);
  expect(new Set(all).size).toBe(all.length);
  expect((await api.read('/v1/lists?after=x')).status).toBe(422);
  expect((await api.read('/v1/lists?limit=0')).body.details[0].field).toBe('limit');
});

test('a change leaves what it does not name; archiving keeps its time', async () => {
  await create({ slug: 'change', name: 'Before', description: 'About this and that' });
  const change = (body: object) => api.call('PATCH', '/v1/lists/change', body);
  expect((await change({ name: 'After', visibility: 'private' })).body).toMatchObject({
    name: 'After',
    visibility: 'private',
    description: 'About this and that',
  });
  expect((await change({ description: null, sender: 'default' })).body).toMatchObject({
    name: 'After',
    description: null,
  });
  const { archivedAt } = (await change({ archived: true })).body;
  expect(archivedAt).toEqual(expect.any(String));
  expect((await change({ archived: true })).body.archivedAt).toBe(archivedAt);
  expect((await change({ archived: false })).body.archivedAt).toBeNull();
  expect((await change({})).status).toBe(200);
  expect((await change({ slug: 'other' })).status).toBe(422);
  expect((await change({ optIn: 'single' })).status).toBe(422);
  expect((await change({ sender: 'nobody' })).body.message).toBe('sender: there is no sender "nobody"');
});

test.each(['nothing', 'NO', '%00', 'a%20b'])('there is no list %s', async (slug) => {
  expect((await api.read(`/v1/lists/${slug}`)).status).toBe(404);
  expect((await api.call('PATCH', `/v1/lists/${slug}`, { name: 'x' })).status).toBe(404);
});

test('bySlugs answers in the order of the slugs and names the first unknown one', async () => {
  for (const slug of ['order-a', 'order-b']) await create({ slug, name: slug });
  const lists = api.get(Lists);
  const found = await lists.bySlugs(api.db, ['order-b', 'order-a', 'order-b'], 'lists');
  expect(found.map(({ slug }) => slug)).toEqual(['order-b', 'order-a', 'order-b']);
  await expect(lists.bySlugs(api.db, ['order-a', 'none'], 'lists')).rejects.toThrow(
    'lists.1: there is no list "none"',
  );
});

describe('the default sender', () => {
  const ensure = (environment: Record<string, string>) =>
    api.get(Senders).ensureDefaults(loadConfig(environment, '/dev/null'));

  test('what the environment sets wins, what it leaves out stays', async () => {
    await ensure({
      MAIL_FROM: 'Fernweh <post@fernweh.example>',
      POSTAL_ADDRESS: '12 Harbour Street\\nHamburg',
    });
    const set = await api.get(Senders).first(api.db);
    expect(set).toMatchObject({
      slug: 'default',
      fromName: 'Fernweh',
      fromAddress: 'post@fernweh.example',
      domain: 'fernweh.example',
      brand: { name: 'Fernweh', colour: '#b4441c', postalAddress: '12 Harbour Street\nHamburg' },
    });
    await ensure({});
    expect(await api.get(Senders).first(api.db)).toEqual(set);
    await ensure({ MAIL_FROM: 'post@bücher.example' });
    expect(await api.get(Senders).bySlug(api.db, 'default')).toMatchObject({
      fromName: null,
      domain: 'xn--bcher-kva.example',
      brand: { name: 'xn--bcher-kva.example', postalAddress: '12 Harbour Street\nHamburg' },
    });
  });

  test('processes that start together make one', async () => {
    await Promise.all(Array.from({ length: 6 }, () => ensure({ MAIL_FROM: 'Shop <news@shop.example>' })));
    expect(await api.db.selectFrom('senders').select('slug').execute()).toHaveLength(1);
    expect(await api.db.selectFrom('brands').select('slug').execute()).toHaveLength(1);
  });

  test('a From that cannot be mailed from stops the start', async () => {
    await expect(ensure({ MAIL_FROM: 'news@localhost' })).rejects.toThrow(ConfigError);
  });
});
