import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ListsModule } from '../../src/modules/lists/index.js';
import { TestApi } from '../support/api.js';
import { DnsServer } from '../support/dns.js';
import { WebhooksModule, webhooksControllers } from '../../src/modules/webhooks/index.js';

let api: TestApi;
let dns: DnsServer;

beforeAll(async () => {
  dns = await DnsServer.start({
    'shop.example': { a: ['1.1.1.1'] },
    'inner.example': { a: ['10.0.0.1'] },
    'metadata.example': { a: ['169.254.169.254'] },
  });
  api = await TestApi.start({
    modules: [ListsModule, WebhooksModule],
    controllers: webhooksControllers,
    environment: { PUBLIC_URL: 'https://mail.shop.example', DNS_SERVERS: dns.server },
  });
});
afterAll(async () => {
  await api.stop();
  await dns.stop();
});

const path = '/v1/webhook-endpoints';
const url = 'https://shop.example/hooks';
const add = (body: object, headers = {}) =>
  api.post(path, { url, events: ['email.bounced'], ...body }, headers);

describe('adding', () => {
  test('the secret is shown once', async () => {
    const { status, body } = await add({ description: ' The shop ' });
    expect(status).toBe(201);
    const { secret, ...view } = body;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(view).toEqual({
      id: expect.any(String),
      url,
      description: 'The shop',
      events: ['email.bounced'],
      enabled: true,
      disabledReason: null,
      disabledAt: null,
      failingSince: null,
      restingUntil: null,
      lastSuccessAt: null,
      oldSecretUntil: null,
      replaying: false,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect((await api.read(`${path}/${body.id}`)).body).toEqual({ ...view, waiting: 0, failed: 0 });
    expect((await api.read(path)).body).toEqual({ data: [view], hasMore: false });
  });

  test('an Idempotency-Key gives the same endpoint and secret, and the database holds no secret in clear', async () => {
    const headers = { 'Idempotency-Key': 'endpoint-1' };
    const [first, second] = [await add({}, headers), await add({}, headers)];
    expect(second).toEqual(first);
    const rows = await api.db.selectFrom('idempotency_keys').select('response').execute();
    expect(JSON.stringify(rows)).toContain(first.body.id);
    expect(JSON.stringify(rows)).not.toContain('whsec_');
    const bytes = Buffer.from(first.body.secret.slice('whsec_'.length), 'base64');
    expect(JSON.stringify(rows)).not.toContain(bytes.toString('base64'));
    const { secret } = await api.db
      .selectFrom('webhook_endpoints')
      .select('secret')
      .where('id', '=', first.body.id)
      .executeTakeFirstOrThrow();
    expect(secret.includes(bytes)).toBe(false);
  });

  test('"*" is everything; the same type twice is once', async () => {
    expect((await add({ events: ['email.sent', '*'] })).body.events).toEqual(['*']);
    expect((await add({ events: ['email.sent', 'email.sent'] })).body.events).toEqual(['email.sent']);
  });

  test('a name that DNS does not know yet is taken', async () => {
    expect((await add({ url: 'https://soon.example/' })).status).toBe(201);
  });

  test.each([
    [{ url: 'shop.example' }, 'url'],
    [{ url: 'http://shop.example/' }, 'url'],
    [{ url: 'http://soon.example/' }, 'url'],
    [{ url: 'https://inner.example/' }, 'url'],
    [{ url: 'https://metadata.example/' }, 'url'],
    [{ url: 'https://localhost/' }, 'url'],
    [{ url: 'http://127.0.0.1:3000/' }, 'url'],
    [{ url: 'https://[::1]/' }, 'url'],
    [{ url: 'https://0x7f000001/' }, 'url'],
    [{ url: 'https://user:secret@shop.example/' }, 'url'],
    [{ url: 'https://shop.example:25/' }, 'url'],
    [{ url: undefined }, 'url'],
    [{ events: [] }, 'events'],
    [{ events: ['email.accepted'] }, 'events.0'],
    [{ events: ['email.sent', 'nonsense'] }, 'events.1'],
    [{ events: 'email.sent' }, 'events'],
    [{ description: 'two\nlines' }, 'description'],
    [{ secret: 'whsec_mine' }, 'secret'],
  ])('%j is refused', async (body, field) => {
    const answer = await add(body);
    expect(answer.status).toBe(422);
    expect(answer.body.details[0].field).toBe(field);
  });

  test('fifty at most', async () => {
    const row = { url, events: ['email.sent'], description: null, secret: Buffer.alloc(1) };
    const { id } = (await add({})).body;
    const many = Array.from({ length: 50 }, (_, index) => ({
      ...row,
      id: `00000000-0000-7000-8000-0000000000${10 + index}`,
    }));
    await api.db.insertInto('webhook_endpoints').values(many).execute();
    expect(await add({})).toMatchObject({ status: 409, body: { name: 'too_many_endpoints' } });
    await api.db
      .deleteFrom('webhook_endpoints')
      .where(
        'id',
        'in',
        many.map((endpoint) => endpoint.id),
      )
      .execute();
    expect((await api.call('DELETE', `${path}/${id}`)).status).toBe(204);
  });
});

describe('changing', () => {
  test('what is left out stays; disabling says so and enabling forgets it', async () => {
    const { id, secret: _, ...view } = (await add({})).body;
    const at = `${path}/${id}`;
    const change = (body: object) => api.call('PATCH', at, body);
    expect((await change({ events: ['*'] })).body).toMatchObject({ url: view.url, events: ['*'] });
    expect((await change({ enabled: false })).body).toMatchObject({
      enabled: false,
      disabledReason: 'asked',
      disabledAt: expect.any(String),
      events: ['*'],
    });
    for (const call of ['test', 'replay'])
      expect(
        await api.post(`${at}/${call}`, call === 'replay' ? { since: new Date().toISOString() } : undefined),
      ).toMatchObject({
        status: 409,
        body: { name: 'endpoint_disabled' },
      });
    expect((await change({ enabled: true, description: 'Back' })).body).toMatchObject({
      enabled: true,
      disabledReason: null,
      disabledAt: null,
      description: 'Back',
    });
    expect((await change({ url: 'https://inner.example/' })).status).toBe(422);
    expect((await change({ state: 'x' })).status).toBe(422);
  });

  test('a new secret, with the old one beside it for a day', async () => {
    const { id, secret } = (await add({})).body;
    const { status, body } = await api.post(`${path}/${id}/rotate-secret`);
    expect(status).toBe(200);
    expect(body.secret).toMatch(/^whsec_/);
    expect(body.secret).not.toBe(secret);
    const hours = (Date.parse(body.oldSecretUntil) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
  });

  test('deleting', async () => {
    const { id } = (await add({})).body;
    expect((await api.call('DELETE', `${path}/${id}`)).status).toBe(204);
    expect((await api.call('DELETE', `${path}/${id}`)).status).toBe(404);
    expect((await api.read(`${path}/${id}`)).status).toBe(404);
    expect((await api.read(`${path}/${id}/attempts`)).status).toBe(404);
    expect((await api.call('PATCH', `${path}/${id}`, { enabled: true })).status).toBe(404);
    expect((await api.post(`${path}/${id}/rotate-secret`)).status).toBe(404);
    expect((await api.post(`${path}/${id}/test`)).status).toBe(404);
  });
});

describe('asking for a replay', () => {
  const soon = new Date(Date.now() + 60_000).toISOString();
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const longAgo = new Date(Date.now() - 31 * 86_400_000).toISOString();

  test.each([
    [{}, 'since'],
    [{ since: 'yesterday' }, 'since'],
    [{ since: soon }, 'since'],
    [{ since: longAgo }, 'since'],
    [{ since: hourAgo, until: soon }, 'until'],
    [{ since: hourAgo, until: hourAgo }, 'until'],
    [{ since: hourAgo, types: ['*'] }, 'types.0'],
    [{ since: hourAgo, types: [] }, 'types'],
    [{ since: hourAgo, onlyFailed: 'yes' }, 'onlyFailed'],
  ])('%j is refused', async (body, field) => {
    const { id } = (await add({})).body;
    const answer = await api.post(`${path}/${id}/replay`, body);
    expect(answer.status).toBe(422);
    expect(answer.body.details[0].field).toBe(field);
  });

  test('one at a time', async () => {
    const { id } = (await add({})).body;
    const first = await api.post(`${path}/${id}/replay`, { since: hourAgo });
    expect(first).toEqual({ status: 202, body: { status: 'queued' } });
    expect((await api.read(`${path}/${id}`)).body.replaying).toBe(true);
    expect(await api.post(`${path}/${id}/replay`, { since: hourAgo })).toMatchObject({
      status: 409,
      body: { name: 'replay_running' },
    });
  });

  test('of an attempt that there is not', async () => {
    const { id } = (await add({})).body;
    expect((await api.post(`${path}/${id}/attempts/${id}/replay`)).status).toBe(404);
    expect((await api.post(`${path}/${id}/attempts/7/replay`)).status).toBe(422);
  });
});
