import type { MailEvent } from '../mail-event.js';
import { failure, mailEvent, own, type OwnClass } from './event.js';
import { addressAt, deliveryIdOf, headerAt, messageIdAt, textAt, timeAt, type Json } from './fields.js';
import { codeOf, mailgunReasons } from './mailgun-event.js';

const kinds: Readonly<Record<string, MailEvent['kind']>> = {
  delivered: 'delivered',
  bounced: 'bounced',
  dropped: 'rejected',
  complained: 'complained',
  unsubscribed: 'unsubscribed',
  opened: 'opened',
  clicked: 'clicked',
};

/** Codes of Mailgun's own for what it did not try. */
const drops: Readonly<Record<string, OwnClass>> = {
  '605': own('user_unknown', true),
  '606': own('recipient_refused'),
  '607': own('complaint'),
};

/** The form of Mailgun's older webhooks, which has an event's fields, the mail's own variables, and the signature, one after the other. */
export function mailgunFormEvent(form: Json, token: string | undefined): MailEvent {
  const fields: Json = Object.fromEntries(
    Object.entries(form).map(([name, value]) => [name, firstOf(value)]),
  );
  const kind = kinds[textAt(fields, 'event') ?? ''] ?? 'other';
  const headers = headersOf(fields['message-headers']);
  return mailEvent('mailgun', kind, {
    eventId: token,
    occurredAt: timeAt({ timestamp: lastOf(form['timestamp']) }, 'timestamp'),
    recipient: addressAt(fields, 'recipient'),
    messageId:
      messageIdAt(fields, 'Message-Id', 'message-id') ??
      messageIdAt({ id: headerAt(headers, 'message-id') }, 'id'),
    deliveryId: deliveryIdOf(headers),
    ...reasonOf(kind, fields),
  });
}

function reasonOf(kind: MailEvent['kind'], fields: Json): Partial<MailEvent> {
  const code = textAt(fields, 'code');
  const ownClass = drops[code ?? ''] ?? mailgunReasons[textAt(fields, 'reason') ?? ''] ?? own('unknown');
  const description = textAt(fields, 'error', 'description');
  switch (kind) {
    case 'bounced':
      return failure({ reply: description, status: code, code: codeOf(code) }, 'permanent', ownClass);
    case 'rejected':
      // A drop tells the server's last words where Mailgun tried for a while.
      return code !== undefined && code in drops
        ? { reply: description ?? null, ...ownClass }
        : failure({ reply: description, code: codeOf(code) }, 'given_up', ownClass);
    case 'complained':
      return own('complaint');
    default:
      return {};
  }
}

function headersOf(text: unknown): unknown[] {
  try {
    const headers: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
    return Array.isArray(headers) ? headers : [];
  } catch {
    return [];
  }
}

const firstOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
const lastOf = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value);
