import { z } from 'zod';
import { defaultRetryHours, parseAddress } from '../../domain/index.js';
import {
  isCredentialList,
  isP256PublicKey,
  isServerList,
  isTopicList,
  isTrustProxy,
  relayProblem,
} from './checks.js';

/**
 * The environment variables that Postrider reads. `docs/configuration.md` is generated from this file
 * (`npm run docs`), so every entry carries a description a stranger understands.
 */

const wholeNumber = z.coerce.number('must be a whole number').int();
const port = wholeNumber.min(0).max(65_535);
const count = (min: number, max: number) => wholeNumber.min(min).max(max);

const percent = z.coerce.number('must be a number').min(0).max(100);

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL, such as https://mail.example.com' })
  .transform((value) => value.replace(/\/+$/, ''));

const smtpUrl = z.string().superRefine((value, context) => {
  const message = relayProblem(value);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\/\S+$/, 'must look like postgres://user:password@host/db');
const redisUrl = z.string().regex(/^rediss?:\/\/\S+$/, 'must look like redis://host:6379');

const timeZone = z.string().refine((value) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: value }));
  } catch {
    return false;
  }
}, 'is not a time zone of the IANA list, such as Europe/Berlin');

/** "Name <address>" or a bare address. */
const mailbox = z
  .string()
  .regex(
    /^(?:[^<>@\r\n]+<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
    'must look like Shop <news@example.com>',
  );

/** As A-labels. With a local part of 64 octets the path has at most 256 (RFC 5321 §4.5.3.1.3). */
const bounceDomain = z
  .string()
  .max(189, 'must have at most 189 characters')
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i,
    'must be a domain such as bounces.example.com',
  )
  .toLowerCase();

const retryHours = count(1, 240);

const secretKey = z.string().refine((value) => decodeKey(value)?.length === 32, {
  error: 'must be 32 random bytes in hex or base64, such as `openssl rand -hex 32` prints',
});

const apiKey = z
  .string()
  .regex(/^pr_\S+$/, 'must begin with pr_')
  .min(16, 'must have at least 16 characters');

const webhookSecret = z.string().min(16, 'must have at least 16 characters');

/** What providers of mail sign in with: several, so that one can follow the other without a gap. */
const basicAuth = z
  .string()
  .refine(
    isCredentialList,
    'must be name:password, or several with commas between, each at least 8 characters long',
  );

const MAX_ALERT_ADDRESSES = 20;

/** Commas between; each is named by which it is not one. */
const addressList = z.string().superRefine((value, context) => {
  const parts = value.split(',').map((part) => part.trim());
  if (parts.length > MAX_ALERT_ADDRESSES)
    context.addIssue({ code: 'custom', message: `names more than ${MAX_ALERT_ADDRESSES} addresses` });
  for (const part of parts) {
    const parsed = parseAddress(part);
    if (parsed.ok) continue;
    const message = `"${part}" ${parsed.problem}; it takes addresses such as ops@example.com, with commas between`;
    context.addIssue({ code: 'custom', message });
  }
});

const topicArns = z
  .string()
  .refine(
    isTopicList,
    'must be ARNs of SNS topics with commas between, such as arn:aws:sns:eu-west-1:123456789012:ses',
  );

/** Several, with commas between. */
const ecPublicKeys = z
  .string()
  .refine(
    (value) => value.split(',').every((key) => isP256PublicKey(key.trim())),
    'must be the verification key as SendGrid shows it (base64 of an ECDSA P-256 public key), or several with commas between',
  );

/** The 32 bytes behind SECRET_KEY, written as 64 hex digits or as base64. */
export function decodeKey(value: string): Buffer | undefined {
  const bytes = /^[0-9a-f]{64}$/i.test(value) ? Buffer.from(value, 'hex') : Buffer.from(value, 'base64');
  return bytes.length === 32 ? bytes : undefined;
}

