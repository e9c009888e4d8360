import { describe, expect, test } from '@jest/globals';
import type { MailEvent } from '../mail-event.js';
import { mailgun } from './mailgun.js';
import { postmark } from './postmark.js';
import { sendgrid } from './sendgrid.js';
import { sesEvents } from './ses-events.js';

const USER_UNKNOWN = '550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown';
const FULL = '552 5.2.2 Mailbox full';
const BLOCKED = '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org';

/** `kind reason`, with `!` where the address must not be mailed again. */
const shown = ({ kind, reason, hard }: MailEvent): string => `${kind} ${reason ?? '–'}${hard ? '!' : ''}`;
const ses = (told: object): string[] =>
  sesEvents({ mail: { destination: ['ann@example.com'] }, ...told }, 'id', null).map(shown);
const one = (provider: typeof sendgrid, content: unknown): string =>
  provider.read(content).events.map(shown).join(', ');

describe('Amazon SES', () => {
  const bounce = (bounceType: string, bounceSubType: string, recipient: object = {}) =>
    ses({
      eventType: 'Bounce',
      bounce: {
        bounceType,
        bounceSubType,
        bouncedRecipients: [{ emailAddress: 'ann@example.com', ...recipient }],
      },
    });

  test.each([
    ['Permanent', 'General', { diagnosticCode: `smtp; ${USER_UNKNOWN}` }, 'bounced user_unknown!'],
    ['Permanent', 'General', { diagnosticCode: `smtp; ${FULL}` }, 'bounced mailbox_full'],
    ['Permanent', 'General', { diagnosticCode: `smtp; ${BLOCKED}` }, 'bounced blocked'],
    ['Permanent', 'General', { status: '5.1.1' }, 'bounced user_unknown!'],
    ['Permanent', 'General', {}, 'bounced user_unknown!'],
    ['Permanent', 'Suppressed', {}, 'bounced user_unknown!'],
    ['Permanent', 'OnAccountSuppressionList', {}, 'bounced user_unknown!'],
    ['Permanent', 'NoEmail', {}, 'bounced bad_address!'],
    ['Transient', 'MailboxFull', {}, 'bounced mailbox_full'],
    ['Transient', 'MessageTooLarge', {}, 'bounced too_big'],
    ['Transient', 'ContentRejected', {}, 'bounced content'],
    ['Transient', 'General', { diagnosticCode: 'smtp; 450 4.1.1 User unknown' }, 'bounced user_unknown'],
    ['Transient', 'General', { diagnosticCode: `smtp; ${USER_UNKNOWN}` }, 'bounced user_unknown!'],
    ['Undetermined', 'Undetermined', {}, 'bounced unknown'],
    ['SomethingNew', 'Whatever', {}, 'bounced unknown'],
  ])('%s, %s, %p: %s', (type, subType, recipient, expected) => {
    expect(bounce(type, subType, recipient)).toEqual([expected]);
  });

  test('every other kind', () => {
    const part = {
      complainedRecipients: [{ emailAddress: 'ann@example.com' }],
      recipients: ['ann@example.com'],
      delayType: 'SpamDetected',
    };
    const delayed = { ...part, delayedRecipients: [{ emailAddress: 'ann@example.com' }] };
    const kinds: [object, string][] = [
      [{ notificationType: 'Complaint', complaint: part }, 'complained complaint'],
      [
        { eventType: 'Complaint', complaint: { ...part, complaintFeedbackType: 'fraud' } },
        'complained complaint',
      ],
      // "The entity providing the report does not consider the message to be spam."
      [
        { eventType: 'Complaint', complaint: { ...part, complaintFeedbackType: 'not-spam' } },
        'other complaint',
      ],
      [
        { eventType: 'Complaint', complaint: { ...part, complaintFeedbackType: 'auth-failure' } },
        'other complaint',
      ],
      [{ eventType: 'Delivery', delivery: part }, 'delivered –'],
      [{ eventType: 'DeliveryDelay', deliveryDelay: delayed }, 'deferred spam'],
      [{ eventType: 'Reject', reject: { reason: 'Bad content' } }, 'rejected virus'],
      [{ eventType: 'Rendering Failure', failure: {} }, 'rejected malformed'],
      [{ eventType: 'Send', send: {} }, 'sent –'],
      [{ eventType: 'Open', open: {} }, 'opened –'],
      [{ eventType: 'Click', click: {} }, 'clicked –'],
      [
        { eventType: 'Subscription', subscription: { newTopicPreferences: { unsubscribeAll: true } } },
        'unsubscribed –',
      ],
      [{ eventType: 'Subscription', subscription: {} }, 'other –'],
    ];
    for (const [told, expected] of kinds) expect(ses(told)).toEqual([expected]);
    expect(ses({ notificationType: 'Received' })).toEqual([]);
  });

  test('several recipients of one report are several events; the same told twice is one', () => {
    const told = {
      bounceType: 'Permanent',
      feedbackId: 'f',
      bouncedRecipients: [{ emailAddress: 'a@b.co' }, { emailAddress: 'c@d.co' }],
    };
    const ids = (snsId: string) =>
      sesEvents({ eventType: 'Bounce', bounce: told }, snsId, null).map(({ eventId }) => eventId);
    expect(ids('one')).toEqual(['f/a@b.co', 'f/c@d.co']);
    expect(ids('other')).toEqual(ids('one'));
  });

  test('finds the mail by what we put into it, and by the id that SES gave it', () => {
    const headers = [
      { name: 'Message-ID', value: '<0195@shop.example>' },
      { name: 'X-Postrider-Delivery', value: '4711' },
    ];
    const mail = { messageId: '0100018f', destination: ['ann@example.com'], headers };
    expect(sesEvents({ eventType: 'Send', send: {}, mail }, 'id', null)).toMatchObject([
      { messageId: '0195@shop.example', deliveryId: 4711, relayId: '0100018f' },
    ]);
  });
});

