import { createHash } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { brand, samples } from '../../../test/support/page-samples.js';
import { Pages } from './index.js';
import type { PageName, RenderedPage } from './index.js';

const folder = fileURLToPath(new URL('../../../pages', import.meta.url));
const english = { locale: 'en', brand };
const leaving = {
  list: 'News',
  isOn: true,
  maskedEmail: 'a•••@example.com',
  preferencesUrl: '/preferences/opaque',
  reasons: [],
  pauses: [30],
  frequencies: [7],
};
let pages: Pages;
let copy: string;

beforeAll(async () => {
  pages = await Pages.load(folder);
  copy = await mkdtemp(join(tmpdir(), 'pages-'));
  await cp(folder, copy, { recursive: true });
});
afterAll(() => rm(copy, { recursive: true }));

function renderAll(): [string, PageName, RenderedPage][] {
  return samples.map(({ name, page, data }) => [name, page, pages.render(page, data, english)]);
}

test('every page renders, with a language, a title, one heading and no script', () => {
  for (const [name, , { html }] of renderAll()) {
    expect([name, html.match(/<html lang="en" dir="ltr">/)?.length]).toEqual([name, 1]);
    expect([name, html.match(/<h1>/g)?.length]).toEqual([name, 1]);
    expect([name, /<title>[^<]+ · Fernweh &amp; Sons<\/title>/.test(html)]).toEqual([name, true]);
    expect([name, /<script|javascript:|\son\w+=|\sstyle=/i.test(html)]).toEqual([name, false]);
  }
});

test('the policy allows the one style sheet that is in the page, by its hash, and nothing to run', () => {
  for (const [, , { html, headers }] of renderAll()) {
    const styles = [...html.matchAll(/<style>([\s\S]*?)<\/style>/g)];
    expect(styles).toHaveLength(1);
    const hash = createHash('sha256').update(styles[0]![1]!).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; img-src https: data: 'self'; ` +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
  }
});

test('the postal address stands on one line at the foot', () => {
  expect(pages.render('home', { operator: null }, english).html).toContain(
    '<p><bdi>Fernweh &amp; Sons, 12 Harbour Street, 20457 Hamburg, Germany</bdi></p>',
  );
});

test('tokens in URLs stay there: no referrer, no cache, no search engine', () => {
  for (const [, page, { headers }] of renderAll()) {
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    const isForAll = ['home', 'subscribe', 'privacy'].includes(page);
    expect([page, headers['x-robots-tag']]).toEqual([page, isForAll ? undefined : 'noindex']);
  }
});

test('what comes from data is text, never markup', () => {
  const hostile = '"><script>alert(1)</script>';
  const { html } = pages.render(
    'subscribe',
    {
      lists: [
        { slug: hostile, name: hostile, description: hostile, checked: true },
        { slug: 'b', name: 'B', description: null, checked: false },
      ],
      values: { email: hostile, name: '{{ brand.name }}' },
      errors: { email: 'invalid' },
      consentText: hostile,
      policy: null,
      started: hostile,
    },
    {
      locale: 'en',
      brand: { ...brand, name: hostile, postalAddress: hostile, websiteUrl: `https://a/${hostile}` },
    },
  );
  expect(html).not.toContain('<script>');
  expect(html).toContain('value="&#34;&gt;&lt;script&gt;');
  expect(html).toContain('value="{{ brand.name }}"');
  const variables = pages.render(
    'unsubscribe',
    { ...leaving, list: hostile, maskedEmail: hostile },
    english,
  ).html;
  expect(variables).toContain('Leave &#34;&gt;&lt;script&gt;');
});

test('the sign-up form keeps what was typed and ties each error to its field', () => {
  const errors = samples.find(({ name }) => name === 'subscribe-errors')!;
  const { html } = pages.render(errors.page, errors.data, english);
  expect(html).toContain('value="ada@example" aria-invalid="true" aria-describedby="email-error"');
  expect(html).toContain('id="email-error">Check the email address');
  expect(html).toContain('<a href="#lists">Choose at least one.</a>');
  expect(html).toContain('4 things need your attention');
  expect(html.match(/<title>([^<]*)/)![1]).toContain('Please correct');
});

test('one list is a hidden field and the title; several are checkboxes; the lure for robots is always there', () => {
  const render = (name: string): string => {
    const sample = samples.find((one) => one.name === name)!;
    return pages.render(sample.page, sample.data, english).html;
  };
  expect(render('subscribe-one-list')).toContain('<input type="hidden" name="list" value="letters">');
  expect(render('subscribe-one-list')).toContain('<h1>Subscribe to The Sunday Letter</h1>');
  expect(render('subscribe-one-list')).not.toContain('type="checkbox"');
  expect(render('subscribe').match(/type="checkbox" name="list"/g)).toHaveLength(3);
  expect(render('subscribe')).toContain('name="website" type="text" tabindex="-1" autocomplete="off"');
  expect(render('subscribe-no-list')).not.toContain('<form');
});

test('leaving: the page posts to its own address and never links to something that acts', () => {
  const { html } = pages.render('unsubscribe', leaving, english);
  expect(html).toContain('<form method="post">');
  expect(html).toContain('<button class="link" type="submit" name="action" value="leave-all">');
});

test('how long to wait is said in the unit a person would use', () => {
  const said = (waitSeconds: number): string =>
    pages.render('error', { kind: 'tooManyRequests', waitSeconds, requestId: null }, english).html;
  expect(said(0.2)).toContain('in a second.');
  expect(said(40)).toContain('in 40 seconds.');
  expect(said(601)).toContain('in 11 minutes.');
});

