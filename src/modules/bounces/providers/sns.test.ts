import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { BouncesApi } from '../../../../test/support/bounces.js';
import { selfSigned } from '../../../../test/support/certificate.js';
import {
  basic,
  CERTIFICATE_URL,
  snsMessage,
  standInForAmazon,
  TOPIC,
  type SignedHook,
} from '../../../../test/support/provider-hooks.js';
import { Config } from '../../../platform/config/index.js';
import { HookWork } from '../hooks/hook-work.service.js';
import { snsUrl } from './sns-pages.js';

let bounces: BouncesApi;
let asked: URL[];
let certificates = 0;

beforeAll(async () => {
  bounces = await BouncesApi.start({ SES_TOPIC_ARNS: `arn:aws:sns:eu-west-1:123456789012:other, ${TOPIC}` });
});
afterAll(() => bounces.api.stop());
beforeEach(async () => {
  asked = standInForAmazon(bounces.api);
  await bounces.api.db.deleteFrom('provider_requests').execute();
});

async function post({ headers, body }: SignedHook) {
  const response = await fetch(`${bounces.api.url}/hooks/mail/ses`, { method: 'POST', headers, body });
  const { message } = (await response.json()) as { message?: string };
  return { status: response.status, message };
}
const rows = async () => bounces.api.db.selectFrom('provider_requests').selectAll().execute();
const notification = (fields: Record<string, string> = {}) => ({
  Type: 'Notification',
  Message: '{}',
  ...fields,
});
/** Certificates are kept by their URL: each test that wants a request names another one. */
const anotherUrl = () => CERTIFICATE_URL.replace('0123abcd', `0123abcd${(certificates += 1)}`);

describe('a signature of Amazon SNS', () => {
  test.each(['1', '2'] as const)('of version %s holds, with and without a subject', async (version) => {
    expect(await post(snsMessage(notification(), { version }))).toMatchObject({ status: 200 });
    expect(await post(snsMessage(notification({ Subject: 'An event' }), { version }))).toMatchObject({
      status: 200,
    });
    expect(await rows()).toHaveLength(2);
  });

  test('is over each of its fields', async () => {
    for (const name of ['Message', 'MessageId', 'Subject', 'Timestamp', 'Type']) {
      const hook = snsMessage(notification({ Subject: 'An event' }));
      const message = JSON.parse(hook.body) as Record<string, string>;
      const changed =
        name === 'Timestamp'
          ? new Date(Date.now() - 1_000).toISOString()
          : name === 'Type'
            ? 'UnsubscribeConfirmation'
            : 'x';
      const body = JSON.stringify({ ...message, [name]: changed });
      expect([name, await post({ ...hook, body })]).toMatchObject([name, { status: 401 }]);
    }
    expect(await rows()).toEqual([]);
  });

  test('needs its certificate once', async () => {
    const SigningCertURL = anotherUrl();
    for (let count = 0; count < 3; count += 1)
      expect(await post(snsMessage(notification({ SigningCertURL })))).toMatchObject({ status: 200 });
    expect(asked.map(({ href }) => href)).toEqual([SigningCertURL]);
  });

  test.each([
    'https://sns.eu-west-1.amazonaws.com.evil.example/a.pem',
    'https://evil.example/sns.eu-west-1.amazonaws.com/a.pem',
    'https://sns.eu-west-1.amazonaws.com@evil.example/a.pem',
    'https://bucket.s3.eu-west-1.amazonaws.com/a.pem',
    'https://sns.evil.amazonaws.com/a.pem',
    'http://sns.eu-west-1.amazonaws.com/a.pem',
    'https://sns.eu-west-1.amazonaws.com:8443/a.pem',
    'https://sns.eu-west-1.amazonaws.com/a.pem?then=other',
    'https://sns.eu-west-1.amazonaws.com/?Action=Other',
    'file:///etc/ssl/a.pem',
    'not a url',
  ])('with its certificate at %s is none, and nobody is asked', async (SigningCertURL) => {
    expect(await post(snsMessage(notification({ SigningCertURL })))).toMatchObject({
      status: 401,
      message: expect.stringContaining('SigningCertURL'),
    });
    expect([asked, await rows()]).toEqual([[], []]);
  });

  test('also holds in China', () => {
    expect(
      snsUrl('https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0123abcd.pem'),
    ).toBeDefined();
    expect(
      snsUrl('https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem'),
    ).toBeDefined();
  });

  test('of a topic of somebody else does not count, and nobody is asked', async () => {
    const TopicArn = 'arn:aws:sns:eu-west-1:999999999999:ses-events';
    const SigningCertURL = anotherUrl();
    expect(await post(snsMessage(notification({ TopicArn, SigningCertURL })))).toMatchObject({
      status: 401,
      message: expect.stringContaining('SES_TOPIC_ARNS'),
    });
    expect(asked).toEqual([]);
  });

  test.each<[string, () => Response]>([
    ['is not there', () => new Response('gone', { status: 404 })],
    [
      'is elsewhere',
      () => new Response(null, { status: 302, headers: { Location: 'https://evil.example/' } }),
    ],
    ['is none', () => new Response('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')],
    ['never ends', () => new Response('x'.repeat(1_000_000))],
    ['has ended', () => new Response(selfSigned(-1, 'rsa').cert)],
    ['has another kind of key', () => new Response(selfSigned().cert)],
  ])('whose certificate %s is refused, and nobody is asked again at once', async (_, answer) => {
    asked = standInForAmazon(bounces.api, answer);
    const SigningCertURL = anotherUrl();
    for (let count = 0; count < 3; count += 1)
      expect(await post(snsMessage(notification({ SigningCertURL })))).toMatchObject({
        status: 401,
        message: expect.stringContaining('certificate'),
      });
    expect(asked).toHaveLength(1);
    expect(await rows()).toEqual([]);
  });
});

