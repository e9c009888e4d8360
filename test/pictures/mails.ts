/**
 * Pictures of the built-in mails, to look at, 600 and 375 px wide, in light and dark: in English with their awkward variants, in German and
 * in Arabic as they are and with what is long; and contact sheets of them all:
 *   node --import ./test/support/typescript.ts test/pictures/mails.ts <folder> [part of a name] [language]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { loadBuiltinTemplates } from '../../src/modules/templates/builtin-templates.js';
import { PreparedTemplate } from '../../src/modules/templates/prepared-template.js';
import { TemplateCompiler } from '../../src/modules/templates/template-compiler.js';
import { withArabic } from '../support/arabic.js';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { ContactSheet } from './contact-sheet.js';
import { IN_EVERY_LANGUAGE, mailVariants } from './mail-variants.js';

const WIDTHS = [600, 375];

/** Stands in for every picture that a mail asks for; the network stays out of it. */
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="500"><rect width="800" height="500" fill="#cdbfae"/>' +
  '<circle cx="400" cy="290" r="150" fill="#7d5a3c"/><ellipse cx="400" cy="215" rx="150" ry="48" fill="#5d412a"/></svg>';

/** What sticks out on either side, also when a rounded card cuts it off. */
const OUTSIDE =
  "Math.max(...[...document.querySelectorAll('body *')].map((e) => e.getBoundingClientRect()).flatMap((box) => [-box.left, box.right - innerWidth].map(Math.round)))";

const [folder, part = '', only] = process.argv.slice(2);
if (!folder) throw new Error('Say which folder the pictures go to');
const executable = findChromium();
if (!executable) throw new Error(NO_CHROMIUM);
await mkdir(folder, { recursive: true });

const compiler = new TemplateCompiler();
const arabic = await withArabic();
const templates = await loadBuiltinTemplates(arabic.templates);
const browser = await launchChromium(executable);
const tab = await browser.newPage();
await tab.route('**/*', (route) => route.fulfill({ contentType: 'image/svg+xml', body: PICTURE }));
try {
  for (const locale of only ? [only] : ['en', 'de', 'ar']) {
    const sheet = new ContactSheet();
    for (const { name, variables, source } of mailVariants(templates)) {
      if (!name.includes(part) || !isShown(name, locale)) continue;
      const compiled = await compiler.compile(source, locale);
      const mail = new PreparedTemplate(compiled).fill(variables, { timezone: 'Europe/Stockholm' });
      const path = join(folder, `${name}-${locale}`);
      await writeFile(`${path}.html`, mail.html);
      await writeFile(`${path}.txt`, `${mail.subject}\n\n${mail.text}`);
      const tooWide = await takePictures(tab, mail.html, path, name, sheet);
      const notes = [...compiled.warnings, ...tooWide];
      process.stdout.write(
        `${[`${name} ${locale}: ${Buffer.byteLength(mail.html)} bytes`, ...notes].join('; ')}\n`,
      );
    }
    await sheet.save(browser, join(folder, `mails-${locale}`));
  }
} finally {
  await browser.close();
  await compiler.close();
  await arabic.remove();
}

function isShown(name: string, locale: string): boolean {
  return locale === 'en' || templates.has(name) || IN_EVERY_LANGUAGE.test(name);
}

/** @returns what sticks out of the page, in words */
async function takePictures(
  page: Page,
  html: string,
  path: string,
  name: string,
  sheet: ContactSheet,
): Promise<string[]> {
  const notes: string[] = [];
  await page.setContent(html);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const outside = Number(await page.evaluate(OUTSIDE));
      if (outside > 0) notes.push(`sticks out by ${outside} px at ${width} px`);
      const picture = `${path}-${width}-${colorScheme}.png`;
      await page.screenshot({ path: picture, fullPage: true });
      sheet.add(picture, `${width} ${colorScheme}`, name);
    }
  }
  return notes;
}