export const environmentSchema = z.object({
  PORT: port.default(3000).describe('Port of the HTTP API and the public pages; 0 takes a free one.'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address that the API listens on.'),
  PUBLIC_URL: httpUrl
    .optional()
    .describe(
      'Where visitors reach the API. News leaves only with https here, except on loopback. Default: http://127.0.0.1:PORT.',
    ),
  TRUST_PROXY: z
    .string()
    .refine(isTrustProxy, 'must be false, true, a number of hops, or addresses separated by commas')
    .default('false')
    .describe(
      'Which proxies may set X-Forwarded-For: false, true, a number of hops, or addresses separated by commas.',
    ),
  DATA_DIR: z
    .string()
    .min(1)
    .default('./data')
    .describe('Folder for the embedded database, the journal and the secret key.'),
  DATABASE_URL: postgresUrl
    .optional()
    .describe('PostgreSQL 15 or newer. Unset: the embedded PostgreSQL in DATA_DIR.'),
  REDIS_URL: redisUrl.optional().describe('Redis for the job queue. Unset: the queue lives in PostgreSQL.'),
  SMTP_URL: smtpUrl
    .optional()
    .describe(
      'The first relay: smtp://user:password@host:587?tls=required, or smtps://. Unset: the built-in inbox catches all mail.',
    ),
  SMTP_CONNECTIONS: count(1, 100)
    .default(5)
    .describe('Connections that one worker process keeps to the relay.'),
  SECRET_KEY: secretKey
    .optional()
    .describe(
      'Wraps every key in the database: 32 random bytes, hex or base64. Unset: made once and kept in DATA_DIR.',
    ),
  MAIL_FROM: mailbox
    .optional()
    .describe('From of the first sender, such as Shop <news@example.com>. Needed with SMTP_URL.'),
  BOUNCE_DOMAIN: bounceDomain
    .optional()
    .describe(
      'Domain whose mail comes back to Postrider, such as bounces.example.com: each mail has an envelope sender of its own there. Unset: the address of its sender.',
    ),
  SANDBOX_DOMAIN: bounceDomain
    .default('sandbox.postrider.test')
    .describe(
      'Domain of the test addresses delivered@, bounced@, complained@ and deferred@: mail to it never leaves, and does what its address says. Not a domain that anybody gets mail at.',
    ),
  RETRY_HOURS_ORDERS: retryHours
    .default(defaultRetryHours.orders)
    .describe('Hours for which order mail is tried again before it fails. RFC 5321 asks for four days.'),
  RETRY_HOURS_SERVICE: retryHours
    .default(defaultRetryHours.service)
    .describe('The same for confirmations and other single mails.'),
  RETRY_HOURS_NEWS: retryHours
    .default(defaultRetryHours.news)
    .describe('The same for newsletters; a campaign may ask for less.'),
  INBOUND_SMTP_PORT: port
    .optional()
    .describe(
      'Port that receives mail for BOUNCE_DOMAIN: reports about mail that did not arrive, and requests to leave. Off when unset.',
    ),
  INBOUND_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address that INBOUND_SMTP_PORT listens on; 0.0.0.0 or :: for all.'),
  INBOUND_TLS_CERT: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File with the certificate (PEM, with its chain) for STARTTLS on INBOUND_SMTP_PORT; read again when it changes. Without it mail comes in clear.',
    ),
  INBOUND_TLS_KEY: z.string().min(1).optional().describe('File with the key of INBOUND_TLS_CERT (PEM).'),
  DNS_SERVERS: z
    .string()
    .refine(isServerList, 'must be IP addresses with commas between, such as 9.9.9.9,127.0.0.1:5353')
    .optional()
    .describe(
      "DNS servers that are asked whether a sign-up's domain takes mail. Unset: the machine's own; then nothing is asked while mail goes to the built-in inbox or to a relay on this machine.",
    ),
  INBOX_MAX_MESSAGES: count(1, 10_000_000)
    .default(100_000)
    .describe('How many mails the built-in inbox keeps before it is full.'),
  TEMPLATES_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder with mails of your own, or in place of built-in ones: the layout of templates/, read at the start. Unset: none.',
    ),
  POSTAL_ADDRESS: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Postal address at the foot of every mail of the first brand; \\n for a new line. News off loopback needs it.',
    ),
  TIMEZONE: timeZone.default('UTC').describe('Time zone of the shop.'),
  BOOTSTRAP_API_KEY: apiKey
    .optional()
    .describe('Makes an API key with all scopes on the first start. Begins with pr_.'),
  STRIPE_WEBHOOK_SECRET: webhookSecret
    .optional()
    .describe(
      'Signing secret of the Stripe endpoint that posts to /hooks/store/stripe; several with commas between. Unset: no such webhooks.',
    ),
  SHOPIFY_WEBHOOK_SECRET: webhookSecret
    .optional()
    .describe(
      'The secret that Shopify signs webhooks to /hooks/store/shopify with; several with commas between. Unset: no such webhooks.',
    ),
  SES_WEBHOOK_AUTH: basicAuth
    .optional()
    .describe(
      'name:password that Amazon SNS signs in with at /hooks/mail/ses; several with commas between while they change.',
    ),
  SES_TOPIC_ARNS: topicArns
    .optional()
    .describe(
      "SNS topics, with commas between, whose messages /hooks/mail/ses takes: each must then carry Amazon's signature. Without this and SES_WEBHOOK_AUTH: no such webhooks.",
    ),
  SES_CONFIRM_SUBSCRIPTIONS: z
    .enum(['false', 'true'], 'must be true or false')
    .default('true')
    .transform((value) => value === 'true')
    .describe(
      'Whether a genuine request of SNS to confirm the subscription of /hooks/mail/ses is confirmed.',
    ),
  SENDGRID_WEBHOOK_PUBLIC_KEY: ecPublicKeys
    .optional()
    .describe(
      'Verification key of the signed event webhook of SendGrid that posts to /hooks/mail/sendgrid; several with commas between while they change. Without this and SENDGRID_WEBHOOK_AUTH: no such webhooks.',
    ),
  SENDGRID_WEBHOOK_AUTH: basicAuth
    .optional()
    .describe(
      'name:password in the URL that SendGrid posts to; several with commas between while they change.',
    ),
  POSTMARK_WEBHOOK_AUTH: basicAuth
    .optional()
    .describe(
      'name:password that Postmark signs in with at /hooks/mail/postmark, which is its only proof; several with commas between. Unset: no such webhooks.',
    ),
  MAILGUN_WEBHOOK_SIGNING_KEY: webhookSecret
    .optional()
    .describe(
      'HTTP webhook signing key of the Mailgun account that posts to /hooks/mail/mailgun; several with commas between while they change. Unset: no such webhooks.',
    ),
  MAILGUN_WEBHOOK_AUTH: basicAuth
    .optional()
    .describe(
      'name:password in the URL that Mailgun posts to, besides its signature; several with commas between.',
    ),
  MAIL_HOOK_MAX_AGE_MINUTES: count(0, 10_080)
    .default(1_440)
    .describe(
      'How old the signature of a webhook of a mail provider may be. Providers try for up to a day to deliver one. 0 turns off this check, and the one that what is signed once is used once.',
    ),
  WORKER_PROCESSES: count(1, 64).default(1).describe('How many news worker processes `start` runs.'),
  PAUSE_AFTER_MAILS: count(1, 1_000_000)
    .default(100)
    .describe('A campaign that has tried fewer mails than this is not judged, and so not paused by itself.'),
  PAUSE_HARD_BOUNCE_PERCENT: percent
    .default(5)
    .describe('A campaign pauses itself when more of its mails than this bounce for good; 100 turns it off.'),
  PAUSE_COMPLAINT_PERCENT: percent
    .default(0.3)
    .describe(
      'A campaign pauses itself when more of its mails than this are marked as spam; 100 turns it off.',
    ),
  PAUSE_AUTHENTICATION_PERCENT: percent
    .default(2)
    .describe(
      'A campaign pauses itself when more of its mails than this are refused for authentication or policy; 100 turns it off.',
    ),
  SOFT_BOUNCE_LIMIT: count(1, 1_000)
    .default(5)
    .describe(
      'News to an address stops at so many soft bounces (mailbox full, switched off, filtered); older ones count less.',
    ),
  SOFT_BOUNCE_HALF_LIFE_DAYS: count(1, 3_650)
    .default(30)
    .describe('Days after which a soft bounce counts half.'),
  WEBHOOK_ALLOW_PRIVATE: z
    .enum(['false', 'true'], 'must be true or false')
    .default('false')
    .transform((value) => value === 'true')
    .describe(
      'Whether webhooks may go to private and loopback addresses, there over http too. Link-local addresses stay closed.',
    ),
  RETAIN_CONTENT_DAYS: count(1, 3_650)
    .default(30)
    .describe(
      'Days for which the content of single mails, the bodies of order events and the mails in the built-in inbox are kept.',
    ),
  RETAIN_METADATA_MONTHS: count(1, 120)
    .default(13)
    .describe(
      'Months for which it is kept who got which mail, what happened when, orders, and customers who are on no list.',
    ),
  ALERT_EMAIL: addressList
    .optional()
    .describe(
      'Who gets a mail when an order mail fails for good, a campaign pauses itself, a relay stays down, the disk is nearly full or a webhook endpoint is switched off: addresses with commas between. Unset: nobody.',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least level that is logged.'),
});

export type Environment = z.infer<typeof environmentSchema>;

/** Each of these may come as NAME_FILE: the value is the file's content, without the last line break. */
export const secretNames = [
  'DATABASE_URL',
  'REDIS_URL',
  'SMTP_URL',
  'SECRET_KEY',
  'BOOTSTRAP_API_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'SHOPIFY_WEBHOOK_SECRET',
  'SES_WEBHOOK_AUTH',
  'SENDGRID_WEBHOOK_AUTH',
  'POSTMARK_WEBHOOK_AUTH',
  'MAILGUN_WEBHOOK_SIGNING_KEY',
  'MAILGUN_WEBHOOK_AUTH',
] as const;
