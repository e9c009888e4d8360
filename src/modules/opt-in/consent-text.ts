import { createHash } from 'node:crypto';
import { languageFor } from '../../domain/index.js';
import type { Pages } from '../../platform/pages/index.js';
import type { List } from '../lists/index.js';

export interface ConsentText {
  /** Word for word what stands above the button of the sign-up form, and what the ledger keeps. */
  readonly text: string;
  /** Of the wording without its names: `form-3f2a9c1b-de`. It changes whenever the words do, and tells the languages apart. */
  readonly version: string;
}

export function consentText(
  pages: Pages,
  locale: string,
  brandName: string,
  lists: readonly Pick<List, 'name'>[],
): ConsentText {
  const [first] = lists;
  const [key, list] = lists.length === 1 && first ? ['consent.one', first.name] : ['consent.many', ''];
  const wording = pages.say(locale, key, { list: '{list}', brand: '{brand}' });
  const hash = createHash('sha256').update(wording).digest('hex').slice(0, 8);
  return {
    text: pages.say(locale, key, { list, brand: brandName }),
    version: `form-${hash}-${languageFor(locale, pages.locales) ?? 'en'}`,
  };
}
