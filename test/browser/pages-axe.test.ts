import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { Pages } from '../../src/platform/pages/index.js';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { brand, samples } from '../support/page-samples.js';

const executable = findChromium();
const inBrowser = executable ? describe : describe.skip;
const why = executable ? '' : ` (${NO_CHROMIUM})`;

inBrowser.each(['light', 'dark'] as const)(`the public pages in Chromium, %s${why}`, (colorScheme) => {
  let pages: Pages;
  let browser: Browser;
  let tab: Page;
  let complaints: string[];

  beforeAll(async () => {
    pages = await Pages.load(fileURLToPath(new URL('../../pages', import.meta.url)));
    browser = await launchChromium(executable!);
    tab = await browser.newPage({
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: 320, height: 700 },
    });
    tab.on('console', (message) => complaints.push(message.text()));
  });
  afterAll(() => browser.close());
  beforeEach(() => {
    complaints = [];
  });
  afterEach(() => tab.unrouteAll());

  /** The page as a browser gets it, headers and all, so that the policy is in force. */
  async function open(name: string): Promise<void> {
    const { page, data } = samples.find((sample) => sample.name === name)!;
    const { html, headers } = pages.render(page, data, { locale: 'en', brand });
    await tab.route('http://pages.test/**', (route) => route.fulfill({ body: html, headers }));
    await tab.goto(`http://pages.test/${name}`);
  }

  test.each(samples.map(({ name }) => name))(
    '%s: no violation, nothing blocked, nothing wider than 320 px',
    async (name) => {
      await open(name);
      const { violations } = await tab.evaluate<AxeResults>(`${axe.source}; axe.run()`);
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
      const ground = await tab.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(ground).toBe(colorScheme === 'light' ? 'rgb(250, 248, 245)' : 'rgb(23, 21, 19)');
      expect(complaints).toEqual([]);
    },
  );

  test('the keyboard reaches each control of the form in order, with a ring, and never the lure', async () => {
    await open('subscribe');
    const reached: string[] = [];
    for (let presses = 0; presses < 7; presses++) {
      await tab.keyboard.press('Tab');
      reached.push(
        await tab.evaluate<string>(
          '`${document.activeElement.name || document.activeElement.localName} ${getComputedStyle(document.activeElement).outlineStyle}`',
        ),
      );
    }
    expect(reached).toEqual([
      'a solid',
      'email solid',
      'name solid',
      'list solid',
      'list solid',
      'list solid',
      'button solid',
    ]);
  });

  test('after a mistake the summary has the focus and leads to the field', async () => {
    await open('subscribe-errors');
    expect(await tab.evaluate('document.activeElement.className')).toBe('problems');
    await tab.getByRole('link', { name: 'Check the email address' }).click();
    expect(await tab.evaluate('document.activeElement.id')).toBe('email');
  });

  test('nothing moves for those who asked for less motion', async () => {
    await open('confirmed');
    expect(await tab.evaluate('document.getAnimations().length')).toBe(0);
  });
});
