/**
 * Pictures of the built-in mails, to look at: `node test/pictures/mails.ts <folder> [order-placed order-placed-long …]`.
 * Each mail with its sample and its awkward variants, 600 and 375 px wide, light and dark.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

// Imports say `./x.js`, as the built code needs; here it is still `./x.ts`.
registerHooks({
  resolve(specifier, context, nextResolve) {
    const isOurs = specifier.startsWith('.') && !context.parentURL?.includes('/node_modules/');
    return nextResolve(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
const { loadBuiltinTemplates } = await import('../../src/modules/templates/builtin-templates.js');
const { PreparedTemplate } = await import('../../src/modules/templates/prepared-template.js');
const { TemplateCompiler } = await import('../../src/modules/templates/template-compiler.js');
const { mailVariants } = await import('./mail-variants.js');

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const WIDTHS = [600, 375];

/** Stands in for every picture that a mail asks for; the network stays out of it. */
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="500"><rect width="800" height="500" fill="#cdbfae"/>' +
  '<circle cx="400" cy="290" r="150" fill="#7d5a3c"/><ellipse cx="400" cy="215" rx="150" ry="48" fill="#5d412a"/></svg>';

/** Where the widest element ends, also when a rounded card cuts it off. */
const RIGHTMOST =
  "Math.max(...[...document.querySelectorAll('body *')].map((e) => Math.round(e.getBoundingClientRect().right)))";

const [folder, ...only] = process.argv.slice(2);
if (!folder) throw new Error('usage: node test/pictures/mails.ts <folder> [variant…]');
await mkdir(folder, { recursive: true });

const compiler = new TemplateCompiler();
const templates = await loadBuiltinTemplates(new URL('../../templates', import.meta.url).pathname);
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (const { name, variables, source } of mailVariants(templates)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const compiled = await compiler.compile(source, 'en');
    const mail = new PreparedTemplate(compiled).fill(variables, { timezone: 'Europe/Stockholm' });
    await writeFile(join(folder, `${name}.html`), mail.html);
    await writeFile(join(folder, `${name}.txt`), `${mail.subject}\n\n${mail.text}`);
    const tooWide = await takePictures(browser, mail.html, join(folder, name));
    const notes = [...compiled.warnings, ...tooWide];
    process.stdout.write(`${[`${name}: ${Buffer.byteLength(mail.html)} bytes`, ...notes].join('; ')}\n`);
  }
} finally {
  await browser.close();
  await compiler.close();
}

/** @returns what sticks out of the page, in words */
async function takePictures(chrome: Browser, html: string, path: string): Promise<string[]> {
  const notes: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of WIDTHS) {
      const page = await chrome.newPage({ viewport: { width, height: 800 }, colorScheme });
      await page.route('**/*', (route) => route.fulfill({ contentType: 'image/svg+xml', body: PICTURE }));
      await page.setContent(html);
      const rightmost = Number(await page.evaluate(RIGHTMOST));
      if (rightmost > width) notes.push(`sticks out to ${rightmost} px at ${width} px`);
      await page.screenshot({ path: `${path}-${width}-${colorScheme}.png`, fullPage: true });
      await page.close();
    }
  }
  return notes;
}
