import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { consent, PeopleApi } from '../../../test/support/people-api.js';
import { PersonalDataRegistry } from '../../platform/personal-data/index.js';
import { Reminders } from './reminders.service.js';

let people: PeopleApi;
beforeAll(async () => {
  people = await PeopleApi.start();
  await people.list('letters');
  await people.list('gentle', { reminder: true });
});
afterAll(() => people.stop());

const ask = async (email: string, lists: string[]) =>
  (await people.api.post('/v1/subscriptions', { email, lists, consent })).body;
/** Lets days go by for one person. */
const later = async (personId: string, days: number) => {
  const earlier = (column: string) => sql<Date>`${sql.ref(column)} - make_interval(days => ${days})`;
  await people.api.db
    .updateTable('opt_in_requests')
    .set({
      created_at: earlier('created_at'),
      expires_at: earlier('expires_at'),
      reminded_at: earlier('reminded_at'),
    })
    .where('person_id', '=', personId)
    .execute();
  await people.api.db
    .updateTable('subscriptions')
    .set({ asked_at: earlier('asked_at') })
    .where('person_id', '=', personId)
    .execute();
};
const purge = async (kind: string) => {
  const rule = people.api
    .get(PersonalDataRegistry)
    .retention()
    .find((one) => one.kind === kind);
  if (!rule) throw new Error(`There is no rule "${kind}"`);
  const due = await rule.count(people.api.db);
  const gone = await rule.purge(people.api.db);
  expect(gone).toBe(due);
  return gone;
};
const exists = async (personId: string) =>
  (await people.api.read(`/v1/subscribers/${personId}`)).status === 200;
const subjects = async (address: string) => (await people.mailsTo(address)).map(({ subject }) => subject);

test('a list that reminds does so once, after two days, with the same link, and only who has not answered', async () => {
  const { subscriberId } = await ask('slow@example.com', ['gentle']);
  const path = await people.confirmPath('slow@example.com');
  const other = await ask('silent@example.com', ['letters']);
  await people.confirmed('done@example.com', ['gentle']);
  const reminders = people.api.get(Reminders);
  expect(await reminders.sendDue()).toBe(0);
  await later(subscriberId, 2);
  await later(other.subscriberId, 2);
  expect(await Promise.all([reminders.sendDue(), reminders.sendDue()])).toEqual(
    expect.arrayContaining([1, 0]),
  );
  expect(await subjects('slow@example.com')).toEqual([
    'Please confirm your subscription to Shop',
    'Still want to hear from Shop?',
  ]);
  expect(await subjects('silent@example.com')).toHaveLength(1);
  expect(await people.confirmPath('slow@example.com')).not.toBe('');
  // The reminder counts: nobody makes a second mail of the day out of it.
  await ask('slow@example.com', ['letters']);
  expect(await subjects('slow@example.com')).toHaveLength(2);
  await later(subscriberId, 2);
  expect(await reminders.sendDue()).toBe(0);
  expect((await people.visit(path, { method: 'POST' })).status).toBe(200);
});

test('a link that is over is not reminded of, nor one beside a newer mail', async () => {
  const late = await ask('too-late@example.com', ['gentle']);
  await later(late.subscriberId, 8);
  const newer = await ask('newer@example.com', ['gentle']);
  await people.settle();
  await later(newer.subscriberId, 2);
  await ask('newer@example.com', ['letters']);
  await people.settle();
  expect(await people.api.get(Reminders).sendDue()).toBe(0);
});

test('what nobody confirmed is gone after fourteen days, and the person with it', async () => {
  const { subscriberId } = await ask('forgotten@example.com', ['letters', 'gentle']);
  await people.settle();
  await later(subscriberId, 13);
  expect(await purge('unconfirmed subscriptions')).toBe(0);
  await later(subscriberId, 2);
  expect(await purge('unconfirmed subscriptions')).toBe(2);
  expect(await exists(subscriberId)).toBe(false);
  const rows = await people.api.db
    .selectFrom('consent_ledger')
    .select('id')
    .where('person_id', '=', subscriberId)
    .execute();
  expect(rows).toEqual([]);
  const requests = await people.api.db
    .selectFrom('opt_in_requests')
    .select('id')
    .where('person_id', '=', subscriberId)
    .execute();
  expect(requests).toEqual([]);
  // Nothing was erased by wish: an asking or an import may name the address.
  const again = await ask('forgotten@example.com', ['letters']);
  expect(again.subscriptions[0].status).toBe('pending');
  expect(again.subscriberId).not.toBe(subscriberId);
});

test('who has a history keeps it: back to what it was', async () => {
  const { personId, ids } = await people.confirmed('history@example.com', ['letters']);
  await people.api.call('DELETE', `/v1/subscriptions/${ids[0]}`);
  await ask('history@example.com', ['letters', 'gentle']);
  await people.settle();
  await later(personId, 15);
  expect(await purge('unconfirmed subscriptions')).toBe(2);
  const { body } = await people.api.read(`/v1/subscribers/${personId}`);
  expect(body.subscriptions).toMatchObject([
    { list: 'letters', status: 'unsubscribed', leftAt: expect.any(String) },
  ]);
});

test('who is held by something else stays: a mail that was no part of an opt-in', async () => {
  const { subscriberId } = await ask('customer@example.com', ['letters']);
  await people.settle();
  await people.api.db
    .updateTable('messages')
    .set({ tags: [] })
    .where('id', '=', (await people.mailsTo('customer@example.com'))[0]!.id)
    .execute();
  await later(subscriberId, 15);
  expect(await purge('unconfirmed subscriptions')).toBe(1);
  expect(await exists(subscriberId)).toBe(true);
});

test('who asked not to be mailed is not forgotten: the suppression has to hold', async () => {
  const { subscriberId } = await ask('no-more@example.com', ['letters']);
  await people.settle();
  const suppression = { address: 'no-more@example.com' };
  expect((await people.api.post('/v1/suppressions', suppression)).status).toBe(201);
  await later(subscriberId, 15);
  expect(await purge('unconfirmed subscriptions')).toBe(1);
  expect(await exists(subscriberId)).toBe(true);
});

test('a new link keeps what it asks for from being deleted while it works', async () => {
  const { subscriberId, subscriptions } = await ask('resent@example.com', ['letters']);
  await people.settle();
  await later(subscriberId, 13);
  expect((await people.api.post(`/v1/subscriptions/${subscriptions[0].id}/resend`)).status).toBe(202);
  const path = await people.confirmPath('resent@example.com');
  await people.api.db
    .updateTable('subscriptions')
    .set({ asked_at: sql<Date>`asked_at - interval '3 days'` })
    .where('person_id', '=', subscriberId)
    .execute();
  await purge('unconfirmed subscriptions');
  expect((await people.visit(path, { method: 'POST' })).status).toBe(200);
});

test('sign-ups go a day after they are done; those that wait stay', async () => {
  const form = (email: string) =>
    people.submit('/subscribe', new URLSearchParams({ email, list: 'letters' }));
  await form('worked@example.com');
  await people.settle();
  const done = await people.api.db.selectFrom('sign_ups').select(['id', 'content', 'state']).execute();
  expect(done.every(({ state, content }) => state === 'done' && content === null)).toBe(true);
  await form('waits@example.com');
  await people.api.db
    .updateTable('sign_ups')
    .set({
      created_at: sql<Date>`created_at - interval '3 days'`,
      settled_at: sql<Date>`settled_at - interval '3 days'`,
    })
    .execute();
  expect(await purge('sign-ups that were worked on')).toBe(done.length);
  expect(await people.mailsTo('waits@example.com')).toHaveLength(1);
});
