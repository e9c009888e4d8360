import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, cp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadBuiltinTemplates } from './builtin-templates.js';
import { readAttributes, readMarkup } from './markup.js';
import { PreparedTemplate } from './prepared-template.js';
import { TemplateCompiler } from './template-compiler.js';
import type { BuiltinTemplate, CompiledTemplate, FilledTemplate, Variables } from './types.js';

const FOLDER = fileURLToPath(new URL('../../../templates', import.meta.url));
const NAMES = [
  'alert',
  'confirm-subscription',
  'news',
  'order-backordered',
  'order-cancelled',
  'order-delivered',
  'order-fulfilled',
  'order-on-hold',
  'order-out-for-delivery',
  'order-paid',
  'order-partially-refunded',
  'order-partially-shipped',
  'order-payment-failed',
  'order-placed',
  'order-processing',
  'order-refunded',
  'order-shipped',
  'welcome',
  'confirm-reminder',
  'already-subscribed',
  'fresh-link',
  'change-address',
  'address-changed',
  'policy-notice',
].toSorted();
const HOSTILE = `</script><script>alert("1")</script> & 'Söhne'`;

const compiler = new TemplateCompiler();
let builtins: Map<string, BuiltinTemplate>;
const compiled = new Map<string, CompiledTemplate>();

beforeAll(async () => {
  builtins = await loadBuiltinTemplates(FOLDER);
  for (const [name, { source }] of builtins) compiled.set(name, await compiler.compile(source, 'en-GB'));
});
afterAll(() => compiler.close());

const sampleOf = (name: string) => structuredClone(builtins.get(name)?.sample) as Sample;
const fill = (name: string, variables: Variables = sampleOf(name)): FilledTemplate =>
  new PreparedTemplate(compiled.get(name) as CompiledTemplate).fill(variables, {
    timezone: 'Europe/Stockholm',
  });

interface Sample extends Variables {
  brand: Record<string, unknown>;
  order: Record<string, unknown> & { items: Record<string, unknown>[] };
}

test('the built-in mails are there', () => {
  expect([...builtins.keys()]).toEqual(NAMES);
});

