import type { List, Sender } from '../lists/index.js';
import type { Variables } from '../templates/index.js';

export interface NewsOccasion {
  readonly publicUrl: string;
  readonly sender: Sender;
  readonly list: Pick<List, 'slug' | 'name'>;
  readonly campaignName: string;
  readonly recipient: { readonly name: string | null; readonly locale: string };
}

/** What a campaign's merge tags may name, for checks and test mails: as in the mail itself, but the links lead nowhere. */
export function newsVariables({ publicUrl, sender, list, campaignName, recipient }: NewsOccasion): Variables {
  const { brand } = sender;
  const address = sender.replyTo ?? sender.fromAddress;
  return {
    brand: {
      name: brand.name,
      logoUrl: brand.logoUrl,
      colour: brand.colour,
      postalAddress: brand.postalAddress ?? '',
      websiteUrl: brand.websiteUrl,
    },
    sender: { name: sender.fromName ?? brand.name, address },
    recipient,
    list: { slug: list.slug, name: list.name },
    campaign: { name: campaignName },
    links: {
      unsubscribe: `${publicUrl}/unsubscribe/test`,
      preferences: `${publicUrl}/preferences/test`,
      contact: brand.websiteUrl ?? `mailto:${address}`,
    },
  };
}