test.each<[string, () => Response]>([
  ['does not answer', () => raise(new TypeError('fetch failed'))],
  ['is in trouble', () => new Response('', { status: 503 })],
])('while Amazon %s a webhook is to be sent again: a 4xx would be its end', async (_, answer) => {
  standInForAmazon(bounces.api, answer);
  expect(await post(snsMessage(notification({ SigningCertURL: anotherUrl() })))).toMatchObject({
    status: 503,
    message: expect.stringMatching(/^Send it again later/),
  });
  expect(await rows()).toEqual([]);
});

function raise(error: Error): never {
  throw error;
}

describe('a topic that asks to confirm its subscription', () => {
  const page = `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=1`;
  const confirmation = (SubscribeURL = page) => ({
    Type: 'SubscriptionConfirmation',
    Message: 'Hello',
    Token: '1',
    SubscribeURL,
  });
  const confirmed = () => asked.filter(({ search }) => search !== '').map(({ href }) => href);
  const work = () => bounces.api.get(HookWork).run();

  test('is confirmed by the worker, once', async () => {
    expect(await post(snsMessage(confirmation()))).toMatchObject({ status: 200 });
    expect(confirmed()).toEqual([]);
    await work();
    await work();
    expect(confirmed()).toEqual([page]);
    expect(await rows()).toMatchObject([{ state: 'ignored', note: 'asks to confirm the subscription' }]);
  });

  test('is tried again where Amazon does not answer', async () => {
    asked = standInForAmazon(
      bounces.api,
      ({ search }) => new Response('', { status: search === '' ? 200 : 500 }),
    );
    expect(await post(snsMessage(confirmation()))).toMatchObject({ status: 200 });
    await work();
    expect(await rows()).toMatchObject([{ state: 'waiting', tries: 1, note: 'Amazon SNS answered 500' }]);
  });

  test('is not confirmed where that is turned off', async () => {
    Object.assign(bounces.api.get(Config).env, { SES_CONFIRM_SUBSCRIPTIONS: false });
    try {
      await post(snsMessage(confirmation()));
      await work();
      expect(confirmed()).toEqual([]);
      expect(await rows()).toMatchObject([{ state: 'ignored' }]);
    } finally {
      Object.assign(bounces.api.get(Config).env, { SES_CONFIRM_SUBSCRIPTIONS: true });
    }
  });

  test('at a host of somebody else, or forged, is refused; nobody is asked', async () => {
    expect(
      await post(snsMessage(confirmation('https://evil.example/?Action=ConfirmSubscription'))),
    ).toMatchObject({ status: 400 });
    expect(await post(snsMessage(confirmation(), { forged: true }))).toMatchObject({ status: 401 });
    await work();
    expect([confirmed(), await rows()]).toEqual([[], []]);
  });
});

test('with name and password alone, where no topics are set, nobody is asked for a certificate', async () => {
  const { env } = bounces.api.get(Config);
  const { SES_TOPIC_ARNS } = env;
  Object.assign(env, { SES_TOPIC_ARNS: undefined, SES_WEBHOOK_AUTH: 'sns:password-one' });
  try {
    const hook = snsMessage(notification({ SigningCertURL: anotherUrl() }), { forged: true });
    const headers = { ...hook.headers, Authorization: basic('sns:password-one') };
    expect([await post(hook), await post({ ...hook, headers })]).toMatchObject([
      { status: 401 },
      { status: 200 },
    ]);
    expect(asked).toEqual([]);
  } finally {
    Object.assign(env, { SES_TOPIC_ARNS, SES_WEBHOOK_AUTH: undefined });
  }
});
