import type { MailEvent } from '../mail-event.js';
import { failure, mailEvent, own, type OwnClass } from './event.js';
import { addressAt, messageIdAt, objectAt, textAt, timeAt, type Json } from './fields.js';

/** https://documentation.mailgun.com/docs/mailgun/user-manual/events/events#event-types */
const kinds: Readonly<Record<string, MailEvent['kind']>> = {
  delivered: 'delivered',
  failed: 'bounced',
  rejected: 'rejected',
  complained: 'complained',
  unsubscribed: 'unsubscribed',
  opened: 'opened',
  clicked: 'clicked',
};

/** `reason` of a failure. What Mailgun has on its own lists it does not even try. */
export const mailgunReasons: Readonly<Record<string, OwnClass>> = {
  bounce: own('unknown'),
  generic: own('unknown'),
  hardfail: own('unknown'),
  old: own('expired'),
  greylisted: own('greylisted'),
  espblock: own('blocked'),
  'suppress-bounce': own('user_unknown', true),
  'suppress-complaint': own('complaint'),
  'suppress-unsubscribe': own('recipient_refused'),
};

export function mailgunEvent(data: Json, token: string | undefined): MailEvent {
  const isTemporary = textAt(data, 'severity') === 'temporary';
  const found = kinds[textAt(data, 'event') ?? ''] ?? 'other';
  const kind = found === 'bounced' && isTemporary ? 'deferred' : found;
  const headers = objectAt(data, 'message', 'headers');
  return mailEvent('mailgun', kind, {
    eventId: idOf(data) ?? token,
    occurredAt: timeAt(data, 'timestamp'),
    recipient: addressAt(data, 'recipient') ?? addressAt(headers, 'to'),
    messageId: messageIdAt(headers, 'message-id'),
    ...reasonOf(kind, data),
  });
}

/** Mailgun promises that an id is unique within a day, so the time makes it so for ever. */
function idOf(data: Json): string | undefined {
  const id = textAt(data, 'id');
  return id && `${id}/${textAt(data, 'timestamp') ?? ''}`;
}

function reasonOf(kind: MailEvent['kind'], data: Json): Partial<MailEvent> {
  const said = objectAt(data, 'delivery-status');
  const reason = textAt(data, 'reason') ?? '';
  const ownClass = mailgunReasons[reason] ?? own('unknown');
  switch (kind) {
    case 'bounced':
    case 'deferred': {
      const words = {
        reply: textAt(said, 'message', 'description'),
        status: textAt(said, 'enhanced-code'),
        code: codeOf(textAt(said, 'code')),
      };
      // "Not delivering to previously bounced address": Mailgun's words, not those of a server.
      return reason.startsWith('suppress-')
        ? { reply: words.reply ?? null, ...ownClass }
        : failure(words, kind === 'bounced' ? 'permanent' : 'deferred', ownClass);
    }
    case 'rejected':
      return { reply: textAt(objectAt(data, 'reject'), 'reason') ?? null, ...own('policy') };
    case 'complained':
      return own('complaint');
    default:
      return { reply: textAt(said, 'message') ?? null };
  }
}

/** Mailgun's own codes (498, 499, 605 …) are no replies of SMTP. */
export function codeOf(text: string | undefined): number | undefined {
  const code = Number(text);
  return Number.isInteger(code) && code >= 400 && code < 560 && code !== 498 && code !== 499
    ? code
    : undefined;
}
