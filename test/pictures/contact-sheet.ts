import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';

const ROWS_A_SHEET = 3;

/** Many pictures on few: a row for each subject, its variants beside each other. */
export class ContactSheet {
  private readonly rows = new Map<string, { path: string; label: string }[]>();

  /** @param path of a PNG @param row the subject, which begins a new row when it is new */
  add(path: string, label: string, row: string): void {
    const pictures = this.rows.get(row) ?? [];
    pictures.push({ path, label });
    this.rows.set(row, pictures);
  }

  /** Writes `<path>-1.png`, `<path>-2.png` …, each as long as it must be. */
  async save(browser: Browser, path: string): Promise<void> {
    const rows = [...this.rows];
    for (let first = 0; first < rows.length; first += ROWS_A_SHEET) {
      const tab = await browser.newPage({ viewport: { width: 1400, height: 800 } });
      await tab.setContent(await sheetOf(rows.slice(first, first + ROWS_A_SHEET)), { waitUntil: 'load' });
      await tab.screenshot({ path: `${path}-${first / ROWS_A_SHEET + 1}.png`, fullPage: true });
      await tab.close();
    }
  }
}

async function sheetOf(rows: readonly [string, { path: string; label: string }[]][]): Promise<string> {
  const figures = await Promise.all(
    rows.map(async ([row, pictures]) => {
      const shown = await Promise.all(
        pictures.map(
          async ({ path, label }) =>
            `<figure><img src="data:image/png;base64,${(await readFile(path)).toString('base64')}"><figcaption>${row} · ${label}</figcaption></figure>`,
        ),
      );
      return `<section>${shown.join('')}</section>`;
    }),
  );
  return `<style>body{margin:16px;background:#888;font:12px sans-serif;color:#fff}section{display:flex;gap:16px;margin-bottom:24px;align-items:flex-start}
figure{margin:0}img{display:block;zoom:.66}figcaption{padding:4px 0}</style>${figures.join('')}`;
}
