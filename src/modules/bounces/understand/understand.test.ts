import { describe, expect, test } from '@jest/globals';
import { understandBounce } from './index.js';

const mail = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'));
const read = (...lines: string[]) => understandBounce(mail(...lines));

const returned = [
  'Return-Path: <b.k3v9x@bounces.shop.example>',
  'Message-ID: <0198-news@shop.example>',
  'X-Postrider-Delivery: 4711',
  'Feedback-ID: c1:news:news:shop-example',
  'List-Unsubscribe: <https://shop.example/unsubscribe/tok3n>',
  'From: Shop <news@shop.example>',
  'To: one@example.com',
  'Subject: Spring',
];

const report = (status: string[], original = returned, text = ['Some mail came back.']): string[] => [
  'From: MAILER-DAEMON@mx.example.com (Mail Delivery System)',
  'To: b.k3v9x@bounces.shop.example',
  'Subject: Undelivered Mail Returned to Sender',
  'MIME-Version: 1.0',
  'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
  '',
  '--b1',
  'Content-Type: text/plain; charset=us-ascii',
  '',
  ...text,
  '',
  '--b1',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; mx.example.com',
  'Original-Envelope-Id: env-9',
  '',
  ...status,
  '',
  '--b1',
  'Content-Type: text/rfc822-headers',
  '',
  ...original,
  '',
  '--b1--',
  '',
];

/** A report inside another has a boundary of its own. */
const inner = (line: string): string => line.replaceAll('b1', 'b2');

const unknown = [
  'Final-Recipient: rfc822; one@example.com',
  'Action: failed',
  'Status: 5.1.1',
  'Diagnostic-Code: smtp; 550 5.1.1 <one@example.com>: Recipient address rejected: User unknown',
];

describe('a delivery status notification (RFC 3464)', () => {
  test('tells each recipient apart', () => {
    const { kind, recipients } = read(
      ...report([
        ...unknown,
        '',
        'Original-Recipient: rfc822;two@example.com',
        'Final-Recipient: rfc822;two@store.example.com',
        'Action: delayed',
        'Status: 4.2.2',
        'Diagnostic-Code: smtp; 452 4.2.2 Mailbox full',
        '',
        'Final-Recipient: rfc822;three@example.com',
        'Action: relayed',
        'Status: 2.0.0',
      ]),
    );
    expect(kind).toBe('bounce');
    expect(recipients).toMatchObject([
      {
        address: 'one@example.com',
        action: 'failed',
        status: '5.1.1',
        code: 550,
        reason: 'user_unknown',
        hard: true,
      },
      {
        address: 'two@example.com',
        action: 'delayed',
        status: '4.2.2',
        reason: 'mailbox_full',
        permanent: false,
      },
      { address: 'three@example.com', action: 'relayed', reason: 'delivered', hard: false },
    ]);
  });

  test('carries what finds the delivery again', () => {
    expect(read(...report(unknown)).identity).toEqual({
      messageId: '0198-news@shop.example',
      deliveryId: '4711',
      feedbackId: 'c1:news:news:shop-example',
      envelopeId: 'env-9',
      envelopeSender: 'b.k3v9x@bounces.shop.example',
      listUnsubscribe: '<https://shop.example/unsubscribe/tok3n>',
    });
  });

  test('is "delayed" where nothing has failed yet', () => {
    const delayed = ['Final-Recipient: rfc822; one@example.com', 'Action: delayed', 'Status: 4.4.1'];
    expect(read(...report(delayed)).kind).toBe('delayed');
  });

  test('is found in a mail that somebody forwarded', () => {
    const forwarded = read(
      'From: Support <support@shop.example>',
      'Subject: Fwd: Undelivered Mail Returned to Sender',
      'Content-Type: multipart/mixed; boundary=outer',
      '',
      '--outer',
      'Content-Type: text/plain',
      '',
      'See below.',
      '--outer',
      'Content-Type: message/rfc822',
      '',
      ...report(unknown),
      '--outer--',
    );
    expect(forwarded.recipients).toMatchObject([{ address: 'one@example.com', hard: true }]);
    expect(forwarded.identity.deliveryId).toBe('4711');
  });

  test('a bounce of a bounce speaks of its own recipient, not of the one inside', () => {
    const { recipients } = read(
      ...report(
        ['Final-Recipient: rfc822; postmaster@mx.example.com', 'Action: failed', 'Status: 5.2.2'],
        [
          'From: MAILER-DAEMON@shop.example',
          'Subject: Undelivered',
          '',
          ...report(unknown).slice(5).map(inner),
        ],
      ),
    );
    expect(recipients).toMatchObject([{ address: 'postmaster@mx.example.com', reason: 'mailbox_full' }]);
  });

  test('survives a boundary that was rewritten on the way', () => {
    const broken = report(unknown).map((line) => line.replace('boundary="b1"', 'boundary="lost"'));
    expect(read(...broken).recipients).toMatchObject([{ reason: 'user_unknown', hard: true }]);
  });

  test('takes the status that the server wrote where the reporter only ran out of time', () => {
    const { recipients } = read(
      ...report([
        'Final-Recipient: rfc822; one@example.com',
        'Action: failed',
        'Status: 4.4.7',
        'Diagnostic-Code: smtp; 450 4.7.1 Client host rejected: cannot find your reverse hostname',
      ]),
    );
    expect(recipients).toMatchObject([
      { status: '4.7.1', reason: 'no_reverse_dns', speaksOf: 'sender', hard: false },
    ]);
  });
});

