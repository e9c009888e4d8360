/**
 * Pictures of every public page, to look at, at 600, 375 and 320 px, in light and dark:
 *   node --import ./test/support/typescript.ts test/pictures/pages.ts <folder> [part of a name]
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pages } from '../../src/platform/pages/index.js';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { brand, samples } from '../support/page-samples.js';

const [folder, part = ''] = process.argv.slice(2);
if (!folder) throw new Error('Say which folder the pictures go to');
const executable = findChromium();
if (!executable) throw new Error(NO_CHROMIUM);

await mkdir(folder, { recursive: true });
const pages = await Pages.load(fileURLToPath(new URL('../../pages', import.meta.url)));
const browser = await launchChromium(executable);
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce', deviceScaleFactor: 1 });
    const tab = await context.newPage();
    for (const { name, page, data } of samples) {
      if (!name.includes(part)) continue;
      const { html, headers } = pages.render(page, data, { locale: 'en', brand });
      await tab.route('http://pages.test/**', (route) => route.fulfill({ body: html, headers }));
      for (const width of [600, 375, 320]) {
        await tab.setViewportSize({ width, height: 760 });
        await tab.goto(`http://pages.test/${name}`);
        await tab.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
      await tab.unrouteAll();
    }
    await context.close();
  }
} finally {
  await browser.close();
}
