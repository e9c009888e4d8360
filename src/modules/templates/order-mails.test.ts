/**
 * Every order mail as a customer reads it, word for word, and what it tells machines. The words are kept in test/golden;
 * after a change on purpose: UPDATE_GOLDEN=1 npm test -- order-mails, and read the difference.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { orderEventTypes } from '../../domain/index.js';
import { loadBuiltinTemplates } from './builtin-templates.js';
import { PreparedTemplate } from './prepared-template.js';
import { TemplateCompiler } from './template-compiler.js';
import type { BuiltinTemplate, FilledTemplate, Variables } from './types.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const names = orderEventTypes.map((type) => type.replaceAll(/[._]/g, '-'));
const compiler = new TemplateCompiler();
let builtins: Map<string, BuiltinTemplate>;

beforeAll(async () => {
  builtins = await loadBuiltinTemplates(`${root}templates`);
});
afterAll(() => compiler.close());

async function mails(
  locale: string,
  changes: Variables = {},
  some = names,
): Promise<[string, FilledTemplate][]> {
  return Promise.all(
    some.map(async (name) => {
      const { source, sample } = builtins.get(name)!;
      const template = new PreparedTemplate(await compiler.compile(source, locale));
      return [name, template.fill({ ...sample, ...changes }, { timezone: 'Europe/Stockholm' })] as [
        string,
        FilledTemplate,
      ];
    }),
  );
}

async function expectGolden(file: string, actual: string): Promise<void> {
  const path = `${root}test/golden/${file}`;
  if (process.env['UPDATE_GOLDEN']) await writeFile(path, actual);
  expect(actual).toBe(await readFile(path, 'utf8'));
}

test.each(['en', 'de'])('every order mail in %s, as text', async (locale) => {
  const texts = (await mails(locale)).map(
    ([name, { subject, html, text }]) =>
      `===== ${name}\nSubject: ${subject}\nPreheader: ${preheader(html)}\n\n${text}`,
  );
  await expectGolden(`order-mails.${locale}.txt`, texts.join('\n'));
});

test('every order mail carries JSON-LD that is JSON, of its order and no other state than its own', async () => {
  const told = (await mails('en')).map(([name, { html }]) => [name, jsonLd(html)] as const);
  await expectGolden('order-mails.jsonld.json', `${JSON.stringify(Object.fromEntries(told), null, 2)}\n`);
  for (const [name, { '@type': type, orderNumber, partOfOrder }] of told) {
    const order = (partOfOrder ?? { orderNumber }) as Record<string, unknown>;
    expect([name, order['orderNumber']]).toEqual([name, '10482']);
    expect([name, type]).toEqual([
      name,
      /shipped|delivery|delivered/.test(name) ? 'ParcelDelivery' : 'Order',
    ]);
  }
});

test('a number keeps its order in a sentence from right to left, in the subject and in the text too', async () => {
  const { source, sample } = builtins.get('order-paid')!;
  const number = { ...(sample['order'] as Variables), number: '10482-B' };
  const phrases = { ...source.phrases, ar: { subject: 'الطلب {{ order.number }}' } };
  const compiled = await compiler.compile({ ...source, phrases }, 'ar');
  const { subject } = new PreparedTemplate(compiled).fill({ ...sample, order: number });
  expect(subject).toBe('الطلب \u206810482-B\u2069');
  expect((await mails('en')).some(([, { html, text }]) => /[\u2066-\u2069]/.test(html + text))).toBe(false);
});

test('what nobody knows of an order is left out of its JSON-LD, not null', async () => {
  const items = [{ name: 'Bowl', quantity: 2, total: '20.00' }];
  const order = { number: '10482', currency: 'EUR', total: '20.00', placedAt: null, items };
  const changes = { order, customer: {}, shipment: {}, backorder: {} };
  const later = names.filter((name) => name !== 'order-placed');
  for (const [name, { html }] of await mails('en', changes, later)) {
    const json = jsonLd(html);
    expect([name, JSON.stringify(json)]).not.toEqual([name, expect.stringContaining('null')]);
    // 20.00 is what two of them cost.
    expect([name, JSON.stringify(json['acceptedOffer'])]).not.toEqual([
      name,
      expect.stringContaining('20.00'),
    ]);
  }
});

/** What an inbox shows after the subject, without the filler behind it. */
function preheader(html: string): string {
  const [, hidden = ''] = /<div style="display:none;[^"]*">([\s\S]*?)<\/div>/.exec(html) ?? [];
  return hidden.replace(/(&#847;|&zwnj;|&nbsp;|\s)+$/, '').replaceAll('&#39;', "'");
}

function jsonLd(html: string): Record<string, unknown> {
  const [, json = ''] = /<script type="application\/ld\+json">([\s\S]*?)<\/script>/.exec(html) ?? [];
  return JSON.parse(json) as Record<string, unknown>;
}