describe('a report in words', () => {
  const fromDaemon = [
    'From: Mail Delivery System <mailer-daemon@mx.example.com>',
    'To: b.k3v9x@bounces.shop.example',
  ];

  test('qmail, two recipients', () => {
    const { recipients, identity } = read(
      ...fromDaemon,
      'Subject: failure notice',
      '',
      'Hi. This is the qmail-send program at mx.example.com.',
      '',
      '<one@example.com>:',
      'Sorry, no mailbox here by that name. (#5.1.1)',
      '',
      '<two@example.com>:',
      'The mailbox is over quota. (#5.2.2)',
      '',
      '--- Below this line is a copy of the message.',
      '',
      ...returned,
    );
    expect(recipients).toMatchObject([
      { address: 'one@example.com', status: '5.1.1', reason: 'user_unknown', hard: true },
      { address: 'two@example.com', status: '5.2.2', reason: 'mailbox_full', hard: false },
    ]);
    expect(identity).toMatchObject({ deliveryId: '4711', messageId: '0198-news@shop.example' });
  });

  test('Exim, after RCPT', () => {
    const { recipients } = read(
      ...fromDaemon,
      'X-Failed-Recipients: one@example.com',
      'Subject: Mail delivery failed: returning message to sender',
      '',
      'A message that you sent could not be delivered to one or more of its recipients.',
      '',
      '  one@example.com',
      '    host mx.example.com [192.0.2.25]',
      '    SMTP error from remote mail server after RCPT TO:<one@example.com>:',
      '    550 User unknown',
      '',
      '------ This is a copy of the message, including all the headers. ------',
      '',
      ...returned,
    );
    expect(recipients).toMatchObject([
      { address: 'one@example.com', code: 550, reason: 'user_unknown', hard: true },
    ]);
  });

  test('Japanese in ISO-2022-JP', () => {
    const words = Buffer.from('GyRCMDhAaCQsOCskRCQrJGokXiQ7JHMbKEI=', 'base64');
    const raw = Buffer.concat([
      mail(
        ...fromDaemon,
        'Subject: Undeliverable',
        'Content-Type: text/plain; charset=iso-2022-jp',
        '',
        '<one@example.jp>:',
        '',
      ),
      words,
    ]);
    expect(understandBounce(raw).recipients).toMatchObject([
      { address: 'one@example.jp', reason: 'user_unknown' },
    ]);
  });
});

