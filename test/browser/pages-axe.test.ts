import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { Pages } from '../../src/platform/pages/index.js';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { docsSamples, samples } from '../support/page-samples.js';
import { hardBrands, openSample, PAGES_FOLDER, publicPages } from '../support/page-tab.js';

const executable = findChromium();
const inBrowser = executable ? describe : describe.skip;
const why = executable ? '' : ` (${NO_CHROMIUM})`;

const GROUND = { light: 'rgb(250, 248, 245)', dark: 'rgb(23, 21, 19)' };
/** Everything once; what depends on colours and width in each of them. All rules each time took three times as long. */
const ALL_RULES = "{ rules: { 'target-size': { enabled: true } } }";
const RULES_OF_LOOK =
  "{ runOnly: ['color-contrast', 'link-in-text-block', 'target-size', 'scrollable-region-focusable'] }";
const SCHEMES = ['light', 'dark'] as const;

const all = [...samples, ...docsSamples];

test('every public page has a sample in page-samples.ts', async () => {
  const shown = new Set<string>(all.map(({ page }) => page));
  expect((await publicPages()).filter((page) => !shown.has(page))).toEqual([]);
});

inBrowser(`axe on the public pages in Chromium${why}`, () => {
  let pages: Pages;
  let browser: Browser;
  let tab: Page;
  let complaints: string[] = [];

  beforeAll(async () => {
    pages = await Pages.load(PAGES_FOLDER);
    browser = await launchChromium(executable!);
    tab = await browser.newPage({ reducedMotion: 'reduce' });
    tab.on('console', (message) => complaints.push(message.text()));
  });
  afterAll(() => browser.close());

  /** What axe says about the page as it stands, in this colour scheme and at this width. */
  async function violations(colorScheme: 'light' | 'dark', width: number): Promise<unknown[]> {
    await tab.emulateMedia({ colorScheme });
    await tab.setViewportSize({ width, height: 700 });
    const isFirst = colorScheme === 'light' && width === 375;
    const found = await tab.evaluate<AxeResults>(`axe.run(${isFirst ? ALL_RULES : RULES_OF_LOOK})`);
    return found.violations.map(({ id, nodes }) => [
      colorScheme,
      width,
      id,
      nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary}`),
    ]);
  }

  describe.each(['en', 'de'])('in %s', (locale) => {
    test.each(all.map(({ name }) => name))(
      '%s: no violation, nothing blocked, nothing wider than 320 px',
      async (name) => {
        complaints = [];
        await openSample(tab, pages, name, { locale });
        await tab.evaluate(axe.source);
        const found: unknown[] = [];
        for (const scheme of SCHEMES) {
          found.push(...(await violations(scheme, 375)), ...(await violations(scheme, 600)));
          const ground = await tab.evaluate('getComputedStyle(document.body).backgroundColor');
          expect(ground).toBe(GROUND[scheme]);
        }
        expect(found).toEqual([]);
        await tab.setViewportSize({ width: 320, height: 700 });
        expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
        expect(complaints).toEqual([]);
      },
    );
  });

  describe.each(Object.entries(hardBrands))('in the colours of a %s brand with a logo', (_, look) => {
    test.each(['subscribe-errors', 'unsubscribe', 'confirmed'])('%s: no violation', async (name) => {
      await openSample(tab, pages, name, { look });
      await tab.evaluate(axe.source);
      for (const scheme of SCHEMES) expect(await violations(scheme, 375)).toEqual([]);
    });
  });
});
