/** Which language the visitors' pages speak, over HTTP: the person's, the form's, Accept-Language, English; errors too. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Program } from '../support/program.js';

let program: Program;

beforeAll(async () => {
  program = await Program.start();
  await program.call('POST', '/v1/lists', { slug: 'letters', name: 'The Sunday Letter' });
}, 120_000);
afterAll(() => program.remove());

async function visit(
  path: string,
  language?: string,
  form?: Record<string, string>,
): Promise<{ status: number; headers: Headers; lang: string; html: string }> {
  const headers = { Accept: 'text/html', ...(language && { 'Accept-Language': language }) };
  const response = await fetch(`${program.url}${path}`, {
    headers,
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  });
  const html = await response.text();
  const lang = /<html lang="([^"]+)" dir="ltr">/.exec(html)?.[1] ?? '';
  return { status: response.status, headers: response.headers, lang, html };
}

test.each([
  [undefined, 'en'],
  ['de', 'de'],
  ['de-AT,de;q=0.9,en;q=0.8', 'de-AT'],
  ['de;q=0, en-GB', 'en-GB'],
  ['fr', 'en'],
])('Accept-Language %s: the page is in %s, and says so to caches', async (language, lang) => {
  for (const path of ['/', '/subscribe', '/preferences']) {
    const page = await visit(path, language);
    expect([path, page.status, page.lang]).toEqual([path, 200, lang]);
    expect(page.headers.get('content-language')).toBe(lang);
    expect(page.headers.get('vary')).toMatch(/accept-language/i);
  }
});

test('the address of a public page chooses, and a link leads to the other language', async () => {
  const german = await visit('/subscribe?list=letters&locale=de', 'en');
  expect(german.lang).toBe('de');
  expect(german.html).toContain('<input type="hidden" name="locale" value="de">');
  const [, link] = /<a href="([^"]+)" hreflang="en" lang="en">English<\/a>/.exec(german.html) ?? [];
  expect(link).toBe('?list=letters&amp;locale=en');
  expect((await visit(`/subscribe${link!.replace('&amp;', '&')}`, 'de')).lang).toBe('en');
});

test('a form keeps its language, also with a mistake in it', async () => {
  const form = { email: 'nobody', list: 'letters', locale: 'de' };
  const page = await visit('/subscribe', 'en', form);
  expect([page.status, page.lang]).toEqual([422, 'de']);
  expect(page.html).toContain('Prüfen Sie die E-Mail-Adresse');
  expect((await visit('/subscribe', 'de', { ...form, locale: '"><script>' })).lang).toBe('de');
});

test.each([
  ['/nothing-here', 404, 'Diese Seite gibt es nicht'],
  ['/unsubscribe/forged', 404, 'Diese Seite gibt es nicht'],
  ['/subscribe?list=none', 404, 'Diese Seite gibt es nicht'],
])('%s: the error %i is in German', async (path, status, title) => {
  const page = await visit(path, 'de');
  expect([page.status, page.lang]).toEqual([status, 'de']);
  expect(page.html).toContain(`<h1>${title}</h1>`);
  expect(page.headers.get('content-language')).toBe('de');
  expect((await visit(`${path}${path.includes('?') ? '&' : '?'}locale=en`, 'de')).lang).toBe('en');
});

test('a person’s own language comes before the browser’s', async () => {
  const { status } = await program.call('POST', '/v1/subscriptions', {
    email: 'greta@example.com',
    lists: ['letters'],
    locale: 'de',
    consent: { text: 'Ja', source: 'https://shop.example' },
  });
  expect(status).toBeLessThan(300);
  let url: string | undefined;
  while (url === undefined) {
    const inbox = await (await fetch(`${program.url}/inbox`)).text();
    const [, id] = /data-id="([^"]+)"/.exec(inbox) ?? [];
    const text = id ? await (await fetch(`${program.url}/inbox/${id}?view=text`)).text() : '';
    url = /\/confirm\/[\w-]+/.exec(text)?.[0];
    if (url) expect(text).toContain('Bitte bestätigen Sie Ihre Anmeldung');
  }
  const page = await visit(url, 'en');
  expect(page.lang).toBe('de');
  expect(page.html).toContain('Ja, das möchte ich gern');
  expect(page.html).not.toContain('hreflang');
}, 60_000);

test('too many tries are refused in German', async () => {
  let page = await visit('/unsubscribe/forged-0', 'de');
  for (let tries = 1; tries < 200 && page.status !== 429; tries++)
    page = await visit(`/unsubscribe/forged-${tries}`, 'de');
  expect([page.status, page.lang]).toEqual([429, 'de']);
  expect(page.html).toContain('Bitte etwas langsamer');
}, 60_000);
