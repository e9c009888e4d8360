import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consent, PeopleApi } from '../../../test/support/people-api.js';
import { Suppressions } from '../suppression/index.js';
import type { SuppressionReason, SuppressionScope } from '../../domain/index.js';

let people: PeopleApi;
let listIds: Record<string, string>;
beforeAll(async () => {
  people = await PeopleApi.start();
  listIds = {
    letters: await people.list('letters'),
    offers: await people.list('offers'),
    quick: await people.list('quick', { optIn: 'single' }),
  };
});
afterAll(() => people.stop());

let count = 0;
const someone = () => `back-${(count += 1)}@example.com`;
const suppress = (address: string, scope: SuppressionScope, reason: SuppressionReason, list?: string) =>
  people.api.db.work((work) =>
    people.api
      .get(Suppressions)
      .add(work, { address, scope, reason, listId: list === undefined ? null : (listIds[list] ?? '') }),
  );
const held = async (address: string) =>
  (await people.api.get(Suppressions).activeFor(people.api.db, address)).map(
    ({ scope, reason }) => `${scope} ${reason}`,
  );
const ask = (email: string, ...lists: string[]) =>
  people.api.post('/v1/subscriptions', { email, lists, consent });
const press = async (email: string) => people.visit(await people.confirmPath(email), { method: 'POST' });

describe('a confirmed opt-in', () => {
  test('lifts what stops that news, with the request as evidence', async () => {
    const email = someone();
    await suppress(email, 'news', 'complaint');
    await suppress(email, 'list', 'complaint', 'offers');
    await suppress(email, 'list', 'soft_bounces', 'letters');
    await ask(email, 'letters');
    expect(await held(email)).toHaveLength(3);
    await press(email);
    expect(await held(email)).toEqual(['list complaint']);
    const { body } = await people.api.post('/v1/suppressions/search', { address: email, active: false });
    expect(body.data.map(({ releaseNote }: { releaseNote: string }) => releaseNote)).toEqual([
      expect.stringContaining("The person's own opt-in"),
      expect.stringContaining("The person's own opt-in"),
    ]);
  });

  test('of somebody who is on the list all the time is asked for and lifts too', async () => {
    const email = someone();
    await people.confirmed(email, ['letters']);
    // A second mail within a day is not sent to an address that did not answer; this one did.
    await suppress(email, 'news', 'soft_bounces');
    await ask(email, 'letters');
    expect((await people.mailsTo(email)).at(-1)?.variables.confirmUrl).toBeDefined();
    await press(email);
    expect(await held(email)).toEqual([]);
  });

  test('single opt-in proves nothing: the address has to say yes itself', async () => {
    const email = someone();
    await suppress(email, 'news', 'soft_bounces');
    const { body } = await ask(email, 'quick');
    expect(body.subscriptions[0].status).toBe('pending');
    expect(await held(email)).toHaveLength(1);
    await press(email);
    expect(await held(email)).toEqual([]);
  });

  test('lifts nothing that somebody here decided, nor what stops everything', async () => {
    const email = someone();
    await ask(email, 'letters');
    await suppress(email, 'news', 'manual');
    await suppress(email, 'all', 'hard_bounce');
    await press(email);
    expect(await held(email)).toEqual(['news manual', 'all hard_bounce']);
  });

  test('lifts nothing that came after the person asked', async () => {
    const email = someone();
    await ask(email, 'letters');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await suppress(email, 'news', 'complaint');
    await press(email);
    expect(await held(email)).toEqual(['news complaint']);
  });
});
