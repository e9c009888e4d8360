import { isComplaint } from '../feedback-type.js';
import type { MailEvent } from '../mail-event.js';
import { failure, mailEvent, own, type OwnClass } from './event.js';
import {
  addressAt,
  deliveryIdOf,
  headerAt,
  isObject,
  listAt,
  objectAt,
  textAt,
  timeAt,
  type Json,
} from './fields.js';

/** https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types */
const subTypes: Readonly<Record<string, OwnClass>> = {
  // "on the SES account's suppression list", "a recent history of bouncing as an invalid address": no mail will go there.
  'Permanent/Suppressed': own('user_unknown', true),
  'Permanent/OnAccountSuppressionList': own('user_unknown', true),
  'Permanent/General': own('user_unknown', true),
  'Permanent/NoEmail': own('bad_address', true),
  'Permanent/EmailAddressInvalid': own('bad_address', true),
  'Permanent/UnsubscribedRecipient': own('recipient_refused'),
  'Permanent/ContentRejected': own('content'),
  'Permanent/MessageTooLarge': own('too_big'),
  'Transient/MailboxFull': own('mailbox_full'),
  'Transient/MessageTooLarge': own('too_big'),
  'Transient/ContentRejected': own('content'),
  'Transient/AttachmentRejected': own('content'),
  'Transient/CustomTimeoutExceeded': own('expired'),
  'Transient/General': own('try_later'),
};

/** https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html#event-publishing-retrieving-sns-contents-delivery-delay-object */
const delays: Readonly<Record<string, OwnClass>> = {
  MailboxFull: own('mailbox_full'),
  InternalFailure: own('system'),
  RecipientServerError: own('system'),
  SpamDetected: own('spam'),
  TransientCommunicationFailure: own('network'),
  IPFailure: own('reputation'),
  BYOIPHostNameLookupFailure: own('no_reverse_dns'),
  SendingDeferral: own('rate_limited'),
};

type Facts = { readonly [Key in keyof MailEvent]?: MailEvent[Key] };

/** The notification of a topic of an identity, and the event of a configuration set: nearly the same JSON. */
export function sesEvents(told: Json, snsId: string | undefined, sentAt: Date | null): MailEvent[] {
  const mail = objectAt(told, 'mail');
  const about = (part: Json | undefined): Facts => ({
    ...identityOf(mail),
    occurredAt: timeAt(part, 'timestamp', 'arrivalDate') ?? sentAt,
  });
  const each = (
    kind: MailEvent['kind'],
    part: Json | undefined,
    recipients: readonly unknown[],
    facts: (recipient: Json) => Facts = () => ({}),
  ): MailEvent[] => {
    // The same bounce may come from a notification and from an event of SES: two ids of SNS, one of SES.
    const id = textAt(part, 'feedbackId') ?? snsId;
    return recipients.map((one) => {
      const recipient: Json = isObject(one) ? one : { emailAddress: one };
      const address = addressAt(recipient, 'emailAddress');
      const eventId = id === undefined ? null : [id, address].filter(Boolean).join('/');
      return mailEvent('ses', kind, { ...about(part), ...facts(recipient), eventId, recipient: address });
    });
  };
  const part = (name: string): Json | undefined => objectAt(told, name);
  const destination = listAt(mail, 'destination');
  switch (textAt(told, 'eventType', 'notificationType')) {
    case 'Bounce':
      return each(
        'bounced',
        part('bounce'),
        listAt(part('bounce'), 'bouncedRecipients'),
        bounceOf(part('bounce')),
      );
    case 'Complaint':
      return each(
        isComplaint(textAt(part('complaint'), 'complaintFeedbackType') ?? 'abuse') ? 'complained' : 'other',
        part('complaint'),
        listAt(part('complaint'), 'complainedRecipients'),
        () => ({ reason: 'complaint', hard: false }),
      );
    case 'Delivery':
      return each('delivered', part('delivery'), listAt(part('delivery'), 'recipients'), () => ({
        reply: textAt(part('delivery'), 'smtpResponse') ?? null,
      }));
    case 'DeliveryDelay':
      return each(
        'deferred',
        part('deliveryDelay'),
        listAt(part('deliveryDelay'), 'delayedRecipients'),
        (one) =>
          failure(
            wordsOf(one),
            'deferred',
            delays[textAt(part('deliveryDelay'), 'delayType') ?? ''] ?? own('try_later'),
          ),
      );
    case 'Reject':
      // SES rejects what has a virus in it, and nothing else.
      return each('rejected', part('reject'), destination, () => ({ reason: 'virus', hard: false }));
    case 'Rendering Failure':
      return each('rejected', part('failure'), destination, () => ({ reason: 'malformed', hard: false }));
    case 'Send':
      return each('sent', part('send'), destination);
    case 'Open':
      return each('opened', part('open'), destination);
    case 'Click':
      return each('clicked', part('click'), destination);
    case 'Subscription':
      return each(leaves(part('subscription')) ? 'unsubscribed' : 'other', part('subscription'), destination);
    default:
      return [];
  }
}

function identityOf(mail: Json | undefined): Facts {
  const headers = listAt(mail, 'headers');
  // SES puts its own Message-ID into the mail; ours is in what it was given.
  const given = headerAt(headers, 'message-id') ?? textAt(objectAt(mail, 'commonHeaders'), 'messageId');
  return {
    relayId: textAt(mail, 'messageId') ?? null,
    messageId: given?.replaceAll(/^<|>$/g, '') ?? null,
    deliveryId: deliveryIdOf(headers),
  };
}

function bounceOf(bounce: Json | undefined): (recipient: Json) => Facts {
  const type = textAt(bounce, 'bounceType') ?? 'Undetermined';
  const ownClass = subTypes[`${type}/${textAt(bounce, 'bounceSubType') ?? 'General'}`] ?? own('unknown');
  return (recipient) =>
    failure(wordsOf(recipient), type === 'Permanent' ? 'permanent' : 'given_up', ownClass);
}

const wordsOf = (recipient: Json) => ({
  reply: textAt(recipient, 'diagnosticCode'),
  status: textAt(recipient, 'status'),
});

const leaves = (subscription: Json | undefined): boolean =>
  objectAt(subscription, 'newTopicPreferences')?.['unsubscribeAll'] === true;
