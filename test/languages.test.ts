/** What each language lacks beside English, by name; and that a language is nothing but files. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadBuiltinTemplates } from '../src/modules/templates/builtin-templates.js';
import { PreparedTemplate } from '../src/modules/templates/prepared-template.js';
import { TemplateCompiler } from '../src/modules/templates/template-compiler.js';
import { Pages } from '../src/platform/pages/index.js';
import { catalogueProblems, languageProblems } from './support/catalogues.js';
import { brand } from './support/page-samples.js';

const root = fileURLToPath(new URL('..', import.meta.url));
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'languages-'));
  for (const folder of ['pages', 'templates'])
    await cp(join(root, folder), join(copy, folder), { recursive: true });
});
afterAll(() => rm(copy, { recursive: true }));

test('no language lacks a phrase, a placeholder or a plural form', async () => {
  expect(await languageProblems(root)).toEqual([]);
});

test('what is wrong with a page’s catalogue is named', () => {
  const english = {
    title: 'Leave {list}?',
    lead: '{email} gets no more',
    wait: { one: 'a minute', other: '{count} minutes' },
    lists: { one: 'One list', other: '{count} lists' },
  };
  const arabic = {
    title: 'مغادرة {list}؟',
    lead: 'لن يصلك المزيد يا {name}',
    wait: { one: 'دقيقة', two: 'دقيقتان', other: '{count} دقيقة' },
    more: 'المزيد',
  };
  expect(catalogueProblems('ar', arabic, english, false)).toEqual([
    'lacks "lists"',
    '"lead" lacks {email}',
    '"lead" has {name}, which nobody fills in',
    '"wait" lacks the plural forms zero, few, many',
    'has "more", which English has not',
  ]);
  expect(catalogueProblems('ja', { ...english, wait: { other: '{count}分' } }, english, false)).toEqual([]);
});

test('what is wrong with a mail’s catalogue is named', () => {
  const english = {
    subject: 'Order {{ order.number }} of {{ order.placedAt | day }}',
    expires: "Good for {{ days | plural: one: '# day', other: '# days' }}.",
    hello: 'Hello{% if recipient.name %}, {{ recipient.name }}{% endif %}',
  };
  const polish = {
    subject: 'Zamówienie {{ order.nummer }} z {{ order.placedAt }}',
    expires: "Ważny {{ days | plural: one: '# dzień', other: '# dni' }}.",
    hello: 'Dzień dobry',
  };
  expect(catalogueProblems('pl', polish, english, true)).toEqual([
    '"subject" lacks order.number',
    '"subject" lacks | day',
    '"subject" has order.nummer, which nobody fills in',
    '"expires" lacks the plural forms few, many',
    '"hello" lacks recipient.name',
  ]);
});

test('adding a language is adding files: what is there is spoken, what is not is English and is named', async () => {
  await writeFile(
    join(copy, 'pages/phrases/sv.json'),
    JSON.stringify({ 'unsubscribed.title': 'Du är avanmäld', 'confirmed.titel': 'Välkommen' }),
  );
  await writeFile(
    join(copy, 'templates/welcome/phrases/sv.json'),
    JSON.stringify({ title: 'Välkommen{% if recipient.name %}, {{ recipient.name }}{% endif %}.' }),
  );

  const pages = await Pages.load(join(copy, 'pages'));
  const data = { list: null, maskedEmail: 'a•••@example.com', subscribeUrl: '/subscribe', undo: null };
  const { html } = pages.render('unsubscribed', data, { locale: 'sv-FI', brand });
  expect(html).toContain('<html lang="sv-FI" dir="ltr">');
  expect(html).toContain('<h1>Du är avanmäld</h1>');
  expect(html).toContain('Changed your mind?');

  const compiler = new TemplateCompiler();
  const welcome = (await loadBuiltinTemplates(join(copy, 'templates'))).get('welcome')!;
  const compiled = await compiler.compile(welcome.source, 'sv');
  await compiler.close();
  const mail = new PreparedTemplate(compiled).fill(welcome.sample);
  expect(mail.text).toContain('Välkommen, Anna.');
  expect(mail.subject).toBe('Welcome to Juniper & Moss');

  const problems = await languageProblems(copy);
  expect(problems).toContain('pages/phrases/sv.json: lacks "unsubscribed.lead"');
  expect(problems).toContain('pages/phrases/sv.json: has "confirmed.titel", which English has not');
  expect(problems).toContain('templates/welcome/phrases/sv.json: lacks "subject"');
  expect(problems).toContain('templates/order-placed/phrases/sv.json: is missing');
});
