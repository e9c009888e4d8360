import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { newSecret, showSecret, signatures } from './signature.js';

test('the vector of Standard Webhooks 1.0.0', () => {
  const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  expect(showSecret(secret)).toBe('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  expect(signatures([secret], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}')).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

describe('the package standardwebhooks', () => {
  const seconds = Math.floor(Date.now() / 1_000);
  const body = '{"type":"email.sent","data":{"to":"zoë@example.com"}}';
  const headers = (secrets: Buffer[]) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures(secrets, 'msg_1', seconds, body),
  });

  test('takes what any of several secrets signed', () => {
    const secrets = [newSecret(), newSecret()];
    expect(secrets.map((secret) => secret.length)).toEqual([32, 32]);
    for (const secret of secrets)
      expect(new Webhook(showSecret(secret)).verify(body, headers(secrets))).toEqual(JSON.parse(body));
  });

  test('refuses another secret, another body, another id', () => {
    const secret = newSecret();
    const webhook = new Webhook(showSecret(secret));
    expect(() => new Webhook(showSecret(newSecret())).verify(body, headers([secret]))).toThrow('No matching');
    expect(() => webhook.verify(`${body} `, headers([secret]))).toThrow('No matching');
    expect(() => webhook.verify(body, { ...headers([secret]), 'webhook-id': 'msg_2' })).toThrow(
      'No matching',
    );
  });
});
