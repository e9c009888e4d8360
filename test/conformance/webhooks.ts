import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BouncesModule, mailHookControllers, type MailEvent } from '../../src/modules/bounces/index.js';
import { contentOf } from '../../src/modules/bounces/hooks/provider-request.js';
import { MailProviders } from '../../src/modules/bounces/providers/index.js';
import { Config } from '../../src/platform/config/index.js';
import { TestApi } from '../support/api.js';
import { recoverPublicKey } from '../support/recover-p256.js';

/** A webhook that somebody else recorded, with what they say that it means. */
export interface Recorded {
  readonly case: string;
  readonly provider: string;
  /** As WSGI names them: HTTP_X_AMZ_SNS_MESSAGE_ID. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
  readonly body: string;
  /** 400: it must be refused. null: it must change nothing. */
  readonly status: number | null;
  readonly events: readonly TheirEvent[];
}

interface TheirEvent {
  readonly event_type: string;
  readonly recipient: string | null;
  readonly message_id: string | null;
}

export interface JudgedHook {
  readonly recorded: Recorded;
  readonly status: number;
  readonly expected: readonly string[];
  readonly ours: readonly string[];
  readonly right: boolean;
}

/** Where each provider's name for a mail is kept: the id of its own, or the Message-ID. */
const providers = {
  amazon_ses: { name: 'SES', id: 'relayId' },
  sendgrid: { name: 'SENDGRID', id: 'messageId' },
  postmark: { name: 'POSTMARK', id: 'relayId' },
  mailgun: { name: 'MAILGUN', id: 'messageId' },
} as const;
type Provider = keyof typeof providers;

/** What they tell apart and we do not: mail that was not sent, for whatever reason, and what asks for nothing. */
const ourKinds: Readonly<Record<string, MailEvent['kind']>> = {
  failed: 'rejected',
  queued: 'other',
  subscribed: 'other',
  autoresponded: 'other',
  unknown: 'other',
};

const MAILGUN_KEY = 'TEST_WEBHOOK_SIGNING_KEY';
const PYTHON_BYTES = /^b'(.*)'$/;

export const committedHooks = join(import.meta.dirname, '../corpora/provider-webhooks');

/** The corpus beside the project, as acceptance has it, else the copy in the repository. */
export function hooksPath(): string {
  const shared = join(import.meta.dirname, '../../../shared/corpora/provider-webhooks');
  return existsSync(shared) ? shared : committedHooks;
}

export function recordedHooks(path: string): Recorded[] {
  return readFileSync(join(path, 'requests.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Recorded)
    .filter(({ provider }) => provider in providers);
}

/** Sends each request to the API on a real database, set up as the case asks for, and reads what was stored. */
export async function judgeHooks(path: string): Promise<JudgedHook[]> {
  const all = recordedHooks(path);
  const api = await TestApi.start({ modules: [BouncesModule], controllers: mailHookControllers });
  try {
    const judged: JudgedHook[] = [];
    for (const recorded of all) judged.push(await judge(api, recorded, sendgridKey(all)));
    return judged;
  } finally {
    await api.stop();
  }
}

async function judge(api: TestApi, recorded: Recorded, publicKey: string | undefined): Promise<JudgedHook> {
  const { provider, headers, query, body } = recorded;
  await api.db.deleteFrom('provider_requests').execute();
  Object.assign(api.get(Config).env, settingsFor(recorded, publicKey));
  const response = await fetch(`${api.url}/hooks/mail/${provider}${query && `?${query}`}`, {
    method: 'POST',
    headers: Object.entries(headers).map(([name, value]) => [
      name.replace(/^HTTP_/, '').replaceAll('_', '-'),
      value,
    ]),
    body,
  });
  const stored = await api.db.selectFrom('provider_requests').select('body').execute();
  const events = stored.flatMap(
    (row) => api.get(MailProviders).named(provider)?.read(contentOf(row.body)).events ?? [],
  );
  const expected = recorded.events.map(theirs);
  const ours = events.map((event) =>
    shown(event.kind, event.recipient, event[providers[provider as Provider].id]),
  );
  const statusIsRight =
    recorded.status === 400
      ? response.status >= 400 && response.status < 500
      : recorded.status === null || response.ok;
  return {
    recorded,
    status: response.status,
    expected,
    ours,
    right: statusIsRight && expected.join('\n') === ours.join('\n'),
  };
}

const theirs = ({ event_type: type, recipient, message_id: id }: TheirEvent): string =>
  shown(ourKinds[type] ?? type, recipient, id?.replaceAll(/^<|>$/g, '') ?? null);

const shown = (kind: string, recipient: string | null, id: string | null): string =>
  `${kind} ${recipient ?? '–'} ${id ?? '–'}`;

/** Keys and passwords as the case has them: its name says where one is missing. */
function settingsFor(
  { case: name, provider, headers }: Recorded,
  publicKey: string | undefined,
): Record<string, unknown> {
  const isSigned = provider === 'sendgrid' && /signature|timestamp/.test(name);
  const hasPassword = 'HTTP_AUTHORIZATION' in headers || (!isSigned && !/auth_disabled/.test(name));
  const passwords =
    /auth_disabled/.test(name) || !hasPassword ? undefined : 'username:password,cred1:pass1,cred2:pass2';
  return {
    MAIL_HOOK_MAX_AGE_MINUTES: 0,
    SES_WEBHOOK_AUTH: passwords,
    SENDGRID_WEBHOOK_AUTH: passwords,
    POSTMARK_WEBHOOK_AUTH: passwords,
    MAILGUN_WEBHOOK_AUTH: passwords,
    SES_CONFIRM_SUBSCRIPTIONS: !/disable_auto_confirmation/.test(name),
    SENDGRID_WEBHOOK_PUBLIC_KEY: isSigned ? publicKey : undefined,
    MAILGUN_WEBHOOK_SIGNING_KEY: /requires_webhook_signing_key/.test(name) ? undefined : MAILGUN_KEY,
  };
}

/** The key is not in the corpus; it follows from a signature that is said to hold. */
function sendgridKey(all: readonly Recorded[]): string | undefined {
  const time = 'HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_TIMESTAMP';
  const signature = 'HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_SIGNATURE';
  const good = all.find(({ headers, status }) => status === 200 && headers[signature]);
  return (
    good &&
    recoverPublicKey(
      Buffer.from(`${good.headers[time]}${good.body}`),
      Buffer.from((good.headers[signature] ?? '').replace(PYTHON_BYTES, '$1'), 'base64'),
    )
  );
}

/** Requests by provider, and every one that is judged otherwise than expected. */
export function hooksReport(judged: readonly JudgedHook[]): string {
  const rows = Object.keys(providers).map((provider) => {
    const those = judged.filter(({ recorded }) => recorded.provider === provider);
    const right = those.filter((one) => one.right).length;
    return `${provider.padEnd(12)}${String(those.length).padStart(9)}${String(right).padStart(8)}`;
  });
  const misses = judged
    .filter(({ right }) => !right)
    .map(
      ({ recorded, status, expected, ours }) =>
        `  ${recorded.provider} ${recorded.case}: expected ${recorded.status} [${expected.join(', ')}], ours ${status} [${ours.join(', ')}]`,
    );
  return [
    `${'provider'.padEnd(12)} requests   right`,
    ...rows,
    '',
    'misses (expected, ours):',
    ...misses,
  ].join('\n');
}
