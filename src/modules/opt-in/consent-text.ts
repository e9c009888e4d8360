import type { List } from '../lists/index.js';

/** Changes whenever the words below do. */
export const CONSENT_TEXT_VERSION = 'subscribe-form-1';

/** Word for word what stands above the button of the sign-up form, and what the ledger keeps. */
export function consentText(brandName: string, lists: readonly Pick<List, 'name'>[]): string {
  const [first] = lists;
  const what = lists.length === 1 && first ? `“${first.name}”` : 'the letters chosen above';
  return (
    `I would like to receive ${what} from ${brandName} by email. ` +
    'I can end that at any time with the link at the foot of every letter.'
  );
}