describe('SendGrid', () => {
  test.each([
    [{ event: 'bounce', type: 'bounce', reason: USER_UNKNOWN }, 'bounced user_unknown!'],
    [
      { event: 'bounce', type: 'bounce', reason: FULL, bounce_classification: 'Invalid Address' },
      'bounced mailbox_full',
    ],
    [{ event: 'bounce', type: 'blocked', reason: BLOCKED, status: '5.7.1' }, 'bounced blocked'],
    [{ event: 'bounce', type: 'blocked' }, 'bounced blocked'],
    [{ event: 'bounce', type: 'bounce', bounce_classification: 'Invalid Address' }, 'bounced user_unknown!'],
    [{ event: 'bounce', type: 'bounce', bounce_classification: 'Reputation' }, 'bounced reputation'],
    [{ event: 'bounce' }, 'bounced unknown'],
    [
      { event: 'deferred', response: '451 4.7.1 Greylisting in action, please come back later' },
      'deferred greylisted',
    ],
    [{ event: 'dropped', reason: 'Bounced Address', status: '5.0.0' }, 'rejected user_unknown!'],
    [{ event: 'dropped', reason: 'Invalid' }, 'rejected bad_address!'],
    [{ event: 'dropped', reason: 'Spam Reporting Address' }, 'rejected complaint'],
    [{ event: 'dropped', reason: 'Unsubscribed Address' }, 'rejected recipient_refused'],
    [{ event: 'dropped', reason: 'Recipient List over Package Quota' }, 'rejected relay_quota'],
    [{ event: 'spamreport' }, 'complained complaint'],
    [{ event: 'unsubscribe' }, 'unsubscribed –'],
    [{ event: 'group_unsubscribe' }, 'unsubscribed –'],
    [{ event: 'group_resubscribe' }, 'other –'],
    [{ event: 'processed' }, 'other –'],
    [{ event: 'something new' }, 'other –'],
    [{}, 'other –'],
    ['no object', 'other –'],
  ])('%p: %s', (event, expected) => {
    expect(one(sendgrid, [event])).toBe(expected);
  });

  test('the id of the answer to the final dot', () => {
    const idOf = (id: string) => sendgrid.read([{ sg_message_id: id }]).events[0]?.relayId;
    expect(idOf('wrfRRvF7Q0GgwUo2CvDmEA.filter0425p1mdw1.13037.57168B4A1D.0')).toBe('wrfRRvF7Q0GgwUo2CvDmEA');
    expect(idOf('14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0')).toBe('14c5d75ce93.dfd.64b469');
    expect(idOf('Xg5Fp-WmTXqJKLs4dEYfUw.recvd-69b7f9c6c9-abcde-1-6543.0')).toBe('Xg5Fp-WmTXqJKLs4dEYfUw');
    expect(idOf('filter0199p1las1.4745.5717FB6F5.0')).toBeNull();
  });
});