describe.each(NAMES)('%s', (name) => {
  test('compiles without a warning, well under the size where Gmail cuts off', () => {
    expect(compiled.get(name)).toMatchObject({ warnings: [], locale: 'en-GB' });
    expect(compiled.get(name)?.sizeBytes).toBeLessThan(40_000);
  });

  test('is one language, has a title, and a role on every layout table', () => {
    const { html, subject } = fill(name);
    expect(html).toMatch(/<html lang="en-GB" dir="ltr"/);
    expect(html).toContain(`<title>${subject.replace('&', '&amp;')}</title>`);
    const tables = openTags(html).filter((tag) => tag.name === 'table');
    expect(tables.filter((tag) => tag.attributes['role'] !== 'presentation')).toEqual([]);
    expect(openTags(html).filter((tag) => tag.name === 'img' && !('alt' in tag.attributes))).toEqual([]);
  });

  test('has a dark side', () => {
    const { html } = fill(name);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toMatch(/@media \(prefers-color-scheme: dark\)/);
    expect(html).toContain('[data-ogsc] .card');
    expect(html).not.toMatch(/#0acce\d|\[\[|\[%/);
  });

  test('has a real text part', () => {
    const { text } = fill(name);
    expect(text).not.toMatch(/<[a-z/]|&(amp|quot|nbsp|#)|\{[{%]|\[\[|\n{3}/);
    expect(text).toContain('14 Harbour Lane');
    expect(text).toContain('hello@shop.example');
  });

  test('says who writes and how to reach them', () => {
    const { html } = fill(name);
    expect(html).toContain('Juniper &amp; Moss');
    expect(html).toContain('14 Harbour Lane');
    expect(html).toContain('href="mailto:hello@shop.example"');
    expect(html).toContain('href="https://mail.shop.example/contact"');
  });

  test('lets no name break out', () => {
    const sample = sampleOf(name);
    const order = sample.order && { ...sample.order, number: HOSTILE, note: HOSTILE };
    order?.items.forEach((item) =>
      Object.assign(item, { name: HOSTILE, sku: HOSTILE, description: HOSTILE }),
    );
    const { html, subject } = fill(name, {
      ...sample,
      brand: { ...sample.brand, name: HOSTILE },
      recipient: { name: HOSTILE, locale: 'en' },
      customer: { name: HOSTILE },
      ...(order && { order }),
      lists: [{ name: HOSTILE, description: HOSTILE }],
      list: { name: HOSTILE, slug: 'x' },
    });
    expect(openTags(html).filter((tag) => tag.name === 'script').length).toBe(
      name.startsWith('order') ? 1 : 0,
    );
    expect(html).not.toContain('<script>alert');
    if (name !== 'news') expect(subject).toContain(HOSTILE);
  });

  test('shows a logo, or the name in its place', () => {
    const sample = sampleOf(name);
    const withLogo = fill(name, {
      ...sample,
      brand: { ...sample.brand, logoUrl: 'https://shop.example/l.png' },
    });
    expect(withLogo.html).toContain('<img src="https://shop.example/l.png" alt="Juniper &amp; Moss"');
    expect(fill(name).html).not.toContain('l.png');
  });

  test('does with what is required', () => {
    const sample = sampleOf(name);
    const { id, number, currency, total, placedAt, items } = sample.order ?? { items: [] };
    const bare = items.map((item) => ({ name: item['name'], quantity: item['quantity'] }));
    const { brand } = sample;
    const variables = {
      ...sample,
      brand: { ...brand, logoUrl: null, websiteUrl: null },
      recipient: { name: null, locale: 'en' },
      ...(sample.order && {
        order: { id, number, currency, total, placedAt, items: bare },
        customer: {},
        shipment: {},
      }),
    };
    const { html, text } = fill(name, variables);
    expect(html).not.toMatch(/href=""|src=""/);
    expect(`${html}${text}`).not.toMatch(/\bnull\b|undefined|NaN/);
  });
});

describe('order mail', () => {
  test('carries no promotion link, but says how to stop news', () => {
    for (const name of ['order-placed', 'order-shipped']) {
      const { html, text } = fill(name);
      expect(html).not.toMatch(/unsubscribe/i);
      expect(html).toContain('href="https://mail.shop.example/preferences/kT3v9Qx1"');
      expect(text).toContain('To stop news or to choose your topics: https://mail.shop.example/preferences/');
    }
  });

  test('order-placed is a schema.org Order', () => {
    const order = jsonLd(fill('order-placed').html);
    expect(order).toMatchObject({
      '@type': 'Order',
      merchant: { '@type': 'Organization', name: 'Juniper & Moss' },
      orderNumber: '10482',
      orderStatus: 'https://schema.org/OrderProcessing',
      priceCurrency: 'EUR',
      price: '223.68',
      orderDate: '2026-11-22T09:41:00Z',
      customer: { '@type': 'Person', name: 'Anna' },
    });
    expect(order['acceptedOffer']).toHaveLength(3);
    expect((order['acceptedOffer'] as unknown[])[1]).toMatchObject({
      itemOffered: { '@type': 'Product', name: 'Linen tea towel', sku: 'JM-TOWEL-U' },
      price: '14.50',
      priceCurrency: 'EUR',
      eligibleQuantity: { value: 3 },
    });
  });

  test('order-shipped is a schema.org ParcelDelivery', () => {
    expect(jsonLd(fill('order-shipped').html)).toMatchObject({
      '@type': 'ParcelDelivery',
      carrier: { name: 'PostNord' },
      trackingNumber: 'UJ428817395SE',
      trackingUrl: 'https://tracking.example/UJ428817395SE',
      expectedArrivalUntil: '2026-11-26',
      itemShipped: [{ name: 'Walnut serving bowl' }, { name: 'Linen tea towel' }],
      partOfOrder: { '@type': 'Order', orderNumber: '10482' },
    });
  });

  test('JSON-LD stays JSON with a hostile and a bare order', () => {
    const sample = sampleOf('order-placed');
    const { number, currency, total, placedAt } = sample.order;
    const order = { number, currency, total, placedAt, items: [{ name: HOSTILE, quantity: 1 }] };
    const variables = { ...sample, order, customer: {}, shipment: {} };
    expect(jsonLd(fill('order-placed', variables).html)).toMatchObject({
      acceptedOffer: [{ itemOffered: { name: HOSTILE } }],
    });
    expect(jsonLd(fill('order-shipped', variables).html)).toMatchObject({ itemShipped: [{ name: HOSTILE }] });
  });

  test('shows money, quantities, totals and addresses', () => {
    const { html, text, subject } = fill('order-placed');
    expect(subject).toBe('Your order 10482 at Juniper & Moss');
    expect(visible(html)).toContain('Linen tea towel Undyed Qty 3 × €14.50 JM-TOWEL-U €43.50');
    expect(visible(html)).toContain('Discount −€5.00');
    expect(visible(html)).toContain('Total €223.68');
    expect(visible(html)).toContain('Order 10482 · 22 November 2026');
    expect(text).toContain('3 x Linen tea towel: €43.50');
    expect(text).toContain('Billing address:\nLindqvist Arkitekter AB\n');
  });

  test('names begin at one line: an item without a picture keeps its place, and none is kept where nobody has one', () => {
    const pictures = (sample: Sample) =>
      openTags(fill('order-placed', sample).html).filter(
        ({ name, attributes }) => name === 'td' && attributes['class']?.includes('picture'),
      ).length;
    const sample = sampleOf('order-placed');
    delete sample.order.items[1]?.['imageUrl'];
    expect(pictures(sample)).toBe(3);
    sample.order.items.forEach((item) => delete item['imageUrl']);
    expect(pictures(sample)).toBe(0);
  });

  test('a missing total is named', () => {
    const { order, ...rest } = sampleOf('order-placed');
    const { total: _, ...incomplete } = order;
    expect(() => fill('order-placed', { ...rest, order: incomplete })).toThrow('"order.total" is missing');
  });
});

test('news says why it comes and how to leave', () => {
  const { html, text } = fill('news');
  expect(html).toContain('href="https://mail.shop.example/unsubscribe/Zr8mW2nE5vB1"');
  expect(visible(html)).toContain('because you subscribed to The Workshop Letter at Juniper & Moss.');
  expect(visible(html)).toContain('Unsubscribe · Choose your topics · Contact us');
  expect(html).toContain('href="mailto:unsubscribe+Zr8mW2nE5vB1@bounce.shop.example"');
  expect(visible(html)).toContain('Questions? Reply to this mail or write to hello@shop.example');
  expect(visible(html)).toContain('14 Harbour Lane, Falmouth TR11 3QX, United Kingdom');
  expect(text).toContain('Unsubscribe: https://mail.shop.example/unsubscribe/Zr8mW2nE5vB1');
  expect(text).toContain('It works by mail too. mailto:unsubscribe+Zr8mW2nE5vB1@bounce.shop.example');
  expect(html).not.toContain('ld+json');
});

test('where no mail is received, the foot of news names the reply address as the way by mail', () => {
  const { links, ...rest } = sampleOf('news') as Sample & { links: Variables };
  const { html, text } = fill('news', { ...rest, links: { ...links, unsubscribeMail: null } });
  expect(visible(html)).toContain('You can also reply to this mail or write to hello@shop.example');
  expect(text).toContain('You can also reply to this mail or write to hello@shop.example');
  expect(html).not.toContain('mailto:unsubscribe');
});

test('confirm-subscription counts its days', () => {
  const sample = sampleOf('confirm-subscription');
  expect(fill('confirm-subscription').text).toContain('The link works for 7 days.');
  expect(fill('confirm-subscription', { ...sample, expiresInDays: 1 }).text).toContain('works for 1 day.');
});

test('the preheader is hidden and followed by filler', () => {
  const { html } = fill('welcome');
  expect(html).toMatch(
    /<div style="display:none;[^"]*">You are on the list\. Here is what you will get\.(&#847;&zwnj;&nbsp;){80}/,
  );
});

describe('the folder', () => {
  const changed = async (change: (folder: string) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), 'postrider-templates-'));
    try {
      await cp(FOLDER, folder, { recursive: true });
      await change(folder);
      return await loadBuiltinTemplates(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  test('a language is one more file, and a new checksum for the mails that have it', async () => {
    const more = await changed((folder) =>
      writeFile(join(folder, 'welcome/phrases/de.json'), '{ "title": "Willkommen." }'),
    );
    const welcome = more.get('welcome') as BuiltinTemplate;
    const german = await compiler.compile(welcome.source, 'de-AT');
    expect(german.locale).toBe('de-AT');
    expect(german.html).toContain('Willkommen.');
    expect(german.warnings[0]).toMatch(/^phrases missing in de-AT, in English for now: .*intro/);
    expect(welcome.checksum).not.toBe(builtins.get('welcome')?.checksum);
    expect(more.get('news')?.checksum).toBe(builtins.get('news')?.checksum);
  });

  test('a changed partial changes the mails that use it', async () => {
    const more = await changed((folder) =>
      writeFile(join(folder, 'partials/totals.mjml'), '<mj-text>x</mj-text>'),
    );
    const differs = NAMES.filter((name) => more.get(name)?.checksum !== builtins.get(name)?.checksum);
    expect(differs).toEqual(['order-cancelled', 'order-paid', 'order-payment-failed', 'order-placed']);
  });

  test('a file that is missing or broken is named', async () => {
    await expect(changed((folder) => rm(join(folder, 'news/text.liquid')))).rejects.toThrow(
      'news/text.liquid',
    );
    await expect(changed((folder) => writeFile(join(folder, 'news/sample.json'), '{'))).rejects.toThrow(
      /news\/sample\.json is not JSON/,
    );
  });
});

function openTags(html: string): { name: string; attributes: Record<string, string> }[] {
  return [...readMarkup(html)].flatMap((token) =>
    token.kind === 'open'
      ? [
          {
            name: token.name,
            attributes: Object.fromEntries(
              readAttributes(token.attributes).map(({ name, value }) => [name, value]),
            ),
          },
        ]
      : [],
  );
}

function jsonLd(html: string): Record<string, unknown> {
  const json = /<script type="application\/ld\+json">([\s\S]*?)<\/script>/.exec(html)?.[1];
  return JSON.parse(json ?? '') as Record<string, unknown>;
}

/** What a reader sees, roughly: no tags, single spaces. */
function visible(html: string): string {
  return html
    .replace(/<style[\s\S]*?<\/style>|<!--[\s\S]*?-->|<[^>]+>/g, ' ')
    .replace(/&times;/g, '×')
    .replace(/&middot;/g, '·')
    .replace(/&nbsp;/g, ' ')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,])/g, '$1');
}