describe('a complaint (RFC 5965)', () => {
  const arf = (feedback: string[], original: string[] = returned) =>
    read(
      'From: fbl@provider.example',
      'Subject: FW: Spring',
      'Content-Type: multipart/report; report-type=feedback-report; boundary="f"',
      '',
      '--f',
      'Content-Type: text/plain',
      '',
      'This is an abuse report.',
      '--f',
      'Content-Type: message/feedback-report',
      '',
      ...feedback,
      '',
      '--f',
      'Content-Type: message/rfc822',
      '',
      ...original,
      '',
      'Spring is here.',
      '--f--',
    );

  test('names its recipients; fields that nobody knows are ignored', () => {
    const { kind, feedbackType, recipients } = arf([
      'Feedback-Type: abuse',
      'User-Agent: SomeGenerator/1.0',
      'Version: 1',
      'X-Whatever: 12',
      'Original-Rcpt-To: <one@example.com>',
      'Original-Rcpt-To: <two@example.com>',
    ]);
    expect([kind, feedbackType]).toEqual(['complaint', 'abuse']);
    expect(recipients).toMatchObject([
      { address: 'one@example.com', reason: 'complaint', action: 'none', hard: false },
      { address: 'two@example.com', reason: 'complaint' },
    ]);
  });

  test('redacted, it still has what holds a token (RFC 6590)', () => {
    const redacted = ['Return-Path: <redacted>', ...returned.slice(1, 6), 'To: redacted'];
    const { kind, recipients, identity } = arf(['Feedback-Type: abuse', 'Version: 1'], redacted);
    expect(kind).toBe('complaint');
    expect(recipients).toMatchObject([{ address: null, reason: 'complaint' }]);
    expect(identity).toMatchObject({
      deliveryId: '4711',
      listUnsubscribe: '<https://shop.example/unsubscribe/tok3n>',
    });
  });

  test.each(['auth-failure', 'not-spam'])('a report of %s is none', (type) => {
    const { kind, feedbackType } = arf([
      `Feedback-Type: ${type}`,
      'Version: 1',
      'Original-Rcpt-To: one@example.com',
    ]);
    expect([kind, feedbackType]).toEqual(['other', type]);
  });

  test.each([
    ['abuse', 'complaint'],
    ['not-spam', 'other'],
  ])('of Amazon SES by mail, type %s, is "%s"', (type, expected) => {
    const complaint = {
      complaintFeedbackType: type,
      complainedRecipients: [{ emailAddress: 'one@example.com' }],
    };
    const text = JSON.stringify({ notificationType: 'Complaint', complaint });
    expect(read('From: AWS Notifications <no-reply@sns.amazonaws.com>', '', text).kind).toBe(expected);
  });
});

describe('what people and their machines answer', () => {
  test.each([
    ['Out of Office: Spring', ''],
    ['Automatic reply: Spring', ''],
    ['Automatische Antwort: Frühling', ''],
    ['Réponse automatique : printemps', ''],
    ['Abwesenheitsnotiz', ''],
    ['自動返信: 春', ''],
    ['Re: Spring', 'Auto-Submitted: auto-replied'],
    ['Re: Spring', 'X-Autoreply: yes'],
    ['Re: Spring', 'Precedence: auto_reply'],
  ])('%s %s is an automatic reply, and no bounce', (subject, field) => {
    const { kind, recipients, identity } = read(
      'From: One <one@example.com>',
      `Subject: ${subject}`,
      'In-Reply-To: <0198-news@shop.example>',
      ...(field ? [field] : []),
      '',
      'I am away. If my mailbox is full, or in case of a delivery failure, call me.',
    );
    expect(kind).toBe('auto-reply');
    expect(recipients).toMatchObject([{ address: 'one@example.com', reason: 'vacation', hard: false }]);
    expect(identity.messageId).toBe('0198-news@shop.example');
  });

  test.each(['no-reply', 'do-not-reply+17'])('a desk that answers by itself from %s is no bounce', (from) => {
    const { kind, recipients } = read(
      `From: Support <${from}@example.com>`,
      'Subject: We got your message',
      'Auto-Submitted: auto-replied',
      '',
      'This mailbox is no longer in use, so your message could not be delivered to anybody. Open a ticket.',
    );
    expect(kind).toBe('auto-reply');
    expect(recipients).toMatchObject([{ reason: 'vacation', hard: false }]);
  });

  test('a challenge asks for a confirmation', () => {
    const { kind } = read(
      'From: one@example.com',
      'Subject: Re: Spring',
      'Auto-Submitted: auto-replied',
      '',
      'To reach me, please confirm that you sent this message by following the link.',
    );
    expect(kind).toBe('challenge');
  });

  test('a letter is neither', () => {
    const { kind, recipients } = read(
      'From: one@example.com',
      'Subject: Re: Spring',
      '',
      'Do you have it in blue?',
    );
    expect([kind, recipients]).toEqual(['other', []]);
  });
});
