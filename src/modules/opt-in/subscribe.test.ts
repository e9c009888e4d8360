import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PeopleApi } from '../../../test/support/people-api.js';
import { KeyRing } from '../../platform/crypto/index.js';
import { ConsentLedger } from '../consent/index.js';
import { People } from '../subscribers/index.js';
import { consentText } from './consent-text.js';
import { FormSeal } from './form-seal.js';

let people: PeopleApi;
beforeAll(async () => {
  people = await PeopleApi.start();
  await people.list('letters', { name: 'The Sunday Letter' });
  await people.list('sales');
  await people.list('private', { visibility: 'private' });
  await people.list('closed');
  await people.api.call('PATCH', '/v1/lists/closed', { archived: true });
});
afterAll(() => people.stop());
beforeEach(async () => {
  await people.api.db.deleteFrom('rate_limits').execute();
});

type Fields = Record<string, string | string[]>;

function encoded<T extends URLSearchParams | FormData>(form: T, fields: Fields): T {
  for (const [name, value] of Object.entries(fields))
    for (const one of [value].flat()) form.append(name, one);
  return form;
}
const post = (fields: Fields, headers?: Record<string, string>) =>
  people.submit('/subscribe', encoded(new URLSearchParams(), fields), headers);
const person = (canonical: string) => people.api.get(People).byAddress(people.api.db, canonical);
const hidden = (html: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';

describe('the form', () => {
  test('offers all public lists, or the ones that are named', async () => {
    const all = await people.visit('/subscribe');
    expect(all.status).toBe(200);
    expect(all.html).toContain('value="letters"');
    expect(all.html).toContain('value="sales"');
    expect(all.html).not.toMatch(/private|closed|checked/);
    expect(all.headers.get('set-cookie')).toBeNull();
    const one = await people.visit('/subscribe?list=letters&utm_source=x');
    expect(hidden(one.html, 'list')).toBe('letters');
    expect(one.html).toContain(consentText('Shop', [{ name: 'The Sunday Letter' }]));
    const two = await people.visit('/subscribe?list=letters&list=sales');
    expect(two.html.match(/type="checkbox"/g)).toHaveLength(2);
  });

  test.each(['none', 'private', 'closed', '%00'])('there is no form for %s', async (slug) => {
    expect((await people.visit(`/subscribe?list=${slug}`)).status).toBe(404);
  });
});

describe('posting', () => {
  test.each<[string, () => URLSearchParams | FormData]>([
    ['urlencoded', () => new URLSearchParams()],
    ['multipart', () => new FormData()],
  ])('%s asks for the lists and answers with the page', async (kind, form) => {
    const email = `${kind}@example.com`;
    const fields = { email: ` ${email} `, list: ['letters', 'sales'], name: 'Ada', locale: 'de' };
    const page = await people.submit('/subscribe', encoded(form(), fields));
    expect(page.status).toBe(200);
    expect(page.headers.get('location')).toBeNull();
    expect(page.headers.get('set-cookie')).toBeNull();
    expect(page.html).toContain(email);
    expect(await person(email)).toMatchObject({ name: 'Ada', locale: 'de' });
    const [mail] = await people.mailsTo(email);
    expect(mail!.variables.lists.map(({ name }) => name)).toEqual(['The Sunday Letter', 'The sales']);
  });

  test('the ledger keeps the very words that the page showed, and where', async () => {
    const { html } = await people.visit('/subscribe?list=letters');
    const shown = /<p id="consent">([^<]+)<\/p>/.exec(html)?.[1];
    await people.api.call('PATCH', '/v1/lists/letters', { name: 'Renamed' });
    const headers = {
      Referer: 'https://shop.example/blog?session=secret#top',
      'User-Agent': 'Mozilla/5.0 Firefox/145.0',
    };
    await post({ email: 'words@example.com', list: 'letters', started: hidden(html, 'started') }, headers);
    await people.api.call('PATCH', '/v1/lists/letters', { name: 'The Sunday Letter' });
    const { id } = (await person('words@example.com'))!;
    const [row] = await people.api.get(ConsentLedger).ofPerson(people.api.db, id);
    expect(row).toMatchObject({
      act: 'asked',
      facts: { text: shown, textVersion: 'subscribe-form-1', source: 'https://shop.example/blog' },
      personal: { ip: '127.0.0.0/24', client: 'Firefox' },
    });
    await post({ email: 'plain@example.com', list: 'letters' });
    const plain = (await person('plain@example.com'))!;
    const [bare] = await people.api.get(ConsentLedger).ofPerson(people.api.db, plain.id);
    expect(bare!.facts).toMatchObject({ text: shown, source: 'https://mail.shop.example/subscribe' });
  });

  test('the answer is the same for every address, and as slow', async () => {
    await people.confirmed('known@example.com', ['letters']);
    const timed = async (email: string, more: Fields = {}) => {
      const start = performance.now();
      const { status, html } = await post({ email, list: 'letters', ...more });
      expect(performance.now() - start).toBeGreaterThanOrEqual(295);
      return { status, html: html.replaceAll(email, 'ADDRESS') };
    };
    const unknown = await timed('unknown@example.com');
    expect(await timed('unknown@example.com')).toEqual(unknown);
    expect(await timed('known@example.com')).toEqual(unknown);
    expect(await timed('robot@example.com', { website: 'https://spam.example' })).toEqual(unknown);
    expect(await person('robot@example.com')).toBeUndefined();
    expect(await people.mailsTo('known@example.com')).toHaveLength(2);
  });

  test('a stranger cannot rename a person, and no mail greets by what was typed', async () => {
    await people.confirmed('named@example.com', ['letters'], { name: 'Ada', locale: 'en' });
    await post({ email: 'named@example.com', list: 'sales', name: 'WIN http://spam.example', locale: 'fr' });
    expect(await person('named@example.com')).toMatchObject({ name: 'Ada', locale: 'en' });
    for (const { variables } of await people.mailsTo('named@example.com'))
      expect(JSON.stringify(variables)).not.toContain('spam');
    await post({ email: 'new@example.com', list: 'sales', name: 'WIN http://spam.example' });
    const [mail] = await people.mailsTo('new@example.com');
    expect(mail!.variables.recipient).toMatchObject({ name: null });
  });

  test.each<[Fields, RegExp]>([
    [{ list: 'letters' }, /Enter your email address/],
    [{ email: 'ada@example', list: 'letters' }, /Check the email address/],
    [{ email: 'wrong@example.com' }, /Choose at least one/],
    [{ email: 'wrong@example.com', list: 'none' }, /no longer exists/],
    [{ email: 'wrong@example.com', list: ['letters', 'private'] }, /no longer exists/],
    [{ email: 'wrong@example.com', list: 'closed' }, /no longer exists/],
    [{ email: 'wrong@example.com', list: 'letters', name: 'x'.repeat(201) }, /shorter name/],
    [
      { email: 'wrong@example.com', list: 'letters', name: 'Ada\r\nBcc: x@example.com' },
      /one line of plain text/,
    ],
    [{ email: 'wrong@example.com', list: 'letters', name: 'Ada\0' }, /one line of plain text/],
    [{ email: 'wrong@example.com', list: 'letters', started: 'forged' }, /open for a long time/],
    [{ email: 'wrong@example.com\0', list: 'letters' }, /Check the email address/],
    [{}, /Enter your email address/],
  ])('%j is shown again with what is wrong', async (fields, problem) => {
    const page = await post(fields);
    expect(page.status).toBe(422);
    expect(page.html).toMatch(problem);
    expect(await person('wrong@example.com')).toBeUndefined();
  });

  test('what was typed comes back, escaped; a form for one list stays one', async () => {
    const { html } = await people.visit('/subscribe?list=sales');
    const page = await post({
      email: '"><script>',
      name: '<b>',
      list: 'sales',
      started: hidden(html, 'started'),
    });
    expect(page.html).toContain('&lt;script&gt;');
    expect(page.html).not.toContain('<script');
    expect(hidden(page.html, 'list')).toBe('sales');
  });

  test('a form that lay open for days is shown once more', async () => {
    const old = people.api
      .get(KeyRing)
      .sealJson('form', { text: 'x', version: 'y', offered: ['letters'], at: Date.now() - 25 * 3_600_000 })
      .toString('base64url');
    expect(people.api.get(FormSeal).open(old)).toBeUndefined();
    const fields = { email: 'patient@example.com', list: 'letters' };
    const page = await post({ ...fields, started: old });
    expect(page.status).toBe(422);
    expect((await post({ ...fields, started: hidden(page.html, 'started') })).status).toBe(200);
    expect(await person('patient@example.com')).toBeDefined();
  });

  test('fields that nobody asked for, files and repeated fields do no harm', async () => {
    const form = encoded(new FormData(), {
      email: ['files@example.com', 'second@example.com'],
      list: 'letters',
      colour: 'red',
    });
    form.append('name', new File(['MZ'], 'name.exe', { type: 'application/octet-stream' }));
    expect((await people.submit('/subscribe', form)).status).toBe(200);
    expect(await person('files@example.com')).toMatchObject({ name: null });
    expect(await person('second@example.com')).toBeUndefined();
  });

  test('bodies that are no form are refused', async () => {
    const send = (body: string, type: string) =>
      people.visit('/subscribe', { method: 'POST', body, headers: { 'Content-Type': type } });
    expect((await send('email=x', 'text/plain')).status).toBe(422);
    expect((await send('email=x', 'image/png')).status).toBe(415);
    expect((await send('{', 'application/json')).status).toBe(400);
    expect((await send(`email=${'x'.repeat(2_000_000)}`, 'application/x-www-form-urlencoded')).status).toBe(
      413,
    );
  });

  test('an address is asked for by so many forms a minute', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => post({ email: 'flood@example' })));
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(30);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
  });
});
