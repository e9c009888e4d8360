/** The public pages by keyboard, with large text, without colours, without motion, without JavaScript. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { Pages } from '../../src/platform/pages/index.js';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { samples } from '../support/page-samples.js';
import { hardBrands, openSample, PAGES_FOLDER } from '../support/page-tab.js';

const executable = findChromium();
const inBrowser = executable ? describe : describe.skip;
const why = executable ? '' : ` (${NO_CHROMIUM})`;

/** The control that has the focus, and the line around it. */
const FOCUSED =
  '`${document.activeElement.name || document.activeElement.localName} ${getComputedStyle(document.activeElement).outlineStyle}`';
/** What a person can come to with the Tab key; of buttons that exclude each other, one. */
const REACHABLE =
  "[...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter((e) => e.tabIndex >= 0 && e.type !== 'hidden' && e.checkVisibility()).map((e) => (e.type === 'radio' ? e.name : e)).filter((e, at, all) => all.indexOf(e) === at).length";
/** Text that a box of a fixed size cuts off. */
const CUT =
  "[...document.querySelectorAll('main *')].filter((e) => getComputedStyle(e).overflow !== 'visible' && e.localName !== 'input' && !e.closest('.trap, .unseen') && e.scrollHeight > e.clientHeight + 1).map((e) => e.outerHTML)";

inBrowser(`the public pages in Chromium${why}`, () => {
  let pages: Pages;
  let browser: Browser;
  let tab: Page;

  beforeAll(async () => {
    pages = await Pages.load(PAGES_FOLDER);
    browser = await launchChromium(executable!);
    tab = await browser.newPage({ reducedMotion: 'reduce', viewport: { width: 375, height: 700 } });
  });
  afterAll(() => browser.close());

  const look = (selector: string, property: string): Promise<string> =>
    tab.evaluate(`getComputedStyle(document.querySelector('${selector}')).${property}`);

  async function press(times: number): Promise<string[]> {
    const reached: string[] = [];
    for (let presses = 0; presses < times; presses++) {
      await tab.keyboard.press('Tab');
      reached.push(await tab.evaluate<string>(FOCUSED));
    }
    return reached;
  }

  test('the keyboard reaches each control of the form in order, with a ring, and never the lure', async () => {
    await openSample(tab, pages, 'subscribe');
    expect((await press(8)).map((one) => one.split(' ')[0])).toEqual([
      'a',
      'email',
      'name',
      'list',
      'list',
      'list',
      'button',
      'a',
    ]);
  });

  test.each(samples.map(({ name }) => name))('%s: each control shows that it has the focus', async (name) => {
    await openSample(tab, pages, name);
    await tab.evaluate('document.body.tabIndex = -1; document.body.focus()');
    const reached = await press(await tab.evaluate<number>(REACHABLE));
    expect(reached.filter((one) => !one.endsWith('solid'))).toEqual([]);
  });

  test('after a mistake the summary has the focus and leads to the field', async () => {
    await openSample(tab, pages, 'subscribe-errors');
    expect(await tab.evaluate('document.activeElement.className')).toBe('problems');
    await tab.getByRole('link', { name: 'Check the email address' }).click();
    expect(await tab.evaluate('document.activeElement.id')).toBe('email');
  });

  test('a screen reader finds landmarks, a heading, and words for each field and its error', async () => {
    await openSample(tab, pages, 'subscribe-errors', { locale: 'de' });
    expect(await tab.locator('body').ariaSnapshot()).toMatch(/banner:[\s\S]*main:[\s\S]*contentinfo:/);
    expect(await tab.getByRole('heading', { level: 1 }).count()).toBe(1);
    const email = tab.getByRole('textbox', { name: 'E-Mail-Adresse' });
    expect(await email.getAttribute('aria-invalid')).toBe('true');
    expect(await tab.getByRole('group', { name: 'Was möchten Sie erhalten?' }).count()).toBe(1);
    expect(await tab.getByRole('alert').count()).toBe(1);
  });

  test.each(samples.map(({ name }) => name))('%s: at twice the size of text nothing is cut', async (name) => {
    await openSample(tab, pages, name, { locale: 'de' });
    await tab.setViewportSize({ width: 640, height: 700 });
    await tab.evaluate("document.documentElement.style.fontSize = '200%'");
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(640);
    expect(await tab.evaluate(CUT)).toEqual([]);
    await tab.setViewportSize({ width: 375, height: 700 });
  });

  test.each(Object.keys(hardBrands))('a button in the colour of a %s brand has an edge', async (name) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme });
      await openSample(tab, pages, 'confirm', { look: hardBrands[name as keyof typeof hardBrands] });
      const edge = await look('main .button', 'borderTopColor');
      const card = await look('.letter', 'backgroundColor');
      expect(distance(edge, card)).toBeGreaterThanOrEqual(3);
    }
  });

  test('in forced colours a button is still a box, and a field with a mistake stands out', async () => {
    await tab.emulateMedia({ forcedColors: 'active' });
    await openSample(tab, pages, 'subscribe-errors');
    expect(await look('.button', 'borderTopStyle')).toBe('solid');
    expect(await look('#email', 'borderTopWidth')).toBe('3px');
    await tab.emulateMedia({ forcedColors: 'none' });
  });

  test('nothing moves for those who asked for less motion', async () => {
    await openSample(tab, pages, 'confirmed');
    expect(await tab.evaluate('document.getAnimations().length')).toBe(0);
  });
});

/** Contrast of two colours as `rgb(…)`, WCAG 2.2. */
function distance(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [r, g, b] = colour.match(/\d+/g)!.map((part) => {
      const s = Number(part) / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}
