import { languageFor } from '../../../domain/index.js';
import type { List, Sender } from '../../lists/index.js';
import type { NoticeVariables } from '../delivery.types.js';
import {
  newsHeaders,
  noticeHeaders,
  ownNewsHeaders,
  ownNoticeHeaders,
  type LeavingLinks,
} from '../headers.js';
import { mailVariables, newsVariables } from '../mail-variables.js';

/** Where the links of one recipient lead: news can be left, a notice can be agreed to. */
export type LetterLinks = { readonly preferences: string } & (LeavingLinks | { readonly accept: string });

/** What makes the mails of a campaign other than those of a notice. */
export interface LetterKind {
  readonly variables: ReturnType<typeof mailVariables>;
  /** What differs from one recipient to the next; all else in `variables` is filled and encoded once. */
  readonly personal: readonly string[];
  readonly fields: Record<string, string | null>;
  ownFields(links: LetterLinks, deliveryId: number): Record<string, string>;
}

interface Facts {
  readonly batch: {
    readonly id: string;
    readonly name: string;
    readonly variables?: NoticeVariables | null;
  };
  readonly sender: Sender;
  readonly locale: string;
  readonly leaveByMail: boolean;
}

export function newsKind(
  { batch, sender, locale, leaveByMail }: Facts,
  list: Pick<List, 'slug' | 'name'>,
): LetterKind {
  return {
    variables: newsVariables({
      sender,
      recipient: { name: null, locale },
      links: { preferences: '', unsubscribe: '', unsubscribeMail: leaveByMail ? '' : null },
      list,
      campaignName: batch.name,
    }),
    personal: [
      'recipient.name',
      'links.preferences',
      'links.unsubscribe',
      ...(leaveByMail ? ['links.unsubscribeMail'] : []),
    ],
    fields: newsHeaders({ campaignId: batch.id, list, sender }),
    ownFields: (links, deliveryId) => {
      if (!('unsubscribe' in links)) throw new Error(`Delivery ${deliveryId} is news that cannot be left`);
      return ownNewsHeaders(links, deliveryId);
    },
  };
}

export function noticeKind({ batch, sender, locale }: Facts): LetterKind {
  const common = mailVariables({
    sender,
    recipient: { name: null, locale },
    links: { preferences: '', accept: '' },
  });
  const byLocale = batch.variables ?? {};
  const locales = Object.keys(byLocale);
  return {
    variables: { ...common, ...byLocale[languageFor(locale, locales) ?? locales[0] ?? ''] },
    personal: ['recipient.name', 'links.preferences', 'links.accept'],
    fields: noticeHeaders(batch.id, sender),
    ownFields: (_, deliveryId) => ownNoticeHeaders(deliveryId),
  };
}
