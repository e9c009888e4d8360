import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * `pages/` and `templates/` with Arabic beside the languages that Postrider speaks, in a temporary folder: it is no language of ours, it
 * proves that every page and mail can be read from right to left.
 */
export async function withArabic(): Promise<{ pages: string; templates: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'arabic-'));
  for (const part of ['pages', 'templates']) {
    await cp(join(root, part), join(folder, part), { recursive: true });
    await cp(join(root, 'test/support/arabic', part), join(folder, part), { recursive: true });
  }
  return {
    pages: join(folder, 'pages'),
    templates: join(folder, 'templates'),
    remove: () => rm(folder, { recursive: true }),
  };
}
