import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { PeopleApi } from '../../../test/support/people-api.js';
import { KeyRing, LinkTokens } from '../../platform/crypto/index.js';
import { ConsentLedger } from '../consent/index.js';

let people: PeopleApi;
let tokens: LinkTokens;
beforeAll(async () => {
  people = await PeopleApi.start();
  tokens = people.api.get(LinkTokens);
  await people.list('letters', { name: 'The Sunday Letter' });
  await people.list('sales');
});
afterAll(() => people.stop());
beforeEach(async () => {
  await people.api.db.deleteFrom('rate_limits').execute();
});

const form = (fields: Record<string, string>) => new URLSearchParams(fields);
const DAY_MS = 86_400_000;

let count = 0;
async function reader() {
  const email = `page-${(count += 1)}@example.com`;
  const { personId, ids } = await people.confirmed(email, ['letters', 'sales']);
  return { email, personId, ids, path: `/unsubscribe/${tokens.make('unsubscribe', ids[0]!)}` };
}

async function rows(personId: string) {
  const found = await people.api.db
    .selectFrom('subscriptions')
    .innerJoin('lists', 'lists.id', 'subscriptions.list_id')
    .selectAll('subscriptions')
    .select('lists.slug')
    .where('person_id', '=', personId)
    .execute();
  return Object.fromEntries(found.map((row) => [row.slug, row]));
}

async function acts(personId: string) {
  const found = await people.api.get(ConsentLedger).ofPerson(people.api.db, personId);
  return found
    .map(({ act, facts }) => [act, facts['text']])
    .filter(([act]) => act !== 'asked' && act !== 'confirmed');
}

/** The sealed field that the page after leaving carries. */
const undoOf = (html: string) => /name="undo" value="([^"]+)"/.exec(html)?.[1] ?? '';

describe('less than leaving', () => {
  test.each([30, 90])('a pause of %i days: the list is quiet until then, others are not', async (days) => {
    const { path, personId } = await reader();
    const page = await people.submit(path, form({ action: 'pause', days: String(days) }));
    expect(page.status).toBe(200);
    expect(page.html).toContain('Enjoy the quiet');
    const { letters, sales } = await rows(personId);
    const until = letters!.paused_until!.getTime();
    expect(Math.abs(until - Date.now() - days * DAY_MS)).toBeLessThan(60_000);
    expect(letters!.status).toBe('confirmed');
    expect(sales!.paused_until).toBeNull();
    expect(await acts(personId)).toEqual([
      ['changed', `The Sunday Letter: Send me no news for ${days} days`],
    ]);
    expect(await people.events(personId)).toContain('subscriber.paused');
  });

  test('fewer mails, in the words of the page, also in German', async () => {
    const { path, personId } = await reader();
    await people.api.call('PATCH', `/v1/subscribers/${personId}`, { locale: 'de' });
    const page = await people.submit(path, form({ action: 'fewer', days: '7' }));
    expect(page.html).toContain('höchstens einmal pro Woche');
    expect((await rows(personId))['letters']!.min_days_between).toBe(7);
    await people.submit(path, form({ action: 'fewer', days: '7' }));
    expect(await acts(personId)).toEqual([['changed', 'The Sunday Letter: Höchstens einen pro Woche']]);
  });

  test('what the page does not offer is refused in words, and changes nothing', async () => {
    const { path, personId } = await reader();
    for (const fields of [
      { action: 'pause' },
      { action: 'pause', days: '31' },
      { action: 'fewer', days: '90' },
      { action: 'dance' },
    ])
      expect((await people.submit(path, form(fields))).status).toBe(422);
    expect(await acts(personId)).toEqual([]);
  });

  test('for who has left there is nothing to pause', async () => {
    const { path, personId } = await reader();
    await people.submit(path, form({ action: 'leave' }));
    const page = await people.submit(path, form({ action: 'pause', days: '30' }));
    expect(page.html).toContain('You are unsubscribed');
    expect((await rows(personId))['letters']).toMatchObject({ status: 'unsubscribed', paused_until: null });
    expect((await people.visit(path)).html).not.toContain('30 days');
  });
});

describe('why', () => {
  test('is kept beside the subscription, in no event, and goes with an erasure', async () => {
    const { path, personId } = await reader();
    await people.submit(
      path,
      form({ action: 'leave', reason: 'too_many', note: ` It’s Ada, ${'x'.repeat(600)}` }),
    );
    const { letters } = await rows(personId);
    expect(letters!.left_reason).toBe('too_many');
    expect(letters!.left_note).toHaveLength(500);
    const { rows: events } = await people.api.db.pool.query('SELECT data FROM events WHERE person_id = $1', [
      personId,
    ]);
    expect(JSON.stringify(events)).not.toContain('Ada');
    expect(JSON.stringify(await acts(personId))).not.toContain('Ada');
    await people.api.call('DELETE', `/v1/subscribers/${personId}`);
    expect((await rows(personId))['letters']).toMatchObject({ left_reason: null, left_note: null });
  });

  test.each([{ reason: 'because' }, { note: 'a\0b' }, { note: ' ' }, { reason: '', note: '' }])(
    'that cannot be kept (%j) holds nobody back',
    async (why) => {
      const { path, personId } = await reader();
      expect((await people.submit(path, form({ action: 'leave', ...why }))).status).toBe(200);
      expect((await rows(personId))['letters']).toMatchObject({
        status: 'unsubscribed',
        left_reason: null,
        left_note: null,
      });
    },
  );
});

