import type { MailEvent } from '../mail-event.js';
import { failure, mailEvent, own, type OwnClass, type Verdict } from './event.js';
import { addressAt, isObject, textAt, timeAt, type Json } from './fields.js';
import { Unproven, type MailProvider, type Proven, type Told } from './mail-provider.js';

/** Postmark signs nothing: name and password are its only proof. */
export const postmark: MailProvider = {
  name: 'postmark',
  authSetting: 'POSTMARK_WEBHOOK_AUTH',

  async prove({ body }) {
    if (!isObject(body)) throw new Unproven('it is no JSON object', true);
    return { content: body, signedAt: null, nonce: null } satisfies Proven;
  },

  read: (content): Told => ({ events: [eventOf(isObject(content) ? content : {})] }),
};

interface Meaning {
  readonly kind: MailEvent['kind'];
  readonly verdict?: Verdict;
  readonly ownClass?: OwnClass;
}

const bounced = (ownClass: OwnClass): Meaning => ({
  kind: 'bounced',
  verdict: ownClass.hard ? 'permanent' : 'given_up',
  ownClass,
});
const deferred = (ownClass: OwnClass): Meaning => ({ kind: 'deferred', verdict: 'deferred', ownClass });
const rejected = (ownClass: OwnClass): Meaning => ({ kind: 'rejected', verdict: 'given_up', ownClass });

/** `Type` of a bounce: https://postmarkapp.com/developer/api/bounce-api#bounce-types */
const bounceTypes: Readonly<Record<string, Meaning>> = {
  HardBounce: bounced(own('user_unknown', true)),
  SoftBounce: bounced(own('unknown')),
  Blocked: bounced(own('blocked')),
  SpamNotification: bounced(own('spam')),
  VirusNotification: bounced(own('virus')),
  Undeliverable: bounced(own('unknown')),
  // "Postmark is still trying".
  Transient: deferred(own('try_later')),
  DnsError: deferred(own('network')),
  BadEmailAddress: rejected(own('bad_address', true)),
  ManuallyDeactivated: rejected(own('recipient_refused')),
  Unconfirmed: rejected(own('sender_not_allowed')),
  SMTPApiError: rejected(own('system')),
  TemplateRenderingFailed: rejected(own('malformed')),
  DMARCPolicy: rejected(own('authentication_results')),
  SpamComplaint: { kind: 'complained', ownClass: own('complaint') },
  Unsubscribe: { kind: 'unsubscribed' },
  // AutoResponder, AddressChange, ChallengeVerification, Subscribe, OpenRelayTest, InboundError, Unknown: no mail has failed.
};

/** `SuppressionReason`: https://postmarkapp.com/developer/webhooks/subscription-change-webhook */
const suppressions: Readonly<Record<string, Meaning>> = {
  HardBounce: bounced(own('user_unknown', true)),
  SpamComplaint: { kind: 'complained', ownClass: own('complaint') },
  ManualSuppression: { kind: 'unsubscribed' },
};

function meaningOf(record: Json): Meaning {
  switch (textAt(record, 'RecordType')) {
    case 'Bounce':
    case 'SpamComplaint':
      return bounceTypes[textAt(record, 'Type') ?? ''] ?? { kind: 'other' };
    case 'SubscriptionChange':
      return record['SuppressSending'] === true
        ? (suppressions[textAt(record, 'SuppressionReason') ?? ''] ?? { kind: 'unsubscribed' })
        : { kind: 'other' };
    case 'Delivery':
      return { kind: 'delivered' };
    case 'Open':
      return { kind: 'opened' };
    case 'Click':
      return { kind: 'clicked' };
    default:
      return { kind: 'other' };
  }
}

function eventOf(record: Json): MailEvent {
  const { kind, verdict, ownClass } = meaningOf(record);
  const details = textAt(record, 'Details');
  const id = textAt(record, 'ID');
  return mailEvent('postmark', kind, {
    // Bounces and complaints share one row of numbers; nothing else has one.
    eventId: id,
    occurredAt: timeAt(record, 'BouncedAt', 'DeliveredAt', 'ChangedAt', 'ReceivedAt'),
    recipient: addressAt(record, 'Email', 'Recipient'),
    relayId: textAt(record, 'MessageID'),
    ...(verdict
      ? failure({ reply: details }, verdict, ownClass ?? own('unknown'))
      : { reply: details, reason: ownClass?.reason, hard: ownClass && false }),
  });
}
