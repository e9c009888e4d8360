import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/bin',
  '/snap/bin',
  '/Applications/Chromium.app/Contents/MacOS',
  '/Applications/Google Chrome.app/Contents/MacOS',
];

/** The Chromium of this machine: `CHROMIUM` where it is set, else the first one in the usual places, else null. */
export function findChromium(): string | null {
  const named = process.env['CHROMIUM'];
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROMIUM names ${named}, and there is no such file`);
    return named;
  }
  const names = [...NAMES, 'Chromium', 'Google Chrome'];
  const candidates = PLACES.filter(Boolean).flatMap((place) => names.map((name) => join(place, name)));
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** Said where a browser test is skipped. */
export const NO_CHROMIUM =
  'there is no Chromium on this machine (install chromium, or set CHROMIUM to its path)';

/** Headless and without its sandbox, which does not start as root or inside a container. */
export async function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'],
  });
}
