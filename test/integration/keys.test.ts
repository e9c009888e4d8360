import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApi } from '../../src/app/api.js';
import { newId } from '../../src/domain/index.js';
import { exampleOf } from '../../src/modules/orders/order-examples.js';
import { Config } from '../../src/platform/config/index.js';
import { Install } from '../support/install.js';

let install: Install;
/** A second API process of the same install, which trusts no proxy. */
let other: NestFastifyApplication;
let otherUrl: string;

beforeAll(async () => {
  install = await Install.start({ TRUST_PROXY: 'true' });
  const config = new Config({ ...install.options.config.env, TRUST_PROXY: 'false' });
  other = await createApi({ ...install.options, config, name: 'other api' });
  other.useLogger(false);
  await other.listen(0, '127.0.0.1');
  otherUrl = await other.getUrl();
  const { id: _, ...sender } = await install.db.selectFrom('senders').selectAll().executeTakeFirstOrThrow();
  await install.db
    .insertInto('senders')
    .values({ ...sender, id: newId(), slug: 'service' })
    .execute();
}, 60_000);
afterAll(async () => {
  await other?.close();
  await install?.stop();
}, 30_000);

const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` });
const call = (secret: string, method: string, path: string, body?: unknown, headers = {}) =>
  install.call(method, path, body, { ...bearer(secret), ...headers });

async function make(limits: Record<string, unknown>): Promise<{ id: string; secret: string }> {
  return install.done('POST', '/v1/keys', { name: 'k', scopes: ['lists'], ...limits });
}

describe('a key over the API', () => {
  const asked = {
    name: 'shop',
    scopes: ['orders', 'emails'],
    senders: ['default'],
    rate: { requests: 20, per: 'second' },
    allowIps: ['203.0.113.0/24', '::ffff:10.0.0.0/104', '2001:DB8::1'],
    expiresAt: '2099-01-01T00:00:00.000Z',
  };

  test('is made, shown, changed and revoked, and who did that is on record', async () => {
    const headers = { 'Idempotency-Key': 'make-shop' };
    const made = await install.done('POST', '/v1/keys', asked, headers);
    expect(made).toEqual({
      ...asked,
      id: expect.any(String),
      prefix: made.secret.slice(0, 11),
      secret: expect.stringMatching(/^pr_/),
      allowIps: ['203.0.113.0/24', '10.0.0.0/8', '2001:db8::1/128'],
      createdAt: expect.any(String),
      lastUsedAt: null,
      revokedAt: null,
    });
    const at = `/v1/keys/${made.id}`;
    expect(await install.done('POST', '/v1/keys', asked, headers)).toEqual(made);
    const kept = await install.db.selectFrom('idempotency_keys').selectAll().execute();
    expect(JSON.stringify(kept)).not.toContain(made.secret);

    const change = { rate: { requests: 5, per: 'minute' }, allowIps: null, name: 'shop' };
    expect(await install.done('PATCH', at, change)).toMatchObject({ ...change, scopes: asked.scopes });
    const { revokedAt } = await install.done('DELETE', at);
    expect(await install.done('DELETE', at)).toMatchObject({ revokedAt });
    expect(await install.call('PATCH', at, { name: 'x' })).toMatchObject({
      status: 409,
      body: { name: 'key_revoked' },
    });
    const { history, ...shown } = await install.done('GET', at);
    expect(shown).toMatchObject({ id: made.id, revokedAt });
    const [bootstrap] = (await install.done('GET', '/v1/keys')).data;
    expect(history).toMatchObject([
      { by: bootstrap.id, action: 'key.revoked', changes: {} },
      {
        by: bootstrap.id,
        action: 'key.changed',
        changes: { rate: [asked.rate, change.rate], allowIps: [made.allowIps, null] },
      },
      { by: bootstrap.id, action: 'key.created', changes: { name: 'shop', scopes: asked.scopes } },
    ]);
    expect(Object.keys(history[1].changes)).toEqual(['rate', 'allowIps']);
  });

  test.each([
    [{ allowIps: ['office'] }, 'allowIps.0'],
    [{ allowIps: ['10.0.0.0/33'] }, 'allowIps.0'],
    [{ allowIps: ['10.1.0.0/8'] }, 'allowIps.0'],
    [{ allowIps: ['010.0.0.1'] }, 'allowIps.0'],
    [{ allowIps: [] }, 'allowIps'],
    [{ rate: { requests: 0, per: 'second' } }, 'rate.requests'],
    [{ rate: { requests: 1.5, per: 'second' } }, 'rate.requests'],
    [{ rate: { requests: 5, per: 'hour' } }, 'rate.per'],
    [{ senders: ['nobody'] }, 'senders'],
    [{ senders: [] }, 'senders'],
    [{ scopes: ['root'] }, 'scopes.0'],
    [{ scopes: [] }, 'scopes'],
    [{ name: 'two\nlines' }, 'name'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    [{ expiresAt: 'soon' }, 'expiresAt'],
  ])('with %j is refused by that field', async (wrong, field) => {
    expect(await install.call('POST', '/v1/keys', { name: 'x', scopes: ['lists'], ...wrong })).toMatchObject({
      status: 422,
      body: { details: [{ field }] },
    });
  });

  test('needs a key with the scope "keys"; unknown ones are not there', async () => {
    const { secret } = await make({ scopes: ['emails'] });
    expect(await call(secret, 'GET', '/v1/keys')).toMatchObject({
      status: 403,
      body: { name: 'missing_scope' },
    });
    expect((await install.call('GET', `/v1/keys/${newId()}`)).status).toBe(404);
    expect((await install.call('GET', '/v1/keys/7')).status).toBe(422);
  });
});

describe('a key gives only what it has', () => {
  const own = {
    scopes: ['keys', 'emails'],
    senders: ['default'],
    rate: { requests: 1_000, per: 'minute' },
    allowIps: ['127.0.0.0/8', '203.0.113.0/24'],
    expiresAt: '2090-01-01T00:00:00.000Z',
  };
  let manager: { id: string; secret: string };
  beforeAll(async () => {
    manager = await make({ ...own, name: 'manager' });
  });

  test('what is left out is as with itself', async () => {
    const { body, status } = await call(manager.secret, 'POST', '/v1/keys', {
      name: 'child',
      scopes: ['emails'],
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...own, scopes: ['emails'] });
  });

  const more: [Record<string, unknown>, string][] = [
    [{ scopes: ['emails', 'orders'] }, 'scopes'],
    [{ senders: ['default', 'service'] }, 'senders'],
    [{ senders: null }, 'senders'],
    [{ rate: null }, 'rate'],
    // As much in a minute, but all of it in the first second, would be less; a second's worth sixty times is more.
    [{ rate: { requests: 17, per: 'second' } }, 'rate'],
    [{ allowIps: ['203.0.112.0/23'] }, 'allowIps'],
    [{ allowIps: ['::/0'] }, 'allowIps'],
    [{ allowIps: null }, 'allowIps'],
    [{ expiresAt: '2090-01-01T00:00:01Z' }, 'expiresAt'],
    [{ expiresAt: null }, 'expiresAt'],
  ];
  test.each(more)('neither a new key nor itself gets %j', async (wider, field) => {
    const refused = { status: 403, body: { name: 'beyond_own_key', details: [{ field }] } };
    const asked = { name: 'child', scopes: ['emails'], ...wider };
    expect(await call(manager.secret, 'POST', '/v1/keys', asked)).toMatchObject(refused);
    expect(await call(manager.secret, 'PATCH', `/v1/keys/${manager.id}`, wider)).toMatchObject(refused);
  });

  test('it may narrow a key that has more, and not widen it in any direction', async () => {
    const { id } = await make({ scopes: ['relays'], allowIps: ['10.0.0.0/8'] });
    const at = `/v1/keys/${id}`;
    const narrower = { allowIps: ['10.1.0.0/16'], rate: { requests: 1, per: 'second' } };
    expect((await call(manager.secret, 'PATCH', at, narrower)).status).toBe(200);
    // Its addresses are within those of the manager; what would be usable from there is not.
    const moved = await call(manager.secret, 'PATCH', at, { allowIps: ['127.0.0.1'] });
    expect(moved).toMatchObject({ status: 403, body: { name: 'beyond_own_key' } });
    expect(moved.body.details.map(({ field }: { field: string }) => field)).toContain('scopes');
  });

  test('once revoked it makes no more keys, although for some seconds it still opens', async () => {
    const second = await make({ ...own, name: 'second' });
    const list = (url: string) => fetch(`${url}/v1/keys`, { headers: bearer(second.secret) });
    expect((await list(otherUrl)).status).toBe(200);
    await install.done('DELETE', `/v1/keys/${second.id}`);
    const late = await fetch(`${otherUrl}/v1/keys`, {
      method: 'POST',
      headers: { ...bearer(second.secret), 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'late', scopes: ['emails'] }),
    });
    expect(late.status).toBe(401);
    expect(await late.json()).toMatchObject({ name: 'api_key_revoked' });
  });
});

describe('what a key is refused for says what it was', () => {
  test('its rate, counted over all API processes', async () => {
    const { secret } = await make({ name: 'slow', rate: { requests: 5, per: 'minute' } });
    const answers: Response[] = [];
    for (let index = 0; index < 12; index += 1) {
      const url = index % 2 === 0 ? install.url : otherUrl;
      answers.push(await fetch(`${url}/v1/lists`, { headers: bearer(secret) }));
    }
    expect(answers.map(({ status }) => status)).toEqual([...Array(5).fill(200), ...Array(7).fill(429)]);
    const header = (at: number, name: string) => answers[at]!.headers.get(name);
    expect(header(0, 'RateLimit-Policy')).toBe('5;w=60');
    expect([0, 4, 5].map((at) => header(at, 'RateLimit-Remaining'))).toEqual(['4', '0', '0']);
    expect(header(11, 'RateLimit-Limit')).toBe('5');
    const wait = Number(header(11, 'Retry-After'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(header(11, 'RateLimit-Reset')).toBe(String(wait));
    expect(await answers[11]!.json()).toMatchObject({
      statusCode: 429,
      name: 'too_many_requests',
      message: `The API key "slow" may make 5 requests a minute; try again in ${wait} s`,
    });
    const free = await fetch(`${install.url}/v1/lists`, { headers: bearer((await make({})).secret) });
    expect([free.status, free.headers.get('RateLimit-Limit')]).toEqual([200, null]);
  });

  test('its address, as TRUST_PROXY has it', async () => {
    const { secret } = await make({ name: 'bound', allowIps: ['203.0.113.0/24'] });
    const from = async (url: string, address: string) => {
      const headers = { ...bearer(secret), 'X-Forwarded-For': address };
      const response = await fetch(`${url}/v1/lists`, { headers });
      return { status: response.status, body: await response.json() };
    };
    const refused = (ip: string) => ({
      status: 403,
      body: expect.objectContaining({
        name: 'ip_not_allowed',
        message: `The API key "bound" may not be used from ${ip}`,
      }),
    });
    expect((await from(install.url, '203.0.113.77')).status).toBe(200);
    expect((await from(install.url, '::ffff:203.0.113.77')).status).toBe(200);
    expect(await from(install.url, '198.51.100.1')).toEqual(refused('198.51.100.1'));
    expect(await from(otherUrl, '203.0.113.77')).toEqual(refused('127.0.0.1'));
  });

  test('its senders, wherever one is chosen', async () => {
    const scopes = ['emails', 'orders', 'campaigns', 'lists', 'subscriptions'];
    await install.done('POST', '/v1/lists', { slug: 'news', name: 'News', optIn: 'single' });
    const mail = { to: 'delivered@sandbox.postrider.test', subject: 'Hello', text: 'Hello' };
    const { id: foreign } = await install.done('POST', '/v1/emails', mail);
    const campaign = { name: 'C', subject: 'S', lists: ['news'], content: 'Hello' };
    const { id: campaignId } = await install.done('POST', '/v1/campaigns', campaign);
    const { secret } = await make({ name: 'service', scopes, senders: ['service'] });
    const consent = { text: 'Yes', source: 'https://shop.example/' };
    const refusals: [string, string, unknown][] = [
      ['POST', '/v1/emails', mail],
      ['POST', '/v1/emails', { ...mail, sender: 'default' }],
      ['POST', `/v1/emails/${foreign}/resend`, undefined],
      ['POST', '/v1/order-events', exampleOf('order.placed')],
      ['POST', '/v1/campaigns', campaign],
      ['PATCH', `/v1/campaigns/${campaignId}`, { name: 'D' }],
      ['POST', `/v1/campaigns/${campaignId}/test`, { to: [mail.to] }],
      ['POST', `/v1/campaigns/${campaignId}/send`, undefined],
      ['POST', `/v1/campaigns/${campaignId}/schedule`, { at: '2090-01-01T00:00:00Z' }],
      ['POST', '/v1/lists', { slug: 'mine', name: 'Mine' }],
      ['PATCH', '/v1/lists/news', { sender: 'default' }],
      ['POST', '/v1/subscriptions', { email: mail.to, lists: ['news'], consent }],
    ];
    const message = 'The API key "service" may not send as "default", only as "service"';
    const body = { name: 'sender_not_allowed', message, details: [{ field: 'sender' }] };
    for (const [method, path, asked] of refusals) {
      const answer = await call(secret, method, path, asked);
      expect({ method, path, ...answer }).toMatchObject({ method, path, status: 403, body });
    }
    const batch = { emails: [mail, { ...mail, sender: 'service' }] };
    expect((await call(secret, 'POST', '/v1/emails/batch', batch)).body.data).toMatchObject([
      { statusCode: 403, error: { name: 'sender_not_allowed' } },
      { statusCode: 202 },
    ]);
    const accepted = await call(secret, 'POST', '/v1/emails', { ...mail, sender: 'service' });
    expect(accepted.status).toBe(202);
    const both = await make({ scopes, senders: ['default', 'service'] });
    expect((await call(both.secret, 'POST', '/v1/emails', mail)).status).toBe(202);
  });
});

test('the last key that manages keys goes only when that is said', async () => {
  const last = await make({ name: 'last', scopes: ['keys', 'lists'] });
  const { data } = await install.done('GET', '/v1/keys?limit=100');
  const others = data.filter(
    (key: { id: string; scopes: string[]; revokedAt: string | null }) =>
      key.scopes.includes('keys') && key.revokedAt === null && key.id !== last.id,
  );
  for (const { id } of others) expect((await call(last.secret, 'DELETE', `/v1/keys/${id}`)).status).toBe(200);
  const at = `/v1/keys/${last.id}`;
  const refused = { status: 409, body: { name: 'last_key', message: expect.stringContaining('last=true') } };
  expect(await call(last.secret, 'DELETE', at)).toMatchObject(refused);
  expect(await call(last.secret, 'PATCH', at, { scopes: ['lists'] })).toMatchObject(refused);
  expect((await call(last.secret, 'DELETE', `${at}?last=true`)).body.revokedAt).toEqual(expect.any(String));
  expect(await call(last.secret, 'GET', at)).toMatchObject({
    status: 401,
    body: { name: 'api_key_revoked' },
  });
});
