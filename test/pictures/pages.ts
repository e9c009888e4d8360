/**
 * Pictures of every public page, to look at, in English, German and Arabic, at 600 and 375 px, in light and dark, and a contact sheet of
 * each language:
 *   node --import ./test/support/typescript.ts test/pictures/pages.ts <folder> [part of a name]
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Pages } from '../../src/platform/pages/index.js';
import { withArabic } from '../support/arabic.js';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { docsSamples, samples } from '../support/page-samples.js';
import { hardBrands, openSample } from '../support/page-tab.js';
import { ContactSheet } from './contact-sheet.js';

const [folder, part = ''] = process.argv.slice(2);
if (!folder) throw new Error('Say which folder the pictures go to');
const executable = findChromium();
if (!executable) throw new Error(NO_CHROMIUM);

await mkdir(folder, { recursive: true });
const arabic = await withArabic();
const pages = await Pages.load(arabic.pages);
const browser = await launchChromium(executable);
try {
  const tab = await browser.newPage({ reducedMotion: 'reduce', deviceScaleFactor: 1 });
  const shown = [...samples, ...docsSamples].map(({ name }) => name).filter((name) => name.includes(part));
  for (const locale of ['en', 'de', 'ar']) {
    const sheet = new ContactSheet();
    for (const name of shown) {
      await openSample(tab, pages, name, { locale });
      await takeAll(sheet, name, locale);
    }
    await sheet.save(browser, join(folder, `pages-${locale}`));
  }
  const sheet = new ContactSheet();
  for (const [brand, look] of Object.entries(hardBrands)) {
    for (const name of shown.filter((one) =>
      ['subscribe-errors', 'confirmed', 'unsubscribe'].includes(one),
    )) {
      await openSample(tab, pages, name, { look });
      await takeAll(sheet, `${name}-${brand}`, 'en');
    }
  }
  await sheet.save(browser, join(folder, 'pages-brands'));

  async function takeAll(onto: ContactSheet, name: string, locale: string): Promise<void> {
    for (const width of [600, 375]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await tab.emulateMedia({ colorScheme });
        await tab.setViewportSize({ width, height: 640 });
        const path = join(folder!, `${name}-${locale}-${width}-${colorScheme}.png`);
        await tab.screenshot({ path, fullPage: true });
        onto.add(path, `${width} ${colorScheme}`, name);
      }
    }
  }
} finally {
  await browser.close();
  await arabic.remove();
}
