/** Pages and mails in Arabic, measured where a reader would look: at the right. The Arabic is in test/support/arabic. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { loadBuiltinTemplates } from '../../src/modules/templates/builtin-templates.js';
import { PreparedTemplate } from '../../src/modules/templates/prepared-template.js';
import { TemplateCompiler } from '../../src/modules/templates/template-compiler.js';
import type { BuiltinTemplate } from '../../src/modules/templates/types.js';
import { Pages } from '../../src/platform/pages/index.js';
import { withArabic } from '../support/arabic.js';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { docsSamples, samples } from '../support/page-samples.js';
import { openSample } from '../support/page-tab.js';

const executable = findChromium();
const inBrowser = executable ? describe : describe.skip;
const why = executable ? '' : ` (${NO_CHROMIUM})`;

const MAILS = ['confirm-subscription', 'welcome', 'news', 'order-placed', 'order-shipped'];

interface Box {
  left: number;
  right: number;
}

inBrowser(`from right to left in Chromium${why}`, () => {
  let arabic: Awaited<ReturnType<typeof withArabic>>;
  let pages: Pages;
  let browser: Browser;
  let tab: Page;
  const compiler = new TemplateCompiler();
  let mails: Map<string, BuiltinTemplate>;

  beforeAll(async () => {
    arabic = await withArabic();
    pages = await Pages.load(arabic.pages);
    mails = await loadBuiltinTemplates(arabic.templates);
    browser = await launchChromium(executable!);
    tab = await browser.newPage({ reducedMotion: 'reduce', viewport: { width: 320, height: 700 } });
  });
  afterAll(async () => {
    await Promise.all([browser.close(), compiler.close(), arabic.remove()]);
  });

  /** Not from `openSample`'s address: the policy of a page would stay and forbid the styles of the mail. */
  async function openMail(html: string): Promise<void> {
    await tab.unrouteAll();
    await tab.route('https://shop.example/**', (route) => route.abort());
    await tab.goto('about:blank');
    await tab.setContent(html);
  }

  /** Where the words of an element are, not the box around them. */
  const words = (selector: string): Promise<Box> =>
    tab.evaluate<Box>(
      `(() => { const range = document.createRange(); range.selectNodeContents(document.querySelector(${JSON.stringify(selector)}));` +
        ' const { left, right } = range.getBoundingClientRect(); return { left, right }; })()',
    );
  const box = (selector: string): Promise<Box> =>
    tab.evaluate<Box>(
      `(() => { const { left, right } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect(); return { left, right }; })()`,
    );
  const style = (selector: string, property: string): Promise<string> =>
    tab.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).${property}`);

  test.each([...samples, ...docsSamples].map(({ name }) => name))(
    '%s: the page begins at the right and fits 320 px',
    async (name) => {
      await openSample(tab, pages, name, { locale: 'ar' });
      expect(await tab.locator('html').getAttribute('dir')).toBe('rtl');
      expect(await tab.locator('html').getAttribute('lang')).toBe('ar');
      const [heading, sheet] = [await words('h1'), await box('main')];
      expect(sheet.right - heading.right).toBeLessThanOrEqual(1);
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
      const left = await tab.evaluate(
        'Math.min(...[...document.querySelectorAll("main *:not(.trap *, .trap)")].map((e) => e.getBoundingClientRect().left))',
      );
      expect(left).toBeGreaterThanOrEqual(0);
    },
  );

  test('the form is mirrored: ticks at the right, stamp at the left, the address still read from left to right', async () => {
    await openSample(tab, pages, 'subscribe', { locale: 'ar' });
    const [tick, name] = [await box('.choice input'), await box('.choice-name')];
    expect(tick.left).toBeGreaterThanOrEqual(name.right);
    const [stamp, sender] = [await box('.stamp'), await box('.sender a')];
    expect(stamp.right).toBeLessThan(sender.left);
    expect([await style('#email', 'direction'), await style('#email', 'textAlign')]).toEqual([
      'ltr',
      'right',
    ]);
    expect(await style('#name', 'direction')).toBe('rtl');
    expect(await style('h1', 'letterSpacing')).toMatch(/^(0px|normal)$/);
  });

  test('facts: the word at the right, its value left of it', async () => {
    await tab.setViewportSize({ width: 600, height: 700 });
    await openSample(tab, pages, 'check-your-inbox', { locale: 'ar' });
    expect((await box('.facts dt')).left).toBeGreaterThanOrEqual((await box('.facts dd')).right);
    await tab.setViewportSize({ width: 320, height: 700 });
  });

  test('an English name keeps its place in an Arabic sentence', async () => {
    const { html } = pages.render(
      'unsubscribed',
      samples.find(({ name }) => name === 'unsubscribed')!.data as never,
      {
        locale: 'ar',
        brand: {
          name: 'Fernweh & Sons',
          logoUrl: null,
          colour: '#b4441c',
          postalAddress: null,
          websiteUrl: null,
        },
      },
    );
    expect(html).toContain('\u2068The Sunday Letter\u2069');
  });

  test.each(MAILS)('%s: the mail begins at the right and fits 320 px', async (name) => {
    const { source, sample } = mails.get(name)!;
    const mail = new PreparedTemplate(await compiler.compile(source, 'ar')).fill(sample);
    await openMail(mail.html);
    expect(mail.html).toContain('<html lang="ar" dir="rtl"');
    const [heading, card] = [await words('h1'), await box('.card')];
    expect(card.right - heading.right).toBeLessThanOrEqual(40);
    expect(heading.left - card.left).toBeGreaterThan(0);
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    expect(await style('.card h1', 'direction')).toBe('rtl');
  });

  test('order-placed: pictures at the right, money at the left', async () => {
    await tab.setViewportSize({ width: 600, height: 700 });
    const { source, sample } = mails.get('order-placed')!;
    const mail = new PreparedTemplate(await compiler.compile(source, 'ar')).fill(sample);
    await openMail(mail.html);
    const [picture, money, card] = [await box('td.picture img'), await words('td.money'), await box('.card')];
    expect(card.right - picture.right).toBeLessThanOrEqual(50);
    expect(money.left - card.left).toBeLessThanOrEqual(50);
    const button = await box('.button a');
    expect(card.right - button.right).toBeLessThanOrEqual(50);
  });
});
