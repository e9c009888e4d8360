import type { InboundMail } from './inbound-route.js';

/** Fields that only machines write; none of them has a standard. */
const MARKS = ['x-autoreply', 'x-autorespond', 'x-auto-response-suppress', 'x-vacation'];

/**
 * What shows that no person sent this mail: out-of-office replies, reports, list traffic (RFC 3834 §2, §5). Undefined where nothing
 * does. The subject is not asked: in how many languages one can be out of office nobody knows.
 */
export function automaticSign({
  sender,
  headers,
}: Pick<InboundMail, 'sender' | 'headers'>): string | undefined {
  if (sender === '') return 'null sender';
  const submitted = headers.get('auto-submitted');
  if (submitted !== undefined && !/^no\b/i.test(submitted)) return 'Auto-Submitted';
  if (/^(?:bulk|junk|auto_reply)\b/i.test(headers.get('precedence') ?? '')) return 'Precedence';
  if (/^multipart\/report\b/i.test(headers.get('content-type') ?? '')) return 'a report';
  return MARKS.find((name) => headers.get(name) !== undefined);
}
