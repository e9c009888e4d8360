import { addressIn } from './addresses.js';
import { first } from './fields.js';
import type { Report } from './report.js';
import type { ReturnedIdentity } from './understood.js';

/** The field by which a delivery finds itself again: module delivery writes it into every mail. */
const DELIVERY_FIELD = 'x-postrider-delivery';

export function identityOf({ original, status, feedback, fields }: Report): ReturnedIdentity {
  const perMessage = status.find((block) => block.has('original-envelope-id'));
  const answered = original ? null : first(fields, 'in-reply-to', 'references');
  return {
    messageId: bare(first(original, 'message-id') ?? answered),
    deliveryId: first(original, DELIVERY_FIELD) ?? first(fields, DELIVERY_FIELD),
    feedbackId: first(original, 'feedback-id'),
    envelopeId: first(perMessage, 'original-envelope-id') ?? first(feedback, 'original-envelope-id'),
    envelopeSender:
      addressIn(first(original, 'return-path')) ?? addressIn(first(feedback, 'original-mail-from')),
    listUnsubscribe: first(original, 'list-unsubscribe'),
  };
}

/** The last of a list of ids is the mail that was answered (RFC 5322 §3.6.4). */
const bare = (value: string | null): string | null =>
  [...(value ?? '').matchAll(/<([^<>\s]{1,998})>/g)].at(-1)?.[1] ?? (value?.trim().split(/\s/)[0] || null);
