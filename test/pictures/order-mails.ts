/**
 * `docs/order-mails.png`: all order mails on one sheet, for the store's developer. Part of npm run pictures:docs.
 */
import { orderEventTypes } from '../../src/domain/index.js';
import { loadBuiltinTemplates } from '../../src/modules/templates/builtin-templates.js';
import { PreparedTemplate } from '../../src/modules/templates/prepared-template.js';
import { TemplateCompiler } from '../../src/modules/templates/template-compiler.js';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';

const WIDTH = 600;
const COLUMNS = 3;
const SCALE = 0.5;
const BOWL =
  '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="500"><rect width="800" height="500" fill="#cdbfae"/>' +
  '<circle cx="400" cy="290" r="150" fill="#7d5a3c"/><ellipse cx="400" cy="215" rx="150" ry="48" fill="#5d412a"/></svg>';

const executable = findChromium();
if (!executable) throw new Error(NO_CHROMIUM);
const templates = await loadBuiltinTemplates(new URL('../../templates', import.meta.url).pathname);
const compiler = new TemplateCompiler();
const browser = await launchChromium(executable);
try {
  const tab = await browser.newPage({ viewport: { width: WIDTH, height: 600 }, deviceScaleFactor: 1 });
  await tab.route('**/*', (route) => route.fulfill({ contentType: 'image/svg+xml', body: BOWL }));
  const columns = Array.from({ length: COLUMNS }, () => ({ height: 0, html: '' }));
  for (const type of orderEventTypes) {
    const template = templates.get(type.replaceAll(/[._]/g, '-'));
    if (!template) throw new Error(`There is no mail for ${type}`);
    const compiled = await compiler.compile(template.source, 'en');
    await tab.setContent(new PreparedTemplate(compiled).fill(template.sample, { timezone: 'UTC' }).html);
    const picture = await tab.screenshot({ fullPage: true });
    const height = Number(await tab.evaluate('document.documentElement.scrollHeight'));
    // Each mail goes where there is most room, so that the columns end at about the same height.
    const shortest = columns.toSorted((a, b) => a.height - b.height)[0]!;
    shortest.height += height;
    shortest.html += `<figure><figcaption>${type}</figcaption><img width="${WIDTH * SCALE}" src="data:image/png;base64,${picture.toString('base64')}"></figure>`;
  }
  const sheet = await browser.newPage({
    viewport: { width: COLUMNS * (WIDTH * SCALE + 24) + 24, height: 600 },
    // The text of the mails stays readable when the sheet is enlarged.
    deviceScaleFactor: 1.5,
  });
  await sheet.setContent(
    `<style>body{margin:24px;display:flex;gap:24px;background:#e7e2da;font:14px ui-monospace,Menlo,Consolas,monospace;color:#1c1917}
     figure{margin:0 0 24px}figcaption{margin:0 0 8px}img{display:block;border-radius:6px}</style>
     ${columns.map(({ html }) => `<div>${html}</div>`).join('')}`,
    { waitUntil: 'load' },
  );
  await sheet.screenshot({
    path: new URL('../../docs/order-mails.png', import.meta.url).pathname,
    fullPage: true,
  });
} finally {
  await browser.close();
  await compiler.close();
}
