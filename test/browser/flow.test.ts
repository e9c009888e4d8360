import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/engine.js';
import { Program } from '../support/program.js';

const executable = findChromium();
const inBrowser = executable ? describe : describe.skip;
const why = executable ? '' : ` (${NO_CHROMIUM})`;

/** What a newcomer does in the first minutes, in a browser that runs no script. */
inBrowser(`a visitor without JavaScript, from the form to the last letter${why}`, () => {
  let database: TestDatabase;
  let program: Program;
  let browser: Browser;
  let visitor: BrowserContext;
  let tab: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    database = await testDatabase();
    program = await Program.start({ DATABASE_URL: database.url, MAIL_FROM: 'Tea Shop <news@tea.example>' });
    await program.call('POST', '/v1/lists', { slug: 'letters', name: 'Letters from the shop' });
    browser = await launchChromium(executable!);
    visitor = await browser.newContext({ javaScriptEnabled: false });
    visitor.setDefaultTimeout(30_000);
    visitor.on('console', (message) => complaints.push(message.text()));
    visitor.on('weberror', (wrong) => complaints.push(wrong.error().message));
    visitor.on('requestfailed', (request) => complaints.push(`${request.method()} ${request.url()} failed`));
    visitor.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
    });
    tab = await visitor.newPage();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await program?.remove();
    await database?.drop();
  }, 60_000);

  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

  /** Moves the focus with the Tab key until it is where it should be. */
  async function tabTo(page: Page, what: string): Promise<void> {
    const focused = () =>
      page.evaluate<string>(
        '`${document.activeElement.name || ""}|${document.activeElement.innerText || ""}`',
      );
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await focused()).split('|').includes(what)) return;
    }
    throw new Error(`The Tab key does not lead to ${what} at ${page.url()}`);
  }

  /** Opens the newest mail with this subject, as soon as it is in the inbox. */
  async function openMail(subject: string): Promise<void> {
    const row = tab.getByRole('link', { name: subject }).first();
    await eventually(async () => {
      await tab.goto(`${program.url}/inbox`);
      return (await row.count()) > 0;
    }, 60_000);
    await row.click();
    await heading(tab, subject);
  }

  /** Follows a link in the HTML view of the mail; it opens in a tab of its own. */
  async function followLink(name: string | RegExp): Promise<Page> {
    const opening = visitor.waitForEvent('page');
    await tab.frameLocator('iframe.in-light').getByRole('link', { name }).first().click();
    const opened = await opening;
    await opened.waitForLoadState();
    return opened;
  }

  const status = async () => {
    const { body } = await program.call('POST', '/v1/subscribers/search', { email: 'ada@example.com' });
    return body.data[0]?.subscriptions[0]?.status as string | undefined;
  };

  async function campaign(subject: string): Promise<Record<string, number>> {
    const news = { name: subject, subject, lists: ['letters'], content: `# ${subject}\n\nA new tea.` };
    const { body } = await program.call('POST', '/v1/campaigns', news);
    expect((await program.call('POST', `/v1/campaigns/${body.id}/send`)).status).toBe(200);
    return eventually(async () => {
      const { body: now } = await program.call('GET', `/v1/campaigns/${body.id}`);
      return now.state === 'finished' && now.counts;
    }, 60_000);
  }

  test('fills in the form with the keyboard alone and is told what comes next', async () => {
    await tab.goto(`${program.url}/subscribe`);
    await heading(tab, 'Subscribe to Letters from the shop');
    await tabTo(tab, 'email');
    await tab.keyboard.type('ada@example.com');
    await tabTo(tab, 'name');
    await tab.keyboard.type('Ada');
    await tabTo(tab, 'Subscribe');
    // No person is as quick as this: a form that is sent within two seconds is asked for one more press.
    await tab.waitForTimeout(2_000);
    await tab.keyboard.press('Enter');
    await heading(tab, 'Check your inbox');
    await tab.getByText('ada@example.com').waitFor();
    await eventually(async () => (await status()) === 'pending');
    await tabTo(tab, 'Open the inbox');
    await tab.keyboard.press('Enter');
    await tab.waitForURL('**/inbox');
  }, 90_000);

  test('confirms with the button in the mail', async () => {
    await openMail('Please confirm');
    const page = await followLink('Confirm');
    await heading(page, 'Yes, I would like that');
    expect(await status()).toBe('pending');
    await tabTo(page, 'Confirm subscription');
    await page.keyboard.press('Enter');
    await heading(page, 'Welcome, you are on the list');
    expect(await status()).toBe('confirmed');
    await page.close();
  }, 90_000);

  test('gets the news, and leaves with one press', async () => {
    expect(await campaign('First flush')).toMatchObject({ recipients: 1, sent: 1 });
    await openMail('First flush');
    const page = await followLink(/^unsubscribe/i);
    await heading(page, 'Leave Letters from the shop?');
    expect(await status()).toBe('confirmed');
    await page.getByRole('button', { name: 'Unsubscribe', exact: true }).click();
    await heading(page, 'You are unsubscribed');
    expect(await status()).toBe('unsubscribed');
    await page.close();
  }, 120_000);

  test('gets no news after that', async () => {
    expect(await campaign('Second flush')).toMatchObject({ recipients: 0, sent: 0 });
    await tab.goto(`${program.url}/inbox`);
    await tab.getByRole('link', { name: 'First flush' }).first().waitFor();
    expect(await tab.getByRole('link', { name: 'Second flush' }).count()).toBe(0);
  }, 90_000);

  test('and the browser had nothing to complain about', () => {
    expect(complaints).toEqual([]);
  });
});