test('a missing phrase, a missing variable and a missing value are errors that name themselves', async () => {
  await writeFile(join(copy, 'confirm.liquid'), "{{ 'confirm.nonsense' | t }}");
  await writeFile(join(copy, 'unsubscribe.liquid'), "{{ 'unsubscribe.title' | t }}");
  await writeFile(join(copy, 'unsubscribed.liquid'), '{{ nonsense }}');
  const broken = await Pages.load(copy);
  const data = { ...leaving, lists: [], list: null, maskedEmail: '', subscribeUrl: '', undo: null };
  expect(() => broken.render('confirm', { ...data, noneTicked: false }, english)).toThrow(
    /no phrase "confirm\.nonsense"/,
  );
  expect(() => broken.render('unsubscribe', data, english)).toThrow(
    /"unsubscribe\.title" .* variable "list"/,
  );
  expect(() => broken.render('unsubscribed', data, english)).toThrow(/nonsense/);
});

test('a template that does not parse stops the start, with its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pages-'));
  await cp(copy, folder, { recursive: true });
  await writeFile(join(folder, 'home.liquid'), '{% if %}{% endif');
  await expect(Pages.load(folder)).rejects.toThrow(/home/);
  await writeFile(join(folder, 'phrases', 'en.json'), '{');
  await expect(Pages.load(folder)).rejects.toThrow(/en\.json/);
  await rm(folder, { recursive: true });
});

test('a language is a file; what it lacks is said in the next wider language', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pages-'));
  await cp(copy, folder, { recursive: true });
  const add = (locale: string, phrases: object) =>
    writeFile(join(folder, 'phrases', `${locale}.json`), JSON.stringify(phrases));
  await add('nl', {
    'error.tooManyRequests.title': 'Even wachten',
    'error.waitSeconds': { one: 'over een seconde', other: 'over {count} seconden' },
  });
  await add('nl-BE', { 'error.tooManyRequests.title': 'Efkes wachten' });
  const more = await Pages.load(folder);
  await rm(folder, { recursive: true });
  expect(more.locales).toEqual(expect.arrayContaining(['en', 'de', 'nl', 'nl-BE']));
  const data = { kind: 'tooManyRequests', waitSeconds: 1000, requestId: null } as const;
  const at = (locale: string): RenderedPage => more.render('error', data, { locale, brand });
  expect(at('nl-NL').html).toContain('<h1>Even wachten</h1>');
  expect(at('nl-NL').html).toContain('<html lang="nl-NL" dir="ltr"');
  expect(at('nl-NL').headers['content-language']).toBe('nl-NL');
  expect(at('nl-BE').html).toContain('<h1>Efkes wachten</h1>');
  expect(at('nl-BE').html).toContain('in 17 minutes');
  expect(at('cs').html).toContain('<html lang="en" dir="ltr"');
  expect(at('not a language').headers['content-language']).toBe('en');
});

test('a page can be had in other languages where the visitor may choose', () => {
  const languages = [{ locale: 'de', name: 'Deutsch', url: '?list=a&locale=de' }];
  const { html, headers } = pages.render('home', { operator: null }, { ...english, languages });
  expect(html).toContain('<a href="?list=a&amp;locale=de" hreflang="de" lang="de">Deutsch</a>');
  expect(html).toContain('aria-label="This page in other languages"');
  expect(headers['vary']).toBe('Accept-Language');
});

test('days, times, numbers and lists follow the language, its region and the time zone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pages-'));
  await cp(copy, folder, { recursive: true });
  await writeFile(
    join(folder, 'confirmed.liquid'),
    "{{ at | day }} | {{ at | moment }} | {{ 'inbox.count' | t: count: 12345 }} | {{ lists | list_of }}",
  );
  const shop = await Pages.load(folder, 'Europe/Berlin');
  await rm(folder, { recursive: true });
  const data = { lists: ['A', 'B'], maskedEmail: '', at: '2026-01-31T23:30:00Z' };
  const said = (locale: string, timezone?: string): string =>
    shop.render('confirmed', data, { locale, brand, timezone }).html.replaceAll(/[\u00a0\u202f]/g, ' ');
  expect(said('de')).toBe('1. Februar 2026 | 1. Februar 2026 um 00:30 | 12.345 Nachrichten | A und B');
  expect(said('de-AT', 'UTC')).toBe(
    '31. Jänner 2026 | 31. Jänner 2026 um 23:30 | 12 345 Nachrichten | A und B',
  );
  expect(said('en')).toBe('February 1, 2026 | February 1, 2026 at 12:30 AM | 12,345 messages | A and B');
  expect(said('en-GB')).toBe('1 February 2026 | 1 February 2026 at 00:30 | 12,345 messages | A and B');
});

test('the brand colour reaches the style sheet only as a colour, and the text on it can be read', () => {
  const coloured = (colour: string): string =>
    pages.render('home', { operator: null }, { locale: 'en', brand: { ...brand, colour } }).html;
  expect(coloured('#B4441C')).toContain(
    '--accent:#b4441c;--on-accent:#ffffff;--link-light:#b4441c;--link-dark:#f0936b;--edge-light:#b4441c',
  );
  expect(coloured('#ffdd00')).toContain('--on-accent:#1c1917');
  for (const colour of ['red', '#fff', '#b4441c;}body{display:none', '#b4441c\n']) {
    expect(() => coloured(colour)).toThrow(/colour of brand "Fernweh & Sons"/);
  }
  const unsafe = { ...brand, websiteUrl: 'javascript:alert(1)' };
  expect(() => pages.render('home', { operator: null }, { locale: 'en', brand: unsafe })).toThrow(
    /websiteUrl/,
  );
});
