import { createPublicKey, verify } from 'node:crypto';
import type { MailEvent } from '../mail-event.js';
import { failure, mailEvent, own, type OwnClass } from './event.js';
import { addressAt, isObject, messageIdAt, textAt, timeAt, type Json } from './fields.js';
import { Unproven, type MailHook, type MailProvider, type Proven, type Told } from './mail-provider.js';

/** Events of Twilio SendGrid: a list in each request. */
export const sendgrid: MailProvider = {
  name: 'sendgrid',
  authSetting: 'SENDGRID_WEBHOOK_AUTH',
  keySetting: 'SENDGRID_WEBHOOK_PUBLIC_KEY',

  async prove({ headers, raw, body }, keys) {
    const signedAt = keys === undefined ? null : signedTime(headers, raw, keys.split(','));
    if (!Array.isArray(body)) throw new Unproven('it is no list of events', true);
    return { content: body, signedAt, nonce: null } satisfies Proven;
  },

  read(content): Told {
    const list: unknown[] = Array.isArray(content) ? content : [];
    return list.length > 0
      ? { events: list.map((event) => eventOf(isObject(event) ? event : {})) }
      : { events: [], nothing: 'an empty list' };
  },
};

/** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features */
function signedTime(headers: MailHook['headers'], raw: Buffer, keys: readonly string[]): Date {
  const time = headers['x-twilio-email-event-webhook-timestamp'];
  const signature = headers['x-twilio-email-event-webhook-signature'];
  if (typeof time !== 'string' || typeof signature !== 'string' || time === '' || signature === '') {
    throw new Unproven('it is not signed: turn "Signed Event Webhook" on');
  }
  // Python prints bytes as b'…': proxies and recorders written in it pass the header on like this.
  const bytes = Buffer.from(signature.replace(/^b'(.*)'$/, '$1'), 'base64');
  const signed = Buffer.concat([Buffer.from(time), raw]);
  const isFrom = (key: string): boolean =>
    verify(
      'sha256',
      signed,
      createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' }),
      bytes,
    );
  if (!keys.some(isFrom)) {
    throw new Unproven(
      'the signature does not match: is SENDGRID_WEBHOOK_PUBLIC_KEY the one of this webhook?',
    );
  }
  return timeAt({ time }, 'time') ?? new Date(Number.NaN);
}

/** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event */
const kinds: Readonly<Record<string, MailEvent['kind']>> = {
  delivered: 'delivered',
  deferred: 'deferred',
  bounce: 'bounced',
  blocked: 'bounced',
  dropped: 'rejected',
  spamreport: 'complained',
  unsubscribe: 'unsubscribed',
  group_unsubscribe: 'unsubscribed',
  open: 'opened',
  click: 'clicked',
};

/** Why SendGrid did not even try, in its own words. */
const drops: readonly (readonly [RegExp, OwnClass])[] = [
  [/^bounced address/i, own('user_unknown', true)],
  [/^invalid( address)?$/i, own('bad_address', true)],
  [/^spam report/i, own('complaint')],
  [/^spam content/i, own('spam')],
  [/^invalid smtpapi header/i, own('malformed')],
  [/^recipient list over package quota/i, own('relay_quota')],
  [/^unsubscribed address/i, own('recipient_refused')],
];

/** `bounce_classification`. */
const classes: Readonly<Record<string, OwnClass>> = {
  'invalid address': own('user_unknown', true),
  'mailbox unavailable': own('recipient_refused'),
  reputation: own('reputation'),
  content: own('content'),
  technical: own('system'),
  'frequency or volume too high': own('rate_limited'),
};

function eventOf(event: Json): MailEvent {
  const kind = kinds[textAt(event, 'event') ?? ''] ?? 'other';
  return mailEvent('sendgrid', kind, {
    eventId: textAt(event, 'sg_event_id'),
    occurredAt: timeAt(event, 'timestamp'),
    recipient: addressAt(event, 'email'),
    // Our own; SendGrid invents one only where there is none. Mail of other programs on the account may carry its id as a unique
    // argument instead: under this name where it is sent by Anymail.
    messageId: messageIdAt(event, 'anymail_id', 'smtp-id'),
    // "queued as" this, in the answer to the final dot.
    relayId: /^(.{8,}?)\.(?:filter|recvd)/.exec(textAt(event, 'sg_message_id') ?? '')?.[1],
    ...reasonOf(kind, event),
  });
}

function reasonOf(kind: MailEvent['kind'], event: Json): ReturnType<typeof failure> | object {
  const reply = textAt(event, 'reason', 'response');
  switch (kind) {
    case 'bounced': {
      // "blocked": for now, or for this message; the next one is tried again.
      const isBlocked = textAt(event, 'type', 'event') === 'blocked';
      const ownClass =
        classes[textAt(event, 'bounce_classification')?.toLowerCase() ?? ''] ??
        (isBlocked ? own('blocked') : own('unknown'));
      return failure(
        { reply, status: textAt(event, 'status') },
        isBlocked ? 'given_up' : 'permanent',
        ownClass,
      );
    }
    case 'deferred':
      return failure({ reply, status: textAt(event, 'status') }, 'deferred', own('try_later'));
    case 'rejected': {
      const [, ownClass = own('unknown')] = drops.find(([said]) => said.test(reply ?? '')) ?? [];
      return { reply, ...ownClass };
    }
    case 'complained':
      return { reason: 'complaint', hard: false };
    default:
      return { reply };
  }
}
