import { PostriderError, type Postrider } from '../../sdk/src/index.js';

const LIST = 'letters';
/** What people read and agree to: it goes into the ledger word by word. */
export const consent = 'Write to me about new pieces, about twice a month. I can leave with one click.';

/** The list that the box on every page is for. */
export async function ensureList(postrider: Postrider): Promise<void> {
  try {
    await postrider.lists.get(LIST);
  } catch (error) {
    if (!(error instanceof PostriderError) || error.statusCode !== 404) throw error;
    await postrider.lists.create({ slug: LIST, name: 'Letters from the shop' });
  }
}

/** Asks for a confirmation by mail; nobody is subscribed before. @throws PostriderError */
export async function subscribe(
  postrider: Postrider,
  email: string,
  from: { source: string; ip?: string; userAgent?: string },
): Promise<void> {
  await postrider.subscriptions.create({ email, lists: [LIST], consent: { text: consent, ...from } });
}
