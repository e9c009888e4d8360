import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consent, PeopleApi } from '../../../test/support/people-api.js';
import { newId } from '../../domain/index.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import { ConsentLedger, verify } from '../consent/index.js';

let people: PeopleApi;
beforeAll(async () => {
  people = await PeopleApi.start();
  await people.list('letters', { description: 'One long letter a month' });
  await people.list('sales');
  await people.list('instant', { optIn: 'single' });
  await people.list('private', { visibility: 'private' });
  await people.list('closed');
  await people.list('closing');
  await people.api.call('PATCH', '/v1/lists/closed', { archived: true });
});
afterAll(() => people.stop());

const ask = (email: string, lists: string[], more: object = {}) =>
  people.api.post('/v1/subscriptions', { email, lists, consent, ...more });
const press = (path: string, init: RequestInit = {}) => people.visit(path, { method: 'POST', ...init });
const ledger = async (personId: string) => people.api.get(ConsentLedger).ofPerson(people.api.db, personId);

const mailsOfConfirmation = async (address: string) =>
  (await people.mailsTo(address)).filter(({ variables }) => variables.confirmUrl !== undefined);
/** What a page says, without what depends on how it was asked for. */
const said = ({ html }: { html: string }) => /<main>([\s\S]*)<\/main>/.exec(html)?.[1];

describe('confirming', () => {
  test('GET and HEAD change nothing, POST confirms, as often as it comes', async () => {
    const { body } = await ask('confirm@example.com', ['letters', 'sales']);
    const path = await people.confirmPath('confirm@example.com');
    for (const method of ['GET', 'HEAD', 'GET']) {
      const page = await people.visit(path, { method });
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    }
    const shown = await people.visit(path);
    expect(shown.html).toContain('c•••@example.com');
    expect(shown.html).not.toContain('confirm@example.com');
    expect(await people.events(body.subscriberId)).toEqual(['subscriber.asked', 'subscriber.asked']);

    const page = await press(path, { headers: { 'User-Agent': 'Mozilla/5.0 Gecko/20100101 Firefox/145.0' } });
    expect(page.status).toBe(200);
    expect(page.html).toContain('The letters and The sales');
    const acts = (await ledger(body.subscriberId)).slice(2);
    expect(acts.map(({ act, personal }) => [act, personal])).toEqual([
      ['confirmed', { ip: '127.0.0.0/24', client: 'Firefox' }],
      ['confirmed', { ip: '127.0.0.0/24', client: 'Firefox' }],
    ]);
    expect(acts.map(verify)).toEqual(['intact', 'intact']);
    expect(await people.mailsTo('confirm@example.com')).toHaveLength(2);

    expect(said(await press(path))).toBe(said(page));
    expect(said(await people.visit(path))).toBe(said(page));
    expect(await ledger(body.subscriberId)).toHaveLength(4);
    expect(await people.mailsTo('confirm@example.com')).toHaveLength(2);
  });

  test.each<[string, RequestInit]>([
    ['no body', {}],
    ['an empty urlencoded body', { body: new URLSearchParams() }],
    ['a urlencoded body', { body: new URLSearchParams({ yes: '1' }) }],
    ['a multipart body', { body: multipart({ yes: '1' }) }],
  ])('works with %s', async (name, init) => {
    const email = `${name.replaceAll(' ', '.')}@example.com`;
    await ask(email, ['letters']);
    expect((await press(await people.confirmPath(email), init)).status).toBe(200);
    const { body } = await people.api.post('/v1/subscribers/search', { email, status: 'confirmed' });
    expect(body.data).toHaveLength(1);
  });

  test('two presses at once send one welcome', async () => {
    await ask('double@example.com', ['letters']);
    const path = await people.confirmPath('double@example.com');
    const pages = await Promise.all(Array.from({ length: 6 }, () => press(path)));
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await people.mailsTo('double@example.com')).toHaveLength(2);
  });

  test('after seven days the link is over, unless it was used', async () => {
    const { body } = await ask('late@example.com', ['letters']);
    const path = await people.confirmPath('late@example.com');
    const expire = () =>
      people.api.db
        .updateTable('opt_in_requests')
        .set({ expires_at: new Date(Date.now() - 1_000) })
        .where('person_id', '=', body.subscriberId)
        .execute();
    await expire();
    for (const page of [await people.visit(path), await press(path)]) {
      expect(page.status).toBe(410);
      expect(page.html).toContain(`action="${path}/again"`);
      expect(page.html).not.toContain('late@example.com');
    }
    expect(await people.events(body.subscriberId)).toEqual(['subscriber.asked']);
    // The page's button: a new link, and no second one a day.
    for (const page of [await press(`${path}/again`), await press(`${path}/again`)]) {
      expect(page.status).toBe(200);
      expect(page.html).toContain('l•••@example.com');
    }
    expect(await mailsOfConfirmation('late@example.com')).toHaveLength(2);
    expect((await press(await people.confirmPath('late@example.com'))).status).toBe(200);
    expect(said(await press(`${path}/again`))).toContain('Welcome');
    const { personId } = await people.confirmed('early@example.com', ['letters']);
    const used = await people.confirmPath('early@example.com');
    await people.api.db
      .updateTable('opt_in_requests')
      .set({ expires_at: new Date(0) })
      .where('person_id', '=', personId)
      .execute();
    expect((await press(used)).status).toBe(200);
  });

  test('a token that is forged, cut or made for something else confirms nothing', async () => {
    const { body } = await ask('forged@example.com', ['letters']);
    const path = await people.confirmPath('forged@example.com');
    const tokens = people.api.get(LinkTokens);
    const flipped = `${path.slice(0, -2)}${path.at(-2) === 'A' ? 'B' : 'A'}${path.at(-1)}`;
    const wrong = [
      flipped,
      path.slice(0, -4),
      `${path}AAAA`,
      '/confirm/x',
      '/confirm/%00',
      `/confirm/${'A'.repeat(5_000)}`,
      `/confirm/${tokens.make('unsubscribe', body.subscriptions[0].id)}`,
      `/confirm/${tokens.make('preferences', body.subscriberId)}`,
      `/confirm/${tokens.make('confirm', newId())}`,
    ];
    for (const one of wrong) {
      expect([one, (await people.visit(one)).status >= 404]).toEqual([one, true]);
      expect([one, (await press(one)).status >= 404]).toEqual([one, true]);
    }
    expect(await people.events(body.subscriberId)).toEqual(['subscriber.asked']);
  });

  test('who guesses tokens is slowed down', async () => {
    const answers = await Promise.all(
      Array.from({ length: 70 }, (_, index) => people.visit(`/confirm/guess${index}`)),
    );
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    await people.api.db.deleteFrom('rate_limits').execute();
  });
});

function multipart(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}