describe('undo', () => {
  test('from the page that left, once, and proved in its words', async () => {
    const { path, personId } = await reader();
    const left = await people.submit(path, form({ action: 'leave-all' }));
    const page = await people.submit(path, form({ action: 'undo', undo: undoOf(left.html) }));
    expect(page.status).toBe(200);
    expect(page.html).toContain('Nothing has changed');
    const { letters, sales } = await rows(personId);
    expect([letters!.status, sales!.status]).toEqual(['confirmed', 'confirmed']);
    expect(letters!.left_at).toBeNull();
    expect(await acts(personId)).toEqual([
      ['left', undefined],
      ['left', undefined],
      ['revived', 'Undo: I want to stay subscribed'],
      ['revived', 'Undo: I want to stay subscribed'],
    ]);
    expect(await people.events(personId)).toContain('subscriber.revived');
    const twice = await people.submit(path, form({ action: 'undo', undo: undoOf(left.html) }));
    expect(twice.html).toContain('Nothing has changed');
    expect(await acts(personId)).toHaveLength(4);
    expect((await people.visit(path)).html).not.toContain('name="undo"');
  });

  test('the link of the mail alone brings nobody back, nor a field from elsewhere', async () => {
    const [one, other] = [await reader(), await reader()];
    const field = undoOf((await people.submit(one.path, form({ action: 'leave' }))).html);
    await people.submit(other.path, form({ action: 'leave' }));
    const keys = people.api.get(KeyRing);
    const made = keys.sealJson('form', { kind: 'other', text: 'x' }).toString('base64url');
    for (const undo of ['', 'x', field.slice(0, -2), made, tokens.make('unsubscribe', one.ids[0]!)])
      expect((await people.submit(one.path, form({ action: 'undo', undo }))).status).toBe(410);
    expect((await people.submit(other.path, form({ action: 'undo', undo: field }))).status).toBe(410);
    // A second leaving, by one click, is another one: nothing of it comes back with the first page's field.
    for (const { personId } of [one, other])
      expect((await rows(personId))['letters']!.status).toBe('unsubscribed');
  });

  test('ends after half an hour', async () => {
    const { path, personId } = await reader();
    const field = undoOf((await people.submit(path, form({ action: 'leave' }))).html);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 31 * 60_000);
    const page = await people.submit(path, form({ action: 'undo', undo: field }));
    clock.mockRestore();
    expect(page.status).toBe(410);
    expect((await rows(personId))['letters']!.status).toBe('unsubscribed');
  });

  test('takes back no later leaving, no unconfirmed request, and nobody who was erased', async () => {
    const { path, personId } = await reader();
    const field = undoOf((await people.submit(path, form({ action: 'leave' }))).html);
    await people.submit(path, form({ action: 'undo', undo: field }));
    await people.submit(path, form({ 'List-Unsubscribe': 'One-Click' }));
    const again = await people.submit(path, form({ action: 'undo', undo: field }));
    expect(again.html).toContain('You are unsubscribed');
    expect((await rows(personId))['letters']!.status).toBe('unsubscribed');

    const { body } = await people.api.post('/v1/subscriptions', {
      email: 'pending@example.com',
      lists: ['letters'],
      consent: { text: 'x', source: 'x' },
    });
    const pending = `/unsubscribe/${tokens.make('unsubscribe', body.subscriptions[0].id)}`;
    expect(undoOf((await people.submit(pending, form({ action: 'leave' }))).html)).toBe('');

    const gone = await reader();
    const sealed = undoOf((await people.submit(gone.path, form({ action: 'leave' }))).html);
    await people.api.call('DELETE', `/v1/subscribers/${gone.personId}`);
    await people.submit(gone.path, form({ action: 'undo', undo: sealed }));
    expect((await rows(gone.personId))['letters']!.status).toBe('unsubscribed');
  });
});

test('a broken multipart body, and a method that there is not, are answered in words', async () => {
  const { path, personId } = await reader();
  const broken = await people.visit(path, {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=x', Accept: 'application/json' },
    body: '--x\r\nContent-Disposition: form-data; name="List-Unsub',
  });
  expect(broken.status).toBe(400);
  expect(broken.html).toContain('multipart');
  for (const method of ['PUT', 'DELETE', 'PATCH'])
    expect((await people.visit(path, { method })).status).toBe(405);
  expect((await rows(personId))['letters']!.status).toBe('confirmed');
});
