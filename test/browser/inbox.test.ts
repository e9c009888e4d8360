import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { startInboxApp } from '../support/inbox-app.js';
import type { InboxApp } from '../support/inbox-app.js';
import { sampleMails, sendSamples } from '../support/sample-mails.js';

const executable = findChromium();
const inBrowser = executable ? describe : describe.skip;
const why = executable ? '' : ` (${NO_CHROMIUM})`;

inBrowser(`the inbox in Chromium${why}`, () => {
  let app: InboxApp;
  let browser: Browser;
  let context: BrowserContext;
  let tab: Page;
  /** What the browser asked for and nothing stopped: method and address. */
  let asked: string[];

  beforeAll(async () => {
    browser = await launchChromium(executable!);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    app = await startInboxApp();
    await sendSamples(app.smtpUrl);
    context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
    asked = [];
    await context.route('**', (route, request) => {
      asked.push(`${request.method()} ${request.url()}`);
      return route.fallback();
    });
    tab = await context.newPage();
  });
  afterEach(async () => {
    await context.close();
    await app.close();
  });

  const idOf = (address: string) => app.store.messages.find(({ rcptTo }) => rcptTo.includes(address))!.id;
  const frame = () => tab.frameLocator('iframe.in-light');

  test('a hostile mail is shown and does nothing', async () => {
    await tab.goto(`${app.url}/inbox/${idOf('eve@example.com')}`);
    await frame().getByRole('heading', { name: 'Your parcel is waiting' }).waitFor();
    await tab.waitForTimeout(500);
    expect(await tab.title()).not.toContain('PWNED');
    expect(await frame().locator('title').textContent()).toBe('x');
    // The form cannot be sent, and the link that wants the whole window does not get it.
    await frame().getByRole('button', { name: 'Claim it' }).click();
    await frame().locator('#top').click();
    await tab.waitForTimeout(500);
    expect(tab.url()).toContain('/inbox/');
    expect(app.store.messages).toHaveLength(sampleMails.length);
    expect(asked.filter((line) => line.startsWith('POST') || line.includes('evil.example'))).toEqual([]);
  });

  test('opened outside of its frame, it does nothing either', async () => {
    await tab.goto(`${app.url}/inbox/${idOf('eve@example.com')}/html`);
    await tab.getByRole('button', { name: 'Claim it' }).click();
    await tab.waitForTimeout(500);
    expect(await tab.title()).not.toContain('PWNED');
    expect(await tab.evaluate('origin')).toBe('null');
    expect(asked.filter((line) => line.startsWith('POST') || line.includes('evil.example'))).toEqual([]);
  });

  test('the button of a mail opens a tab in which the page works', async () => {
    const posted: string[] = [];
    await context.route('**/confirm/abc', (route, request) => {
      if (request.method() === 'POST') posted.push(request.url());
      return route.fulfill({
        contentType: 'text/html',
        body: '<form method="post"><button>Yes</button></form>',
      });
    });
    await tab.goto(`${app.url}/inbox/${idOf('ada@example.com')}`);
    const opening = context.waitForEvent('page');
    await frame().getByRole('link', { name: 'Confirm subscription' }).click();
    const opened = await opening;
    await opened.getByRole('button', { name: 'Yes' }).click();
    await opened.waitForLoadState();
    expect(posted).toEqual([`${app.url}/confirm/abc`]);
    expect(await opened.evaluate('window.opener')).toBeNull();
  });

  test('light and dark are played to the mail, and the choice holds for the next one', async () => {
    await tab.goto(`${app.url}/inbox/${idOf('ada@example.com')}`);
    const ground = (name: string) =>
      tab
        .frameLocator(`iframe.in-${name}`)
        .locator('body')
        .evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await ground('light')).toBe('rgb(250, 248, 245)');
    await tab.locator('label', { hasText: 'Dark' }).click();
    expect(await ground('dark')).toBe('rgb(23, 21, 19)');
    await tab.locator('label', { hasText: '375' }).click();
    expect(await tab.locator('iframe.in-dark').evaluate((one) => one.clientWidth)).toBe(375);
    await tab.getByRole('link', { name: 'Order 1043' }).click();
    expect(await tab.locator('#dark').isChecked()).toBe(true);
    expect(await tab.locator('#narrow').isChecked()).toBe(true);
  });

  test('new mail comes in by itself, and an older page stays as it is', async () => {
    await tab.goto(`${app.url}/inbox`);
    await sendSamples(app.smtpUrl, [
      { from: 'a@b.example', to: 'late@b.example', subject: 'Just in', text: 'x' },
    ]);
    await tab.getByText('Just in').waitFor({ timeout: 5000 });
    expect(await tab.locator('#count').textContent()).toBe('6 messages');
  });

  test('it can be emptied, after a second look', async () => {
    await tab.goto(`${app.url}/inbox`);
    await tab.getByText('Empty', { exact: true }).click();
    await tab.getByRole('button', { name: 'Delete all 5 messages' }).click();
    await tab.getByText('No mail yet').waitFor();
    expect(app.store.messages).toHaveLength(0);
  });

  test('it works without any script', async () => {
    const still = await browser.newPage({ javaScriptEnabled: false });
    await still.goto(`${app.url}/inbox?q=confirm`);
    await still.getByRole('link', { name: 'Please confirm' }).click();
    await still.frameLocator('iframe.in-light').getByText('Please confirm').waitFor();
    await still.getByRole('link', { name: 'Source' }).click();
    await still.getByText('Content-Type: multipart/related').waitFor();
    await still.context().close();
  });

  test.each(['light', 'dark'] as const)(
    'no violation, nothing blocked, nothing wider than 320 px; %s',
    async (colorScheme) => {
      const id = idOf('mueller@example.com');
      const small = await browser.newPage({ colorScheme, viewport: { width: 320, height: 700 } });
      const complaints: string[] = [];
      small.on('console', (message) => complaints.push(message.text()));
      const paths = [
        '',
        '?q=zebra',
        `/${idOf('ada@example.com')}`,
        ...['html', 'text', 'source', 'headers'].map((view) => `/${id}?view=${view}`),
      ];
      for (const path of paths) {
        await small.goto(`${app.url}/inbox${path}`);
        const { violations } = await small.evaluate<AxeResults>(
          `${axe.source}; axe.run({ exclude: ['iframe'] })`,
        );
        expect([
          path,
          violations.map(({ id: rule, nodes }) => [rule, nodes.map(({ html }) => html)]),
        ]).toEqual([path, []]);
        expect([path, await small.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 320]);
      }
      expect(complaints).toEqual([]);
      await small.context().close();
    },
  );
});
