import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Pages } from '../../src/platform/pages/index.js';
import { brand, docsSamples, samples } from './page-samples.js';

export const PAGES_FOLDER = fileURLToPath(new URL('../../pages', import.meta.url));

/** Shown where a page asks for the logo of the brand: wide, dark, and transparent around its letters. */
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="64" viewBox="0 0 320 64"><circle cx="32" cy="32" r="28" fill="#17324d"/>' +
  '<path d="M18 40 32 16l14 24z" fill="#fff"/><path d="M80 18h220v10H80zM80 38h150v10H80z" fill="#17324d"/></svg>';
const withLogo = 'https://fernweh.example/logo.svg';

/** A brand is more than a colour: these are hard to read on paper, in the dark, or on both. */
export const hardBrands = {
  light: { ...brand, colour: '#fdf6e3', logoUrl: withLogo },
  dark: { ...brand, colour: '#0b0b12', logoUrl: withLogo },
  yellow: { ...brand, colour: '#ffdd00', logoUrl: withLogo },
};

/** The pages that visitors may see, by file: every one needs a sample. */
export async function publicPages(): Promise<string[]> {
  const files = (await readdir(PAGES_FOLDER, { recursive: true })).filter(
    (file) => file.endsWith('.liquid') && !file.startsWith('inbox'),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(PAGES_FOLDER, file), 'utf8')));
  return files
    .filter((_, index) => texts[index]!.startsWith("{% layout 'layout' %}"))
    .map((file) => file.replace(/\.liquid$/, ''));
}

/** Opens a page as a browser gets it, headers and all, so that the policy is in force. Nothing else is reachable from it. */
export async function openSample(
  tab: Page,
  pages: Pages,
  name: string,
  { locale = 'en', look = brand }: { locale?: string; look?: typeof brand } = {},
): Promise<void> {
  const sample = [...samples, ...docsSamples].find((one) => one.name === name);
  if (!sample) throw new Error(`There is no sample "${name}" in page-samples.ts`);
  const isOpenToAll = ['home', 'subscribe', 'privacy', 'ask-link'].includes(sample.page);
  const other =
    locale === 'de'
      ? { locale: 'en', name: 'English', url: '?locale=en' }
      : { locale: 'de', name: 'Deutsch', url: '?locale=de' };
  const languages = isOpenToAll ? [other] : [];
  const { html, headers } = pages.render(sample.page, sample.data, { locale, brand: look, languages });
  await tab.unrouteAll();
  await tab.route('**/*', (route) =>
    route.request().isNavigationRequest()
      ? route.fulfill({ body: html, headers })
      : route.fulfill({ body: LOGO, contentType: 'image/svg+xml' }),
  );
  await tab.goto(`http://pages.test/${name}`);
}
