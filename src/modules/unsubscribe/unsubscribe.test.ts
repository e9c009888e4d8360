import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PeopleApi } from '../../../test/support/people-api.js';
import { newId } from '../../domain/index.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import { ConsentLedger } from '../consent/index.js';

let people: PeopleApi;
let tokens: LinkTokens;
beforeAll(async () => {
  people = await PeopleApi.start();
  tokens = people.api.get(LinkTokens);
  await people.list('letters', { name: 'The Sunday Letter' });
  await people.list('sales', { description: 'Twice a year' });
  await people.list('private', { visibility: 'private' });
});
afterAll(() => people.stop());
beforeEach(async () => {
  await people.api.db.deleteFrom('rate_limits').execute();
});

const urlencoded = (fields: Record<string, string>) => new URLSearchParams(fields);
function multipart(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}
const PAGE = 'https://mail.shop.example/unsubscribe';
const oneClick = { 'List-Unsubscribe': 'One-Click' };

async function statuses(personId: string): Promise<Record<string, string>> {
  const { body } = await people.api.read(`/v1/subscribers/${personId}`);
  return Object.fromEntries(
    body.subscriptions.map(({ list, status }: Record<string, string>) => [list, status]),
  );
}
const left = async (personId: string) =>
  (await people.events(personId)).filter((type) => type === 'subscriber.unsubscribed').length;

let count = 0;
/** Somebody on all three lists. */
async function reader() {
  const email = `reader-${(count += 1)}@example.com`;
  const { personId, ids } = await people.confirmed(email, ['letters', 'sales', 'private']);
  return { email, personId, ids, path: `/unsubscribe/${tokens.make('unsubscribe', ids[0]!, 17)}` };
}

describe('the link in a news mail', () => {
  test('GET and HEAD show a masked address and change nothing', async () => {
    const { path, personId, email } = await reader();
    for (const method of ['GET', 'HEAD', 'GET']) {
      const page = await people.visit(`${path}?List-Unsubscribe=One-Click&action=leave-all`, { method });
      expect(page.status).toBe(200);
      expect(page.headers.get('set-cookie')).toBeNull();
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    }
    const { html } = await people.visit(path);
    expect(html).toContain('The Sunday Letter');
    expect(html).toContain('r•••@example.com');
    expect(html).not.toContain(email);
    expect(await statuses(personId)).toEqual({
      letters: 'confirmed',
      sales: 'confirmed',
      private: 'confirmed',
    });
  });

  test.each<[string, RequestInit, string]>([
    ['one-click as multipart', { body: multipart(oneClick) }, 'one-click'],
    ['one-click urlencoded', { body: urlencoded(oneClick) }, 'one-click'],
    ["the page's button", { body: urlencoded({ action: 'leave' }) }, PAGE],
    ['a form that says nothing', { body: urlencoded({}) }, PAGE],
    ['a POST without a body', {}, PAGE],
    [
      'one-click with more beside it',
      { body: multipart({ action: 'pause', days: '30', ...oneClick }) },
      'one-click',
    ],
  ])('%s leaves the list: 200, no redirect, no cookie, as often as it comes', async (_, init, source) => {
    const { path, personId } = await reader();
    for (let times = 1; times <= 2; times += 1) {
      const page = await people.visit(path, { method: 'POST', ...init });
      expect(page.status).toBe(200);
      expect(page.headers.get('location')).toBeNull();
      expect(page.headers.get('set-cookie')).toBeNull();
      expect(page.html).toContain('/subscribe?list=letters');
      expect(page.html).toContain('r•••@example.com');
    }
    expect(await statuses(personId)).toEqual({
      letters: 'unsubscribed',
      sales: 'confirmed',
      private: 'confirmed',
    });
    const rows = await people.api.get(ConsentLedger).ofPerson(people.api.db, personId);
    expect(rows.filter(({ act }) => act === 'left')).toMatchObject([
      { facts: { source }, personal: { ip: '127.0.0.0/24' } },
    ]);
    const { rows: events } = await people.api.db.pool.query(
      `SELECT delivery_id::int AS delivery, data->>'scope' AS scope FROM events WHERE person_id = $1 AND type = 'subscriber.unsubscribed'`,
      [personId],
    );
    expect(events).toEqual([{ delivery: 17, scope: 'list' }]);
  });

  test.each([urlencoded({ action: 'leave-all' }), multipart({ action: 'leave-all' })])(
    'action=leave-all leaves all news',
    async (body) => {
      const { path, personId } = await reader();
      const page = await people.submit(path, body);
      expect(page.status).toBe(200);
      expect(page.html).toContain('no more news from Shop');
      expect(await statuses(personId)).toEqual({
        letters: 'unsubscribed',
        sales: 'unsubscribed',
        private: 'unsubscribed',
      });
      expect(await left(personId)).toBe(3);
      expect((await people.submit(path, body)).status).toBe(200);
      expect(await left(personId)).toBe(3);
    },
  );

  test('twenty mailbox providers at once are one leaving', async () => {
    const { path, personId } = await reader();
    const pages = await Promise.all(
      Array.from({ length: 20 }, () => people.submit(path, multipart(oneClick))),
    );
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await left(personId)).toBe(1);
  });

  test('who is erased, or not there at all, hears the same', async () => {
    const { path, personId } = await reader();
    await people.api.call('DELETE', `/v1/subscribers/${personId}`);
    const nobody = `/unsubscribe/${tokens.make('unsubscribe', newId())}`;
    for (const link of [path, nobody]) {
      for (const init of [
        {},
        { method: 'POST' },
        { method: 'POST', body: multipart(oneClick) },
        { method: 'POST', body: urlencoded({ action: 'leave-all' }) },
      ]) {
        const page = await people.visit(link, init);
        expect(page.status).toBe(200);
        expect(page.html).not.toContain('@example.com');
      }
    }
  });

  test('a private list is not offered for coming back', async () => {
    const { ids } = await reader();
    const page = await people.submit(`/unsubscribe/${tokens.make('unsubscribe', ids[2]!)}`, urlencoded({}));
    expect(page.html).not.toContain('list=private');
  });

  test('a token that is forged, cut, swapped or made for something else changes nothing', async () => {
    const { path, personId, ids } = await reader();
    const token = path.split('/').at(-1)!;
    const middle = Math.floor(token.length / 2);
    const wrong = [
      `${token.slice(0, middle)}${token[middle] === 'A' ? 'B' : 'A'}${token.slice(middle + 1)}`,
      token.slice(0, -4),
      `${token}AAAA`,
      tokens.make('confirm', ids[0]!),
      tokens.make('preferences', personId),
      ids[0]!,
      '%00',
      'x',
    ];
    for (const one of wrong) {
      for (const init of [
        {},
        { method: 'POST', body: multipart(oneClick) },
        { method: 'POST', body: urlencoded(oneClick) },
      ]) {
        expect([one, (await people.visit(`/unsubscribe/${one}`, init)).status]).toEqual([one, 404]);
      }
    }
    expect(await left(personId)).toBe(0);
  });
});
