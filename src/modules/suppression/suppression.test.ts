import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PeopleApi } from '../../../test/support/people-api.js';
import { Suppressions } from './index.js';

let people: PeopleApi;
beforeAll(async () => {
  people = await PeopleApi.start();
  await people.list('letters');
});
afterAll(() => people.stop());

const add = (body: object) => people.api.post('/v1/suppressions', body);
const search = (body: object) => people.api.post('/v1/suppressions/search', body);
const release = (id: string, body: object = { note: 'asked to' }) =>
  people.api.post(`/v1/suppressions/${id}/release`, body);
const events = async (id: string) =>
  (
    await people.api.db
      .selectFrom('events')
      .select(['type', 'data'])
      .where('type', 'like', 'suppression.%')
      .execute()
  )
    .filter(({ data }) => data['suppressionId'] === id)
    .map(({ type }) => type);

describe('adding', () => {
  test('the address is canonical, everything is the default scope', async () => {
    const { status, body } = await add({ address: ' Ada@EXAMPLE.com ', evidence: 'wrote to us' });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      address: 'ada@example.com',
      scope: 'all',
      list: null,
      reason: 'manual',
      evidence: 'wrote to us',
      createdAt: expect.any(String),
      releasedAt: null,
      releaseNote: null,
    });
    expect(await events(body.id)).toEqual(['suppression.added']);
  });

  test('the same again is the same one, also for requests at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => add({ address: 'same@example.com', scope: 'news' })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 200, 200, 200, 200, 200, 200, 201,
    ]);
    const [id, ...others] = new Set(answers.map(({ body }) => body.id as string));
    expect(others).toEqual([]);
    expect(await events(id!)).toEqual(['suppression.added']);
  });

  test('one address may have several scopes', async () => {
    const address = 'several@example.com';
    const made = [
      await add({ address }),
      await add({ address, scope: 'news' }),
      await add({ address, scope: 'list', list: 'letters' }),
    ];
    expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(made[2]!.body).toMatchObject({ scope: 'list', list: 'letters' });
  });

  test.each([
    [{}, 'address'],
    [{ address: 'nobody' }, 'address'],
    [{ address: 'a\u0000@example.com' }, 'address'],
    [{ address: 'bad@example.com', scope: 'some' }, 'scope'],
    [{ address: 'bad@example.com', scope: 'list' }, 'list'],
    [{ address: 'bad@example.com', list: 'letters' }, 'list'],
    [{ address: 'bad@example.com', scope: 'list', list: 'none' }, 'list'],
    [{ address: 'bad@example.com', scope: 'list', list: '\u0000' }, 'list'],
    [{ address: 'bad@example.com', reason: 'complaint' }, 'reason'],
    [{ address: 'bad@example.com', evidence: 'NUL\u0000' }, 'evidence'],
    [{ address: 'bad@example.com', evidence: '\ud800' }, 'evidence'],
    [{ address: 'bad@example.com', until: 'tomorrow' }, 'until'],
  ])('%j is refused', async (body, field) => {
    const answer = await add(body);
    expect(answer.status).toBe(422);
    expect(answer.body.details[0].field).toBe(field);
    expect((await search({ address: 'bad@example.com' })).body.data).toEqual([]);
  });
});

describe('releasing', () => {
  test('keeps the row and its note, once', async () => {
    const { body } = await add({ address: 'back@example.com' });
    const first = await release(body.id, { note: 'called us' });
    expect(first).toMatchObject({
      status: 200,
      body: { id: body.id, releaseNote: 'called us', releasedAt: expect.any(String) },
    });
    expect(await release(body.id, { note: 'again' })).toEqual(first);
    expect(await events(body.id)).toEqual(['suppression.added', 'suppression.released']);
    const second = await add({ address: 'back@example.com' });
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(body.id);
  });

  test('an unknown one is a 404, a missing note a 422', async () => {
    expect((await release('019a8e7c-52f1-7cc4-9d35-0e6c7f1b2a3d')).status).toBe(404);
    expect((await release('x')).status).toBe(422);
    const { body } = await add({ address: 'note@example.com' });
    expect((await release(body.id, {})).body.details[0].field).toBe('note');
  });
});

test('a search finds by address, scope, list, reason and state, the newest first, in pages', async () => {
  const address = 'find@example.com';
  const ids = [];
  for (const scope of [{ scope: 'all' }, { scope: 'news' }, { scope: 'list', list: 'letters' }]) {
    ids.push((await add({ address, ...scope })).body.id);
  }
  await release(ids[0]);
  const found = async (body: object) =>
    (await search({ address: 'FIND@example.com', ...body })).body.data.map(({ id }: { id: string }) => id);
  expect(await found({})).toEqual(ids.toReversed());
  expect(await found({ active: true })).toEqual([ids[2], ids[1]]);
  expect(await found({ active: false })).toEqual([ids[0]]);
  expect(await found({ scope: 'news', reason: 'manual' })).toEqual([ids[1]]);
  expect(await found({ list: 'letters' })).toEqual([ids[2]]);
  const page = await search({ address, limit: 2 });
  expect(page.body.hasMore).toBe(true);
  expect(await found({ after: page.body.data[1].id })).toEqual([ids[0]]);
  expect((await search({ list: 'none' })).status).toBe(422);
  expect((await search({ colour: 'red' })).status).toBe(422);
  expect((await search({ after: 'x' })).body.details[0].field).toBe('after');
});

test('activeFor answers for one address and for many', async () => {
  await add({ address: 'one@example.com' });
  await add({ address: 'two@example.com', scope: 'news' });
  const suppressions = people.api.get(Suppressions);
  const active = async (canonical: string | string[]) =>
    (await suppressions.activeFor(people.api.db, canonical)).map(({ address, scope }) => [address, scope]);
  expect(await active('one@example.com')).toEqual([['one@example.com', 'all']]);
  expect(await active(['two@example.com', 'one@example.com', 'three@example.com'])).toEqual([
    ['one@example.com', 'all'],
    ['two@example.com', 'news'],
  ]);
  expect(await active([])).toEqual([]);
});

test('every call needs the scope', async () => {
  const answer = await people.api.post('/v1/suppressions/search', {}, { Authorization: 'Bearer pr_wrong' });
  expect(answer.status).toBe(401);
});
