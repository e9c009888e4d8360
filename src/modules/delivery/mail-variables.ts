import type { List, Sender } from '../lists/index.js';
import type { Variables } from '../templates/index.js';

export interface MailOccasion {
  readonly sender: Sender;
  readonly recipient: { readonly name: string | null; readonly locale: string };
  readonly links: {
    readonly preferences: string;
    readonly unsubscribe?: string;
    /** A mailto URL to which any mail unsubscribes; null where no mail is received. */
    readonly unsubscribeMail?: string | null;
    /** Where a policy is agreed to. */
    readonly accept?: string;
  };
}

/** What every mail's merge tags may name. */
export function mailVariables({ sender, recipient, links }: MailOccasion) {
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
    recipient: { name: recipient.name, locale: recipient.locale },
    links: { ...links, contact: brand.websiteUrl ?? `mailto:${address}` },
  } satisfies Variables;
}

export interface NewsOccasion extends MailOccasion {
  readonly list: Pick<List, 'slug' | 'name'>;
  readonly campaignName: string;
}

/** What a campaign's merge tags may name besides. */
export function newsVariables(occasion: NewsOccasion) {
  const { list, campaignName } = occasion;
  return {
    ...mailVariables(occasion),
    list: { slug: list.slug, name: list.name },
    campaign: { name: campaignName },
  } satisfies Variables;
}