describe('Postmark', () => {
  test.each([
    [{ RecordType: 'Bounce', Type: 'HardBounce', Details: `smtp;${USER_UNKNOWN}` }, 'bounced user_unknown!'],
    [{ RecordType: 'Bounce', Type: 'HardBounce', Details: `smtp;${FULL}` }, 'bounced mailbox_full'],
    [{ RecordType: 'Bounce', Type: 'HardBounce' }, 'bounced user_unknown!'],
    [{ RecordType: 'Bounce', Type: 'SoftBounce' }, 'bounced unknown'],
    [{ RecordType: 'Bounce', Type: 'Blocked', Details: `smtp;${BLOCKED}` }, 'bounced blocked'],
    [{ RecordType: 'Bounce', Type: 'SpamNotification' }, 'bounced spam'],
    [{ RecordType: 'Bounce', Type: 'Transient' }, 'deferred try_later'],
    [{ RecordType: 'Bounce', Type: 'DnsError', Details: USER_UNKNOWN }, 'deferred user_unknown'],
    [{ RecordType: 'Bounce', Type: 'BadEmailAddress' }, 'rejected bad_address!'],
    [{ RecordType: 'Bounce', Type: 'AutoResponder' }, 'other –'],
    [{ RecordType: 'Bounce', Type: 'SomethingNew' }, 'other –'],
    [{ RecordType: 'SpamComplaint', Type: 'SpamComplaint' }, 'complained complaint'],
    [{ RecordType: 'Delivery' }, 'delivered –'],
    [
      { RecordType: 'SubscriptionChange', SuppressSending: true, SuppressionReason: 'HardBounce' },
      'bounced user_unknown!',
    ],
    [
      { RecordType: 'SubscriptionChange', SuppressSending: true, SuppressionReason: 'SpamComplaint' },
      'complained complaint',
    ],
    [
      { RecordType: 'SubscriptionChange', SuppressSending: true, SuppressionReason: 'ManualSuppression' },
      'unsubscribed –',
    ],
    [{ RecordType: 'SubscriptionChange', SuppressSending: false }, 'other –'],
    [{ RecordType: 'Click' }, 'clicked –'],
    [[], 'other –'],
  ])('%p: %s', (record, expected) => {
    expect(one(postmark, record)).toBe(expected);
  });
});

describe('Mailgun', () => {
  const failed = (severity: string, reason: string, code?: number, message?: string) => ({
    'event-data': { event: 'failed', severity, reason, 'delivery-status': { code, message } },
  });

  test.each([
    [
      failed('permanent', 'bounce', 550, '5.1.1 The email account that you tried to reach does not exist'),
      'bounced user_unknown!',
    ],
    [failed('permanent', 'generic', 552, '5.2.2 Mailbox full'), 'bounced mailbox_full'],
    [failed('permanent', 'bounce'), 'bounced unknown'],
    [
      failed('permanent', 'suppress-bounce', 605, 'Not delivering to previously bounced address'),
      'bounced user_unknown!',
    ],
    [
      failed(
        'permanent',
        'suppress-complaint',
        607,
        'Not delivering to a user who marked your messages as spam',
      ),
      'bounced complaint',
    ],
    [failed('permanent', 'suppress-unsubscribe', 606), 'bounced recipient_refused'],
    [failed('permanent', 'old', 602, 'Too old'), 'bounced expired'],
    [failed('temporary', 'greylisted', 450, 'Recipient address rejected: Greylisted'), 'deferred greylisted'],
    [failed('temporary', 'generic', 550, '5.1.1 User unknown'), 'deferred user_unknown'],
    [{ 'event-data': { event: 'rejected', reject: { reason: 'Sandbox' } } }, 'rejected policy'],
    [{ 'event-data': { event: 'complained' } }, 'complained complaint'],
    [{ 'event-data': { event: 'unsubscribed' } }, 'unsubscribed –'],
    [{ 'event-data': { event: 'accepted', 'delivery-status': null } }, 'other –'],
    [{ event: 'bounced', code: '550', error: '5.1.1 No such user' }, 'bounced user_unknown!'],
    [
      { event: 'bounced', code: '5.1.1', error: 'smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found' },
      'bounced user_unknown!',
    ],
    [
      {
        event: 'dropped',
        code: '605',
        reason: 'hardfail',
        description: 'Not delivering to previously bounced address',
      },
      'rejected user_unknown!',
    ],
    [{ event: 'dropped', code: '607', reason: 'hardfail' }, 'rejected complaint'],
    [
      { event: 'dropped', code: '550', reason: 'hardfail', description: '5.7.1 Blocked: bad reputation' },
      'rejected reputation',
    ],
    [{ event: 'dropped', reason: 'old' }, 'rejected expired'],
    [{}, 'other –'],
    ['no object', ''],
  ])('%p: %s', (content, expected) => {
    expect(one(mailgun, content)).toBe(expected);
  });

  test('the variables of a mail stand beside the fields of an event and are not mistaken for them', () => {
    const form = {
      event: ['clicked', 'mine'],
      recipient: ['ann@example.com', 'mine'],
      token: ['mine', 'signed'],
      timestamp: ['mine', '1461261330'],
    };
    expect(mailgun.read(form).events).toMatchObject([
      {
        kind: 'clicked',
        recipient: 'ann@example.com',
        eventId: 'signed',
        occurredAt: new Date(1_461_261_330_000),
      },
    ]);
  });
});
