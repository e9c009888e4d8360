import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { DnsServer } from '../support/dns.js';
import { Program } from '../support/program.js';
import { Sink } from '../support/sink.js';

const executable = findChromium();
const inBrowser = executable ? describe : describe.skip;
const why = executable ? '' : ` (${NO_CHROMIUM})`;

/** The form that a shop copies from `/docs/sign-up-form`, on a website of another origin with a strict policy. */
inBrowser(`a sign-up form on somebody else's page${why}`, () => {
  let dns: DnsServer;
  let sink: Sink;
  let program: Program;
  let browser: Browser;
  let shop: Server;
  let context: BrowserContext;
  let tab: Page;
  let snippet: string;
  let complaints: string[];

  beforeAll(async () => {
    dns = await DnsServer.start({ 'post.example': { mx: ['10 mx.post.example'] } });
    sink = await Sink.start();
    program = await Program.start({
      SMTP_URL: sink.url,
      MAIL_FROM: 'Tea Shop <news@tea.example>',
      DNS_SERVERS: dns.server,
    });
    await program.call('POST', '/v1/lists', { slug: 'letters', name: 'Letters & <more>' });
    await program.call('POST', '/v1/lists', { slug: 'sales', name: 'Sales' });
    browser = await launchChromium(executable!);
    shop = createServer((request, response) => {
      const language = new URL(request.url ?? '/', 'http://shop').searchParams.get('lang') ?? 'en';
      response.setHeader('Content-Type', 'text/html; charset=windows-1252');
      response.setHeader(
        'Content-Security-Policy',
        `default-src 'none'; script-src ${program.url}; connect-src ${program.url}; form-action ${program.url}`,
      );
      response.end(
        `<!doctype html><html lang="${language}"><title>Shop</title><main><h1>Tea</h1>${snippet}</main></html>`,
      );
    }).listen(0, '127.0.0.1');
    await once(shop, 'listening');
  }, 120_000);

  afterAll(async () => {
    shop?.close();
    await browser?.close();
    await program?.remove();
    await sink?.stop();
    await dns?.stop();
  }, 60_000);

  beforeEach(async () => {
    complaints = [];
    context = await browser.newContext({ reducedMotion: 'reduce' });
    context.setDefaultTimeout(20_000);
    tab = await context.newPage();
    tab.on('console', (message) => complaints.push(message.text()));
    tab.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(() => context.close());

  const shopUrl = (query = '') => `http://127.0.0.1:${(shop.address() as AddressInfo).port}/tea${query}`;
  const copyFrom = async (query: string) => {
    await tab.goto(`${program.url}/docs/sign-up-form${query}`);
    snippet = (await tab.locator('#snippet').textContent()) ?? '';
  };

  test.each(['light', 'dark'] as const)(
    'the page that hands it out is accessible and fits 320 px, %s',
    async (colorScheme) => {
      await tab.emulateMedia({ colorScheme });
      await tab.setViewportSize({ width: 320, height: 700 });
      await tab.goto(`${program.url}/docs/sign-up-form?list=letters&list=sales`);
      // The page's policy lets nothing in but its own script, so axe comes by the debugger.
      const { violations } = await tab.evaluate<AxeResults>(`${axe.source}; axe.run()`);
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
      expect(complaints).toEqual([]);
    },
  );

  test('its button copies exactly what it shows, for the lists that were chosen', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: program.url });
    await tab.goto(`${program.url}/docs/sign-up-form`);
    await tab.getByLabel('Sales').check();
    await tab.getByRole('button', { name: 'Show the form' }).click();
    await tab.getByRole('button', { name: 'Copy the form' }).click();
    await tab.getByText('Copied.').waitFor();
    const copied = await tab.evaluate<string>('navigator.clipboard.readText()');
    expect(copied).toBe(await tab.locator('#snippet').textContent());
    expect(copied).toContain(`action="${program.url}/subscribe"`);
    expect(copied).toContain('Letters &amp; &lt;more&gt;');
    expect(copied.match(/name="list"/g)).toHaveLength(2);
  });

  test('it answers in place, and the mail and the ledger have the words that it showed', async () => {
    await copyFrom('?list=letters');
    await tab.goto(shopUrl());
    await tab.getByLabel('Email address').fill('ada@post.example');
    await tab.getByRole('button', { name: 'Subscribe' }).click();
    const answer = tab.getByRole('status');
    await answer.getByText('Check your inbox').waitFor();
    expect(await answer.evaluate('document.activeElement.className')).toBe('postrider-answer');
    expect(tab.url()).toBe(shopUrl());
    await sink.mail(({ to }) => to === 'ada@post.example');
    expect(await context.cookies()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('what is wrong stands at its field, has the focus, and goes when it is right', async () => {
    await copyFrom('?list=letters&list=sales');
    await tab.goto(shopUrl());
    await tab.getByLabel('Email address').fill('ada@post');
    await tab.getByRole('button', { name: 'Subscribe' }).click();
    await tab.getByText('Check the email address').waitFor();
    await tab.getByText('Choose at least one').waitFor();
    const email = tab.getByLabel('Email address');
    expect(await email.getAttribute('aria-invalid')).toBe('true');
    const described = await email.getAttribute('aria-describedby');
    expect(await tab.locator(`#${described}`).textContent()).toContain('name@example.com');
    expect(await tab.evaluate('document.activeElement.name')).toBe('email');
    await email.fill('bea@post.example');
    await tab.getByLabel('Sales').check();
    await tab.getByRole('button', { name: 'Subscribe' }).click();
    await tab.getByText('Check your inbox').waitFor();
    expect(await tab.locator('.postrider-error').count()).toBe(0);
  });

  test('a domain without mail brings the form back with what was typed', async () => {
    await copyFrom('?list=letters&locale=de');
    await tab.goto(shopUrl('?lang=de'));
    await tab.getByLabel('E-Mail-Adresse').fill('ada@nowhere.example');
    await tab.getByRole('button').click();
    await tab.getByRole('status').waitFor();
    await tab.getByRole('alert').getByText('nowhere.example').waitFor();
    expect(await tab.getByLabel('E-Mail-Adresse').inputValue()).toBe('ada@nowhere.example');
  });

  test('without JavaScript, or when the script cannot ask, it leads to the page that says the same', async () => {
    await copyFrom('?list=letters');
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const page = await plain.newPage();
    await page.goto(shopUrl());
    await page.getByLabel('Email address').fill('plain@post.example');
    await page.getByLabel('Name').fill('Jörg');
    await page.getByRole('button').click();
    await page.getByRole('heading', { level: 1, name: 'Check your inbox' }).waitFor();
    await plain.close();
    await sink.mail(({ to }) => to === 'plain@post.example');
    const { body } = await program.call('POST', '/v1/subscribers/search', { email: 'plain@post.example' });
    expect(body.data[0].name).toBe('Jörg');

    await tab.goto(shopUrl());
    await tab.route(`${program.url}/subscribe`, async (route) =>
      route.request().resourceType() === 'fetch' ? route.abort() : route.continue(),
    );
    await tab.getByLabel('Email address').fill('offline@post.example');
    await tab.getByRole('button').click();
    await tab.getByRole('heading', { level: 1, name: 'Check your inbox' }).waitFor();
  });
});
