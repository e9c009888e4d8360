import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A whole report as a product or provider writes it, and what it says of whom. */
export interface KnownLayout {
  readonly who: string;
  readonly raw: string;
  /** `user@example.com user_unknown hard 5.1.1`, one for each recipient; a hyphen for no status. */
  readonly expected: readonly string[];
}

const folder = join(import.meta.dirname, 'known-layouts');

/** `=== who`, then `--- recipient | recipient`, then the mail. */
export const knownLayouts: readonly KnownLayout[] = readdirSync(folder).flatMap((name) =>
  readFileSync(join(folder, name), 'utf8')
    .split(/^=== /m)
    .slice(1)
    .map((text) => {
      const [who = '', expected = '', ...raw] = text.split('\n');
      if (!expected.startsWith('--- ')) throw new Error(`${who}: says nothing of its recipients`);
      return { who, raw: raw.join('\n'), expected: expected.slice(4).split(' | ') };
    }),
);
