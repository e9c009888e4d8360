import { expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { Postrider, verifyWebhook } from '../../sdk/src/index.js';

/** The vector of the standard. */
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const body = '{"test": 2432232314}';
const now = new Date(1_614_265_330_000);
const headers = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);

test('the vector of Standard Webhooks', async () => {
  await expect(verifyWebhook(body, headers, secret, now)).resolves.toEqual({ test: 2_432_232_314 });
});

test.each([
  ['the body as bytes', new TextEncoder().encode(body), headers],
  ['headers of fetch', body, new Headers(headers)],
  [
    'another signature before it',
    body,
    { ...headers, 'webhook-signature': `v1,AAAA v2,x ${headers['webhook-signature']}` },
  ],
])('%s', async (_, payload, given) => {
  await expect(verifyWebhook(payload, given, secret, later(299))).resolves.toBeDefined();
});

test.each([
  ['another body', '{"test": 2432232315}', headers, now],
  ['another id', body, { ...headers, 'webhook-id': 'msg_2' }, now],
  ['too old', body, headers, later(301)],
  ['from the future', body, headers, later(-301)],
  ['a time that is none', body, { ...headers, 'webhook-timestamp': 'NaN' }, now],
  ['a signature that is no base64', body, { ...headers, 'webhook-signature': 'v1,…' }, now],
  [
    'another version of signature',
    body,
    { ...headers, 'webhook-signature': headers['webhook-signature'].replace('v1', 'v2') },
    now,
  ],
  ['no signature', body, { ...headers, 'webhook-signature': undefined }, now],
  ['no id', body, { ...headers, 'webhook-id': undefined }, now],
])('refused: %s', async (_, payload, given, at) => {
  await expect(verifyWebhook(payload, given, secret, at)).rejects.toMatchObject({
    name: 'invalid_webhook',
    statusCode: null,
  });
});

test('what the package of the standard signs', async () => {
  const { webhooks } = new Postrider({ apiKey: 'pr_1', baseUrl: 'http://127.0.0.1:1' });
  const sentAt = new Date();
  const payload = JSON.stringify({ type: 'email.sent', timestamp: sentAt.toISOString(), data: { to: 'ä' } });
  const signature = new Webhook(secret).sign('msg_1', sentAt, payload);
  const signed = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
    'webhook-signature': signature,
  };
  await expect(webhooks.verify(payload, signed, secret)).resolves.toMatchObject({ type: 'email.sent' });
  await expect(webhooks.verify(payload, signed, 'not base64')).rejects.toThrow('whsec_');
});
