import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { loadBuiltinTemplates } from './builtin-templates.js';
import { PreparedTemplate } from './prepared-template.js';
import { TemplateCompiler } from './template-compiler.js';
import type { BuiltinTemplate, FilledTemplate, Variables } from './types.js';

const FOLDER = fileURLToPath(new URL('../../../templates', import.meta.url));
const compiler = new TemplateCompiler();
const prepared = new Map<string, PreparedTemplate>();
let builtins: Map<string, BuiltinTemplate>;

beforeAll(async () => {
  builtins = await loadBuiltinTemplates(FOLDER);
});
afterAll(() => compiler.close());

/** A mail as somebody gets it; spaces that do not break are spaces here. */
async function mail(
  name: string,
  locale: string,
  { changes = {}, timezone = 'Europe/Berlin' }: { changes?: Variables; timezone?: string } = {},
): Promise<FilledTemplate> {
  const { source, sample } = builtins.get(name)!;
  const key = `${name} ${locale}`;
  const template = prepared.get(key) ?? new PreparedTemplate(await compiler.compile(source, locale));
  prepared.set(key, template);
  const { html, text, subject } = template.fill({ ...sample, ...changes }, { timezone });
  const plain = (part: string) => part.replaceAll(/\u00a0|&nbsp;/g, ' ');
  return { html: plain(html), text: plain(text), subject: plain(subject) };
}

describe('German', () => {
  test('every built-in mail is in German from subject to foot', async () => {
    for (const [name, { source }] of builtins) {
      const compiled = await compiler.compile(source, 'de');
      expect([name, compiled.locale, compiled.warnings]).toEqual([name, 'de', []]);
      const english = Object.values(source.phrases['en']!).filter(
        (phrase) => !/[{}]/.test(phrase) && phrase.length > 12,
      );
      const { html, text } = await mail(name, 'de');
      expect([name, english.filter((phrase) => html.includes(phrase) || text.includes(phrase))]).toEqual([
        name,
        [],
      ]);
    }
  });

  test('order-placed: money, day, address and counts as German writes them', async () => {
    const { subject, text, html } = await mail('order-placed', 'de');
    expect(html).toContain('<html lang="de" dir="ltr"');
    expect(subject).toBe('Ihre Bestellung 10482 bei Juniper & Moss');
    expect(text).toContain('Bestellung 10482 · 22. November 2026');
    expect(text).toContain('3 x Linen tea towel: 43,50 €');
    expect(text).toContain('Rabatt: −5,00 €');
    expect(text).toContain('Gesamt: 223,68 €');
    expect(html).toContain('3 Artikel, 223,68 €. Wir kümmern uns darum.');
  });

  test('order-placed: the day is the one at the reader’s, thousands are parted', async () => {
    const order = { ...(builtins.get('order-placed')!.sample['order'] as Variables) };
    const changes = { order: { ...order, placedAt: '2026-12-31T23:30:00Z', total: '12345.60' } };
    const german = await mail('order-placed', 'de', { changes });
    expect(german.text).toContain('1. Januar 2027');
    expect(german.text).toContain('Gesamt: 12.345,60 €');
    const austrian = await mail('order-placed', 'de-AT', { changes });
    expect(austrian.text).toContain('1. Jänner 2027');
    expect(austrian.html).toContain('<html lang="de-AT"');
    const london = await mail('order-placed', 'en-GB', { changes, timezone: 'Europe/London' });
    expect(london.text).toContain('31 December 2026');
    expect(london.text).toContain('Total: €12,345.60');
  });

  test('order-shipped: the parcel is expected on a German day', async () => {
    const { subject, text, html } = await mail('order-shipped', 'de');
    expect(subject).toBe('Ihre Bestellung 10482 ist unterwegs');
    expect(text).toContain('Voraussichtlich: 26. November 2026');
    expect(html).toContain('Voraussichtlich da am 26. November 2026.');
  });

  test('confirm-subscription counts its days', async () => {
    expect((await mail('confirm-subscription', 'de')).text).toContain('Der Link gilt 7 Tage.');
    const changes = { expiresInDays: 1 };
    expect((await mail('confirm-subscription', 'de', { changes })).text).toContain(
      'Der Link gilt einen Tag.',
    );
  });

  test('welcome greets, with and without a name', async () => {
    expect((await mail('welcome', 'de')).text).toContain('Willkommen, Anna.');
    const changes = { recipient: { name: null, locale: 'de' } };
    expect((await mail('welcome', 'de', { changes })).text).toContain('Willkommen.');
  });

  test('news says in German why it comes and how to leave', async () => {
    const { text, html } = await mail('news', 'de');
    expect(text).toContain('weil Sie „The Workshop Letter“ von Juniper & Moss abonniert haben.');
    expect(text).toContain('Abbestellen: https://mail.shop.example/unsubscribe/');
    expect(html).toContain('>Abbestellen</a>');
  });
});
