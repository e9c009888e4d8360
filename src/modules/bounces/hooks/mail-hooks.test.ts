import { createHash, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { BouncesApi } from '../../../../test/support/bounces.js';
import {
  basic,
  hookSettings,
  mailgunSignature,
  PASSWORD,
  postingProviders,
  standInForAmazon,
  type PostingProvider,
  type SignedHook,
} from '../../../../test/support/provider-hooks.js';
import { Config, loadConfig } from '../../../platform/config/index.js';
import { HookWork } from './hook-work.service.js';

let bounces: BouncesApi;
let count = 0;
const someone = () => `hook-${(count += 1)}@example.com`;

beforeAll(async () => {
  bounces = await BouncesApi.start(hookSettings);
  standInForAmazon(bounces.api);
});
afterAll(() => bounces.api.stop());
beforeEach(async () => {
  await bounces.api.db.deleteFrom('provider_requests').execute();
});

async function post(provider: { name: string }, { headers, body }: SignedHook) {
  const response = await fetch(`${bounces.api.url}/hooks/mail/${provider.name}`, {
    method: 'POST',
    headers,
    body,
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}
const rows = async () => bounces.api.db.selectFrom('provider_requests').selectAll().orderBy('id').execute();
const work = async () => bounces.api.get(HookWork).run();
const bounceOf = (provider: PostingProvider, address = someone()) =>
  provider.bounce({ address, messageId: 'a@b', reply: '550 5.1.1 User unknown' });

describe.each(postingProviders)('webhooks of $name', (provider) => {
  test('a genuine one is stored before the answer; the same again is one', async () => {
    const hook = provider.signed(bounceOf(provider));
    expect(await post(provider, hook)).toMatchObject({ status: 200, body: { stored: true } });
    expect(await post(provider, hook)).toMatchObject({ status: 200, body: { stored: false } });
    const [row, ...more] = await rows();
    expect(more).toEqual([]);
    expect(row).toMatchObject({ provider: provider.name, state: 'waiting', tries: 0 });
    expect(row?.body.toString()).toBe(hook.body);
    expect(row?.sha256).toEqual(createHash('sha256').update(hook.body).digest());
  });

  test('finds its mail and suppresses the address, with the words of the server as evidence; replayed, it changes nothing', async () => {
    const relayId = `id-${count}-0123456789abcdef`;
    const mail = await bounces.sent(someone(), { relayId });
    const messageId = provider.name === 'postmark' ? relayId : `${mail.messageId}@shop.example`;
    const reply = '550 5.1.1 <x@example.com>: User unknown';
    await post(provider, provider.signed(provider.bounce({ address: mail.address, messageId, reply })));
    await work();
    expect(await rows()).toMatchObject([{ state: 'done', note: '1 applied' }]);
    expect((await rows())[0]?.addresses).toContain(mail.address);
    expect(await bounces.held(mail.address)).toEqual(['all hard_bounce']);
    expect((await bounces.suppressions(mail.address))[0]?.evidence).toContain('User unknown');
    expect(await bounces.api.post('/v1/mail-events/replay', { ids: [(await rows())[0]?.id] })).toMatchObject({
      body: { replayed: 1 },
    });
    await work();
    expect(await rows()).toMatchObject([{ state: 'done', note: '1 known' }]);
    expect(await bounces.events(mail)).toEqual(['email.bounced']);
  });

  test('what a server says of us ends no address, whatever the class of the provider', async () => {
    const relayId = `id-${count}-0123456789abcdef`;
    const mail = await bounces.sent(someone(), { relayId });
    const messageId = provider.name === 'postmark' ? relayId : `${mail.messageId}@shop.example`;
    const reply =
      '550 5.7.1 Our system has detected that this message is likely unsolicited mail: blocked, bad reputation';
    await post(provider, provider.signed(provider.bounce({ address: mail.address, messageId, reply })));
    await work();
    expect(await rows()).toMatchObject([{ state: 'done', note: '1 applied' }]);
    expect(await bounces.held(mail.address)).toEqual([]);
  });

  test('a forged one is refused and changes nothing', async () => {
    const answer = await post(provider, provider.signed(bounceOf(provider), { forged: true }));
    expect(answer).toMatchObject({ status: 401, body: { name: 'unproven_webhook' } });
    expect(await rows()).toEqual([]);
  });

  test('one without any proof is refused', async () => {
    const body = provider.name === 'ses' ? '{"Type":"Notification","Message":"{}"}' : bounceOf(provider);
    const answer = await post(provider, { headers: { 'Content-Type': 'application/json' }, body });
    expect(answer).toMatchObject({ status: 401 });
    // Amazon SNS signs in only after it was asked to.
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect(await rows()).toEqual([]);
  });

  test('one that is cut short, or something else, is refused and changes nothing', async () => {
    const { headers, body } = provider.signed(bounceOf(provider));
    for (const bad of [body.slice(0, -20), '', 'null', '"text"', '7']) {
      const answer = await post(provider, { headers, body: bad });
      expect([bad.slice(0, 20), answer.status]).toEqual([bad.slice(0, 20), expect.any(Number)]);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect(await rows()).toEqual([]);
  });

  test('NUL, halves of characters, huge texts, deep nesting: stored, read, and no harm done', async () => {
    const odd = `a\0b\ud800${'x'.repeat(300_000)}`;
    const content = bounceOf(provider, odd)
      .replace('"a@b"', JSON.stringify(odd))
      .replace('User unknown', JSON.stringify(odd).slice(1, -1));
    expect(await post(provider, provider.signed(content))).toMatchObject({ status: 200 });
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    const nested = provider.name === 'sendgrid' ? `[{"a":${deep}}]` : `{"a":${deep}}`;
    expect(await post(provider, provider.signed(nested))).toMatchObject({ status: 200 });
    await work();
    expect((await rows()).map(({ state }) => state)).not.toContain('failed');
    expect((await rows()).map(({ tries, settled_at: at }) => [tries, at !== null])).toEqual([
      [1, true],
      [1, true],
    ]);
  });

  test('a password that is set must hold too; two may be set while one follows the other', async () => {
    const { env } = bounces.api.get(Config);
    const setting = `${provider.name.toUpperCase()}_WEBHOOK_AUTH`;
    const before = env[setting as keyof typeof env];
    Object.assign(env, { [setting]: 'old:password-one, new:password-two' });
    try {
      const { headers, body } = provider.signed(bounceOf(provider));
      const by = async (authorization: string) =>
        (await post(provider, { headers: { ...headers, Authorization: authorization }, body })).status;
      expect([
        await by(basic('old:password-two')),
        await by('Bearer x'),
        await by('Basic ***'),
        await by(basic('old:password-one')),
        await by(PASSWORD),
      ]).toEqual([401, 401, 401, 200, 200]);
      expect(await rows()).toHaveLength(1);
    } finally {
      Object.assign(env, { [setting]: before });
    }
  });

  test('without its settings there is no such webhook, and the answer names them', async () => {
    const { env } = bounces.api.get(Config);
    const before = { ...env };
    for (const setting of Object.keys(hookSettings)) Object.assign(env, { [setting]: undefined });
    try {
      const answer = await post(provider, provider.signed(bounceOf(provider)));
      expect(answer.status).toBe(404);
      for (const setting of provider.settings) expect(answer.body['message']).toContain(setting);
    } finally {
      Object.assign(env, before);
    }
  });
});

describe.each(postingProviders.filter(({ signs }) => signs))('what $name signs', (provider) => {
  test('grows old; 0 turns that off', async () => {
    const { env } = bounces.api.get(Config);
    const old = provider.signed(bounceOf(provider), { at: new Date(Date.now() - 25 * 3_600_000) });
    expect(await post(provider, old)).toMatchObject({
      status: 401,
      body: { message: expect.stringMatching(/1500 minutes ago/) },
    });
    const early = provider.signed(bounceOf(provider), { at: new Date(Date.now() + 25 * 3_600_000) });
    expect(await post(provider, early)).toMatchObject({
      status: 401,
      body: { message: expect.stringMatching(/\d minutes ahead of the clock here/) },
    });
    Object.assign(env, { MAIL_HOOK_MAX_AGE_MINUTES: 0 });
    try {
      expect(await post(provider, old)).toMatchObject({ status: 200 });
    } finally {
      Object.assign(env, { MAIL_HOOK_MAX_AGE_MINUTES: 1_440 });
    }
  });
});

test.each([
  ['sendgrid', 'SENDGRID_WEBHOOK_PUBLIC_KEY', otherPublicKey()],
  ['mailgun', 'MAILGUN_WEBHOOK_SIGNING_KEY', 'another-0123456789abcdef'],
] as const)('%s: two keys may be set while one follows the other', async (name, setting, other) => {
  const provider = postingProviders.find((one) => one.name === name)!;
  const { env } = bounces.api.get(Config);
  const known = hookSettings[setting];
  const settings = { [setting]: `${other}, ${known}` };
  expect(loadConfig(settings, '/dev/null').env[setting]).toBe(settings[setting]);
  Object.assign(env, settings);
  try {
    expect(await post(provider, provider.signed(bounceOf(provider)))).toMatchObject({ status: 200 });
    const forged = provider.signed(bounceOf(provider), { forged: true });
    expect(await post(provider, forged)).toMatchObject({ status: 401 });
  } finally {
    Object.assign(env, { [setting]: known });
  }
});

function otherPublicKey(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

describe('Mailgun', () => {
  const [, , , mailgun] = postingProviders as [unknown, unknown, unknown, PostingProvider];

  test('signs a token, not the content: with other content it is a forgery', async () => {
    const signature = mailgunSignature();
    const send = (recipient: string) =>
      post(mailgun, {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ signature, 'event-data': { event: 'complained', recipient } }),
      });
    expect(await send('one@example.com')).toMatchObject({ status: 200, body: { stored: true } });
    expect(await send('one@example.com')).toMatchObject({ status: 200, body: { stored: false } });
    expect(await send('other@example.com')).toMatchObject({
      status: 401,
      body: { message: expect.stringContaining('token') },
    });
    expect(await rows()).toHaveLength(1);
  });

  test.each(['multipart', 'urlencoded'])('the older webhooks, as a %s form', async (type) => {
    const mail = await bounces.sent(someone());
    const fields = {
      event: 'bounced',
      recipient: mail.address,
      code: '550',
      error: '5.1.1 The email account that you tried to reach does not exist',
      'Message-Id': `<${mail.messageId}@shop.example>`,
      ...mailgunSignature(),
    };
    const form = type === 'multipart' ? new FormData() : new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    if (form instanceof FormData) form.append('attachment-1', new Blob(['what came back']), 'message.eml');
    const response = await fetch(`${bounces.api.url}/hooks/mail/mailgun`, { method: 'POST', body: form });
    expect([response.status, await response.json()]).toEqual([200, { stored: true }]);
    await work();
    expect(await rows()).toMatchObject([{ state: 'done', note: '1 applied' }]);
    expect((await rows())[0]?.body.toString()).not.toContain('what came back');
    expect(await bounces.held(mail.address)).toEqual(['all hard_bounce']);
  });
});

test('a provider that is not there; names with "amazon"; anything but POST', async () => {
  expect(await post({ name: 'sparkpost' }, { headers: {}, body: '' })).toMatchObject({
    status: 404,
    body: { message: expect.stringContaining('ses, sendgrid, postmark, mailgun') },
  });
  const [ses] = postingProviders as [PostingProvider];
  for (const name of ['amazon-ses', 'amazon_ses', 'SES'])
    expect(await post({ name }, ses.signed(bounceOf(ses)))).toMatchObject({ status: 200 });
  expect((await fetch(`${bounces.api.url}/hooks/mail/ses`)).status).toBe(405);
});
