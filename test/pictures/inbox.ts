/**
 * Pictures of the inbox with sample mails in it, to look at, at 1200, 600, 375 and 320 px, in light and dark:
 *   node --import ./test/support/typescript.ts test/pictures/inbox.ts <folder>
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { startInboxApp } from '../support/inbox-app.js';
import { sampleMails, sendSamples } from '../support/sample-mails.js';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Say which folder the pictures go to');
const executable = findChromium();
if (!executable) throw new Error(NO_CHROMIUM);

await mkdir(folder, { recursive: true });
const app = await startInboxApp();
const withRelay = await startInboxApp({ SMTP_URL: 'smtp://127.0.0.1:2525' });
const browser = await launchChromium(executable);
try {
  const names = ['Ada Lovelace', 'Grace Hopper', 'Joan Clarke', 'Mary Jackson'];
  const news = Array.from({ length: 56 }, (_, index) => ({
    from: { name: 'The Sunday Letter', address: 'letters@fernweh.example' },
    to: { name: names[index % names.length]!, address: `reader${index}@example.com` },
    subject: 'What the harbour sounds like at five in the morning',
    html: '<h1>Good morning</h1>',
  }));
  await sendSamples(app.smtpUrl, [...news, ...sampleMails]);
  const [plain, , hostile, order, confirm] = app.store.messages.map(({ id }) => id);
  const pages = {
    list: `${app.url}/inbox`,
    search: `${app.url}/inbox?q=bestellung`,
    'search-nothing': `${app.url}/inbox?q=zebra`,
    confirm: `${app.url}/inbox/${confirm}`,
    plain: `${app.url}/inbox/${plain}`,
    'order-text': `${app.url}/inbox/${order}?view=text`,
    'order-source': `${app.url}/inbox/${order}?view=source`,
    'order-headers': `${app.url}/inbox/${order}?view=headers`,
    hostile: `${app.url}/inbox/${hostile}?view=html`,
    'refused-relay': `${withRelay.url}/inbox`,
    missing: `${app.url}/inbox/nothing`,
  };
  const pictures = async (colorScheme: 'light' | 'dark', shown: Record<string, string>): Promise<void> => {
    const tab = await browser.newPage({ colorScheme, reducedMotion: 'reduce' });
    for (const [name, url] of Object.entries(shown)) {
      for (const width of [1200, 600, 375, 320]) {
        await tab.setViewportSize({ width, height: 800 });
        await tab.goto(url);
        // The frame is lazy, and the load event does not wait for it.
        if ((await tab.locator('iframe').count()) > 0) await tab.waitForLoadState('networkidle');
        await tab.screenshot({
          path: join(folder, `${name}-${width}-${colorScheme}.png`),
          animations: 'disabled',
        });
      }
    }
    await tab.close();
  };
  await pictures('light', pages);
  await pictures('dark', pages);
  const tab = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  await tab.goto(pages.confirm);
  await tab.getByText('375').click();
  await tab.locator('label', { hasText: 'Dark' }).click();
  await tab.screenshot({ path: join(folder, 'confirm-narrow-in-the-dark.png') });
  await tab.setViewportSize({ width: 1200, height: 800 });
  await tab.goto(pages.list);
  await tab.locator('summary').click();
  await tab.screenshot({ path: join(folder, 'list-empty-menu.png') });
  await tab.getByRole('button', { name: 'Delete all' }).click();
  await tab.screenshot({ path: join(folder, 'list-emptied.png') });
} finally {
  await browser.close();
  await app.close();
  await withRelay.close();
}
