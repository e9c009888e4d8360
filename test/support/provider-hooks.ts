import { createHmac, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { SnsPages } from '../../src/modules/bounces/providers/sns-pages.js';
import type { TestApi } from './api.js';
import { selfSigned } from './certificate.js';

export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:ses-events';
export const CERTIFICATE_URL = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem';
const MAILGUN_KEY = 'key-0123456789abcdef0123456789abcdef';
const PASSWORDS = 'old:password-one,new:password-two';
const sendgridKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const amazon = selfSigned(1, 'rsa');
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

export const hookSettings: Record<string, string> = {
  SES_TOPIC_ARNS: TOPIC,
  SENDGRID_WEBHOOK_PUBLIC_KEY: sendgridKeys.publicKey
    .export({ type: 'spki', format: 'der' })
    .toString('base64'),
  MAILGUN_WEBHOOK_SIGNING_KEY: MAILGUN_KEY,
  POSTMARK_WEBHOOK_AUTH: PASSWORDS,
};
export const PASSWORD = basic('new:password-two');

/** What a test says of a mail that bounced. */
export interface BouncedMail {
  readonly address: string;
  /** Message-ID, without angle brackets. */
  readonly messageId: string;
  readonly reply: string;
}

export interface SignedHook {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** One provider as it posts to us. */
export interface PostingProvider {
  readonly name: string;
  readonly settings: readonly string[];
  readonly signs: boolean;
  /** What it would tell of a bounce, as JSON text. */
  bounce(mail: BouncedMail): string;
  /** Whatever content, proven as the provider does it; forged: by somebody else. */
  signed(content: string, options?: { at?: Date; forged?: boolean }): SignedHook;
}

const json = { 'Content-Type': 'application/json' };

export function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

const ses: PostingProvider = {
  name: 'ses',
  settings: ['SES_WEBHOOK_AUTH', 'SES_TOPIC_ARNS'],
  signs: true,
  bounce: ({ address, messageId, reply }) =>
    JSON.stringify({
      eventType: 'Bounce',
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: 'General',
        bouncedRecipients: [{ emailAddress: address, action: 'failed', diagnosticCode: `smtp; ${reply}` }],
        timestamp: new Date().toISOString(),
        feedbackId: randomBytes(8).toString('hex'),
      },
      mail: {
        messageId: '0100018f-ses',
        destination: [address],
        headers: [{ name: 'Message-ID', value: `<${messageId}>` }],
      },
    }),
  signed: (content, { at = new Date(), forged = false } = {}) =>
    snsMessage({ Type: 'Notification', Message: content, Timestamp: at.toISOString() }, { forged }),
};

/** A message of Amazon SNS, signed with its key. */
export function snsMessage(
  fields: Record<string, string>,
  { forged = false, version = '2' }: { forged?: boolean; version?: '1' | '2' } = {},
): SignedHook {
  const message: Record<string, string> = {
    MessageId: randomBytes(8).toString('hex'),
    TopicArn: TOPIC,
    SignatureVersion: version,
    SigningCertURL: CERTIFICATE_URL,
    Timestamp: new Date().toISOString(),
    ...fields,
  };
  const names =
    message['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names
    .filter((name) => message[name] !== undefined)
    .map((name) => `${name}\n${message[name]}\n`)
    .join('');
  const key = forged ? stranger : createPrivateKey(amazon.key);
  const signature = sign(version === '1' ? 'sha1' : 'sha256', Buffer.from(text), key).toString('base64');
  return {
    headers: { 'Content-Type': 'text/plain; charset=UTF-8' },
    body: JSON.stringify({ ...message, Signature: signature }),
  };
}

const sendgrid: PostingProvider = {
  name: 'sendgrid',
  settings: ['SENDGRID_WEBHOOK_AUTH', 'SENDGRID_WEBHOOK_PUBLIC_KEY'],
  signs: true,
  bounce: ({ address, messageId, reply }) =>
    JSON.stringify([
      {
        email: address,
        event: 'bounce',
        type: 'bounce',
        reason: reply,
        'smtp-id': `<${messageId}>`,
        sg_event_id: randomBytes(8).toString('hex'),
        timestamp: Math.floor(Date.now() / 1000),
      },
    ]),
  signed(content, { at = new Date(), forged = false } = {}) {
    const time = String(Math.floor(at.getTime() / 1000));
    const key = forged
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      : sendgridKeys.privateKey;
    return {
      headers: {
        ...json,
        'X-Twilio-Email-Event-Webhook-Timestamp': time,
        'X-Twilio-Email-Event-Webhook-Signature': sign('sha256', Buffer.from(time + content), key).toString(
          'base64',
        ),
      },
      body: content,
    };
  },
};

const postmark: PostingProvider = {
  name: 'postmark',
  settings: ['POSTMARK_WEBHOOK_AUTH'],
  signs: false,
  bounce: ({ address, messageId, reply }) =>
    JSON.stringify({
      RecordType: 'Bounce',
      Type: 'HardBounce',
      ID: Math.floor(Math.random() * 1e9),
      MessageID: messageId,
      Email: address,
      Details: `smtp;${reply}`,
      BouncedAt: new Date().toISOString(),
    }),
  signed: (content, { forged = false } = {}) => ({
    headers: { ...json, Authorization: forged ? basic('old:password-two') : PASSWORD },
    body: content,
  }),
};

/** The signature is within the content; what is no JSON object cannot be signed. */
const mailgun: PostingProvider = {
  name: 'mailgun',
  settings: ['MAILGUN_WEBHOOK_SIGNING_KEY'],
  signs: true,
  bounce: ({ address, messageId, reply }) =>
    JSON.stringify({
      'event-data': {
        id: randomBytes(8).toString('hex'),
        event: 'failed',
        severity: 'permanent',
        reason: 'bounce',
        recipient: address,
        timestamp: Date.now() / 1000,
        message: { headers: { 'message-id': messageId } },
        'delivery-status': { code: Number(reply.slice(0, 3)), message: reply.slice(4) },
      },
    }),
  signed(content, options) {
    const body = content.startsWith('{"')
      ? `{"signature":${JSON.stringify(mailgunSignature(options))},${content.slice(1)}`
      : content;
    return { headers: json, body };
  },
};

export function mailgunSignature({ at = new Date(), forged = false }: { at?: Date; forged?: boolean } = {}) {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const token = randomBytes(25).toString('hex');
  const key = forged ? 'somebody-elses-key' : MAILGUN_KEY;
  return {
    timestamp,
    token,
    signature: createHmac('sha256', key)
      .update(timestamp + token)
      .digest('hex'),
  };
}

export const postingProviders: readonly PostingProvider[] = [ses, sendgrid, postmark, mailgun];

/** Amazon, for a machine that has none: gives the certificate, and notes who was asked for what. */
export function standInForAmazon(
  api: TestApi,
  answer: (url: URL) => Response = () => new Response(amazon.cert),
): URL[] {
  const asked: URL[] = [];
  api.get(SnsPages).request = async (url) => {
    asked.push(url);
    return answer(url);
  };
  return asked;
}
