import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { newId } from '../../src/domain/index.js';
import { FreshLinks } from '../../src/modules/subscribers/index.js';
import { LinkTokens } from '../../src/platform/crypto/index.js';
import { eventually } from '../support/engine.js';
import { Install } from '../support/install.js';

let install: Install;
let tokens: LinkTokens;
beforeAll(async () => {
  install = await Install.start();
  tokens = install.app.get(LinkTokens);
  await install.done('POST', '/v1/lists', { slug: 'letters', name: 'The Sunday Letter' });
});
afterAll(() => install.stop());

let count = 0;
/** Somebody on a list who has asked for a fresh link. */
async function reader(more: Record<string, unknown> = {}) {
  const email = `reader.${(count += 1)}@example.com`;
  const id = await install.subscribed(email, ['letters'], { name: '=Ada', ...more });
  const link = await install.db.work(({ trx }) => install.get(FreshLinks).manage(trx, id));
  return { id, email, link: link!, path: `/my-data/${tokens.make('manage', link!)}` };
}

async function visit(path: string, init: RequestInit = {}) {
  const response = await fetch(`${install.url}${path}`, { redirect: 'manual', ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const underWay = () =>
  install.db.selectFrom('deliveries').select('id').where('state', 'in', ['queued', 'sending']).execute();
const mainOf = (html: string) => /<main>.*<\/main>/s.exec(html)?.[0];
const exists = async (id: string) => (await install.call('GET', `/v1/subscribers/${id}`)).status === 200;

describe('behind a fresh link', () => {
  test('a page says what is held, and what was agreed to in which words, and shows no address', async () => {
    const { path, email } = await reader();
    const page = await visit(path);
    expect(page.status).toBe(200);
    expect(page.text).toContain('r•••@example.com');
    expect(page.text).not.toContain(email);
    expect(page.text).toContain('What we hold about you');
    expect(page.text).toContain('Yes, send me news');
    expect(page.text).toContain('The Sunday Letter');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('the same data goes along as JSON and as CSV', async () => {
    const { path, email, id } = await reader();
    // The answer to the welcome is written a moment after it was given: not between the two looks.
    await eventually(async () => (await underWay()).length === 0);
    const json = await visit(`${path}/my-data.json`);
    expect(json.headers.get('content-disposition')).toBe('attachment; filename="my-data.json"');
    const { data } = JSON.parse(json.text);
    expect(data).toMatchObject({
      person: { id, address: email, name: '=Ada' },
      subscriptions: [{ list: 'letters' }],
    });
    const { data: fromApi } = await install.done('GET', `/v1/subscribers/${id}/export`);
    expect(data).toEqual(fromApi);
    const csv = await visit(`${path}/my-data.csv`);
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const rows = parse(csv.text, { columns: true, bom: true, record_delimiter: '\r\n' });
    expect(rows).toContainEqual({ kind: 'person', number: '1', field: 'address', value: email });
    expect(rows).toContainEqual({ kind: 'person', number: '1', field: 'name', value: "'=Ada" });
    expect(rows).toContainEqual({ kind: 'subscriptions', number: '1', field: 'status', value: 'confirmed' });
  });

  test('where the comma is in numbers the columns are split by semicolons', async () => {
    const { path } = await reader({ locale: 'de' });
    expect((await visit(`${path}/my-data.csv`)).text).toMatch(/^kind;number;field;value\r\n/);
    expect((await visit(path)).text).toContain('Was wir über Sie gespeichert haben');
  });

  test('looking erases nothing; the button does; then the link leads nowhere, and says no more than an old one', async () => {
    const { id, path, email } = await reader();
    for (const method of ['GET', 'HEAD']) await visit(`${path}/erase`, { method });
    expect((await visit(`${path}/erase`)).text).toContain('This cannot be undone');
    expect(await exists(id)).toBe(true);
    const answer = await visit(`${path}/erase`, { method: 'POST' });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('It is all gone');
    expect(await exists(id)).toBe(false);
    const old = await visit(`/my-data/${tokens.make('manage', newId())}`);
    for (const [where, method] of [
      ['', 'GET'],
      ['/erase', 'GET'],
      ['/erase', 'POST'],
      ['/my-data.json', 'GET'],
      ['/my-data.csv', 'GET'],
    ]) {
      const page = await visit(`${path}${where}`, { method: method! });
      expect([page.status, mainOf(page.text)]).toEqual([200, mainOf(old.text)]);
      expect(page.text).not.toContain(email.slice(0, 8));
    }
  });

  test('after an hour it is over', async () => {
    const { id, link, path } = await reader();
    await install.db
      .updateTable('fresh_links')
      .set({ expires_at: new Date(Date.now() - 1_000) })
      .where('id', '=', link)
      .execute();
    const page = await visit(`${path}/erase`, { method: 'POST' });
    expect([page.status, page.text.includes('There is nothing here any more')]).toEqual([200, true]);
    expect(await exists(id)).toBe(true);
  });

  test('a token that was cut, forged or made for another door opens nothing', async () => {
    const { id, path } = await reader();
    const wrong = [
      path.slice(0, -2),
      `/my-data/${tokens.make('preferences', id)}`,
      `/my-data/${'A'.repeat(100)}`,
    ];
    for (const one of wrong) {
      for (const where of ['', '/erase', '/my-data.json', '/my-data.csv']) {
        expect((await visit(`${one}${where}`)).status).toBe(404);
      }
      expect((await visit(`${one}/erase`, { method: 'POST' })).status).toBe(404);
    }
    expect(await exists(id)).toBe(true);
  });
});
