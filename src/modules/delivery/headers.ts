/** Header rules of STANDARDS.md 1, 7, 12, 19: which fields a mail of each stream carries. */

export const DELIVERY_FIELD = 'X-Postrider-Delivery';

export interface NewsHeaderFacts {
  readonly campaignId: string;
  readonly list: { readonly slug: string; readonly name: string };
  readonly sender: { readonly domain: string };
}

/** Null for what each recipient has of their own: see `ownNewsHeaders`. */
export function newsHeaders({ campaignId, list, sender }: NewsHeaderFacts): Record<string, string | null> {
  return {
    'List-Unsubscribe': null,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    'List-Id': listId(list, sender.domain),
    'Feedback-ID': `${campaignId}:${list.slug}:news:${feedbackSender(sender.domain)}`,
    [DELIVERY_FIELD]: null,
  };
}

/** Where a recipient leaves: a URL of https, and a mailto URL where mail is received. */
export interface LeavingLinks {
  readonly unsubscribe: string;
  readonly unsubscribeMail: string | null;
}

/** The https URL stands first: RFC 2369 §3 reads from left to right, and RFC 8058 §3.1 wants one of it. */
export function ownNewsHeaders(
  { unsubscribe, unsubscribeMail }: LeavingLinks,
  deliveryId: number,
): Record<string, string> {
  const urls = unsubscribeMail === null ? [unsubscribe] : [unsubscribe, unsubscribeMail];
  return {
    'List-Unsubscribe': urls.map((url) => `<${url}>`).join(', '),
    [DELIVERY_FIELD]: String(deliveryId),
  };
}

/** A notice is no news: it has no list and nothing to leave. Automatic (RFC 3834), and known to Gmail as one mailing. */
export function noticeHeaders(
  batchId: string,
  { domain }: { domain: string },
): Record<string, string | null> {
  return {
    ...automaticHeaders(),
    'Feedback-ID': `${batchId}:notice:service:${feedbackSender(domain)}`,
    [DELIVERY_FIELD]: null,
  };
}

export function ownNoticeHeaders(deliveryId: number): Record<string, string> {
  return { [DELIVERY_FIELD]: String(deliveryId) };
}

/** RFC 2919: stable for the life of the list, at most 255 octets. The name is left out where it would need encoding. */
function listId(list: { slug: string; name: string }, domain: string): string {
  const id = `<${list.slug}.lists.${domain}>`;
  const phrase = `"${list.name.replaceAll(/["\\]/g, '')}" `;
  return /^[\x20-\x7e]+$/.test(phrase) && phrase.length + id.length <= 255 ? phrase + id : id;
}

/** Gmail's Feedback-ID wants a sender of 5 to 15 characters that stays the same: made of the sending domain. */
function feedbackSender(domain: string): string {
  return domain
    .replaceAll(/[^a-z0-9-]/gi, '-')
    .slice(0, 15)
    .padEnd(5, '-');
}

/** RFC 3834: confirmations and order mail say that no one needs to answer; what a person wrote does not. */
export function automaticHeaders(): Record<string, string> {
  return { 'Auto-Submitted': 'auto-generated' };
}

/** Fields of message ids, whose value is written as it is (RFC 5322 §3.6.4). */
const MESSAGE_IDS = /^(?:references|in-reply-to)$/i;

/** What a caller added: ids as they are, everything else as text. */
export function callersHeaders(headers: Readonly<Record<string, string>>): {
  fields: Record<string, string>;
  texts: Record<string, string>;
} {
  const entries = Object.entries(headers);
  return {
    fields: Object.fromEntries(entries.filter(([name]) => MESSAGE_IDS.test(name))),
    texts: Object.fromEntries(entries.filter(([name]) => !MESSAGE_IDS.test(name))),
  };
}
