import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { BouncesApi } from '../../../../test/support/bounces.js';
import { hookSettings, PASSWORD } from '../../../../test/support/provider-hooks.js';
import { Database } from '../../../platform/database/index.js';
import { MailEvents } from '../act/mail-events.service.js';
import { HookGate } from './hook-gate.js';
import { HookWork } from './hook-work.service.js';
import { mailEventsCommand } from './mail-events-command.js';
import { ProviderRequestsPersonalData } from './provider-requests.personal-data.js';
import { MAX_TRIES, ProviderRequestsRepository } from './provider-requests.repository.js';

let bounces: BouncesApi;
let requests: ProviderRequestsRepository;
let count = 0;

beforeAll(async () => {
  bounces = await BouncesApi.start({
    ...hookSettings,
    SENDGRID_WEBHOOK_PUBLIC_KEY: '',
    SENDGRID_WEBHOOK_AUTH: 'new:password-two',
  });
  requests = bounces.api.get(ProviderRequestsRepository);
});
afterAll(() => bounces.api.stop());
beforeEach(async () => {
  await bounces.api.db.deleteFrom('provider_requests').execute();
});
afterEach(() => void jest.restoreAllMocks());

const someone = () => `work-${(count += 1)}@example.com`;
const complaint = (email: string, messageId = 'a@b') => ({
  event: 'spamreport',
  email,
  'smtp-id': `<${messageId}>`,
});

async function post(events: unknown, path = '/hooks/mail/sendgrid', password = PASSWORD): Promise<Response> {
  return fetch(`${bounces.api.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: password },
    body: JSON.stringify(events),
  });
}
const rows = async () => bounces.api.db.selectFrom('provider_requests').selectAll().orderBy('id').execute();
const only = async () => (await rows())[0]!;
const work = () => bounces.api.get(HookWork).run();
const makeDue = () =>
  bounces.api.db.pool.query("UPDATE provider_requests SET due_at = now() - interval '1 s'");
const personOf = (address: string) => ({
  id: '0195d0a0-0000-7000-8000-000000000000',
  canonical: address,
  address,
});

describe('events of one request', () => {
  test('one that cannot be taken holds up no other; it is tried again alone, and replayed in the end', async () => {
    const mails = await Promise.all(Array.from({ length: 120 }, () => bounces.sent(someone())));
    await post(mails.map(({ address, messageId }) => complaint(address, `${messageId}@shop.example`)));
    const events = bounces.api.get(MailEvents);
    const take = events.take.bind(events);
    const poison = mails[70]!.address;
    const taken: (string | null)[] = [];
    const broken = jest.spyOn(events, 'take').mockImplementation(async (scope, group) => {
      const outcome = await take(scope, group);
      if (group.some(({ recipient }) => recipient === poison)) throw new Error('It cannot be taken');
      taken.push(...group.map(({ recipient }) => recipient));
      return outcome;
    });
    await work();
    expect(await only()).toMatchObject({
      state: 'waiting',
      tries: 1,
      pending: [70],
      note: '1 of 120 events are left: It cannot be taken',
    });
    expect(await bounces.held(poison)).toEqual([]);
    expect(await bounces.held(mails[119]!.address)).toHaveLength(1);

    taken.length = 0;
    for (let tries = 2; tries <= MAX_TRIES; tries += 1) {
      await work();
      expect((await only()).tries).toBe(tries - 1);
      await makeDue();
      await work();
    }
    expect(taken).toEqual([]);
    expect(await only()).toMatchObject({ state: 'failed', tries: MAX_TRIES });
    await makeDue();
    await work();
    expect((await only()).tries).toBe(MAX_TRIES);

    broken.mockRestore();
    const listed = await bounces.api.read('/v1/mail-events?state=failed&provider=sendgrid');
    expect(listed.body).toMatchObject({ data: [{ id: (await only()).id, state: 'failed' }], hasMore: false });
    expect(JSON.stringify(listed.body)).not.toContain('@');
    expect(await mailEventsCommand(requests, ['list', '--failed'])).toContain(`${(await only()).id}  `);
    expect(await mailEventsCommand(requests, ['replay', '--failed'])).toBe('Webhooks that are read again: 1');
    await work();
    expect(await only()).toMatchObject({ state: 'done', pending: null, note: '119 known, 1 applied' });
    expect(await bounces.held(poison)).toHaveLength(1);
    expect(await mailEventsCommand(requests, ['replay', (await only()).id])).toBe('It is read again.');
    await expect(mailEventsCommand(requests, ['replay', 'x'])).rejects.toThrow('say which webhook');
    await expect(mailEventsCommand(requests, ['forget'])).rejects.toThrow('postrider mail-events list');
  });

  test('as many as fit into a request, all about nobody we know', async () => {
    const events = Array.from({ length: 20_000 }, (_, at) => ({ event: 'open', email: `${at}@e.co` }));
    expect((await post(events)).status).toBe(200);
    await work();
    expect(await only()).toMatchObject({ state: 'done', note: '20000 ignored' });
    const tooMany = Array.from({ length: 100_000 }, (_, at) => ({ event: 'open', email: `${at}@e.co` }));
    expect((await post(tooMany)).status).toBe(413);
    expect(await rows()).toHaveLength(1);
  });

  test('two workers take each request once', async () => {
    const mails = await Promise.all(Array.from({ length: 30 }, () => bounces.sent(someone())));
    for (const { address, messageId } of mails) await post([complaint(address, `${messageId}@shop.example`)]);
    await Promise.all([work(), work()]);
    expect((await rows()).map(({ tries, note }) => [tries, note])).toEqual(mails.map(() => [1, '1 applied']));
  });

  test('of many requests together the one that cannot be taken waits, and only that', async () => {
    const mails = await Promise.all(Array.from({ length: 20 }, () => bounces.sent(someone())));
    for (const { address, messageId } of mails) await post([complaint(address, `${messageId}@shop.example`)]);
    const events = bounces.api.get(MailEvents);
    const take = events.take.bind(events);
    const groups: number[] = [];
    jest.spyOn(events, 'take').mockImplementation(async (scope, group) => {
      groups.push(group.length);
      const outcome = await take(scope, group);
      if (group.some(({ recipient }) => recipient === mails[7]?.address))
        throw new Error('It cannot be taken');
      return outcome;
    });
    await work();
    const all = await rows();
    // The one that fails is tried as a group of its own events and then one by one.
    expect(groups).toEqual([20, ...Array.from({ length: 21 }, () => 1)]);
    expect(all.filter(({ state }) => state === 'waiting')).toMatchObject([{ tries: 1, pending: null }]);
    expect(all.filter(({ note }) => note === '1 applied')).toHaveLength(19);
    const held = await Promise.all(mails.map(({ address }) => bounces.held(address)));
    expect(held.map(({ length }) => length)).toEqual(mails.map((_, at) => (at === 7 ? 0 : 1)));
  });

  test('a worker that lost its try changes nothing', async () => {
    await post([complaint(someone())]);
    const [claimed] = await requests.claim(1);
    await makeDue();
    await requests.claim(1);
    expect(await bounces.api.db.work(({ trx }) => requests.hold(trx, claimed!, []))).toBe(false);
  });

  test('what ends each worker that takes it is given up', async () => {
    await post([complaint(someone())]);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      await requests.claim(1);
      await makeDue();
    }
    expect(await requests.countDue(10)).toBe(0);
    expect(await only()).toMatchObject({ state: 'failed', note: 'each worker that took it has ended' });
  });
});

describe('a person', () => {
  test('finds what names them, and only that; erased, it is gone, and the others of the list stay', async () => {
    const [one, other] = [someone(), someone()];
    await post([complaint(one.toUpperCase()), complaint(other)]);
    await post([complaint(one)]);
    await work();
    const holder = bounces.api.get(ProviderRequestsPersonalData);
    const { db } = bounces.api;
    const { providerEvents } = (await holder.export(db, personOf(one))) as { providerEvents: object[] };
    expect(providerEvents).toMatchObject([
      { event: { email: one.toUpperCase() } },
      { event: { email: one } },
    ]);
    await db.work((scope) => holder.erase(scope, personOf(one)));
    const left = await rows();
    expect(left).toHaveLength(1);
    expect(JSON.parse(left[0]!.body.toString())).toEqual([{}, complaint(other)]);
    expect(left[0]!.addresses).toEqual(expect.arrayContaining([other]));
    expect(JSON.stringify(left[0]!.addresses)).not.toContain(one);
  });

  test('who is erased before the worker looked: the others are still taken', async () => {
    const mail = await bounces.sent(someone());
    const gone = someone();
    await post([complaint(gone), complaint(mail.address, `${mail.messageId}@shop.example`)]);
    const { db } = bounces.api;
    await db.work((scope) => bounces.api.get(ProviderRequestsPersonalData).erase(scope, personOf(gone)));
    expect((await only()).body.toString()).not.toContain(gone);
    await work();
    expect(await only()).toMatchObject({ state: 'done', note: '1 ignored, 1 applied' });
    expect(await bounces.held(mail.address)).toHaveLength(1);
  });

  test('is named for 30 days', async () => {
    const [rule] = bounces.api.get(ProviderRequestsPersonalData).retention;
    await post([complaint(someone())]);
    await work();
    await post([complaint(someone())]);
    await bounces.api.db.pool.query("UPDATE provider_requests SET received_at = now() - interval '31 days'");
    const { db } = bounces.api;
    expect([
      await rule!.count(db),
      await rule!.purge(bounces.api.get(Database)),
      await rule!.count(db),
    ]).toEqual([1, 1, 0]);
    expect(await rows()).toMatchObject([{ state: 'waiting' }]);
  });
});

describe('too much at once', () => {
  const gate = () => bounces.api.get(HookGate).limits;

  test('is told to come back before it is read, and nothing else is', async () => {
    gate().requests = 0;
    try {
      const answer = await post([complaint(someone())]);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await answer.json()).toMatchObject({ name: 'busy' });
      expect((await bounces.api.read('/v1/mail-events')).status).toBe(200);
      const forged = await post([complaint(someone())], '/hooks/mail/sendgrid', 'Basic bm9ib2R5OmV2aWw=');
      expect([forged.status, await forged.json()]).toMatchObject([401, { name: 'unproven_webhook' }]);
      expect((await post([], '/hooks/mail/nobody')).status).toBe(404);
    } finally {
      gate().requests = 500;
    }
    expect(await rows()).toEqual([]);
    expect((await post([complaint(someone())])).status).toBe(200);
  });

  test('room is given back, also by those who hang up or never end', async () => {
    Object.assign(gate(), { requests: 2, bodyMilliseconds: 200 });
    try {
      const { hostname, port } = new URL(bounces.api.url);
      const open = () => {
        const headers = {
          'Content-Type': 'application/json',
          'Content-Length': 1_000,
          Authorization: PASSWORD,
        };
        const request = httpRequest({
          hostname,
          port,
          path: '/hooks/mail/sendgrid',
          method: 'POST',
          headers,
        });
        request.on('error', () => undefined).write('[');
        return request;
      };
      open();
      const hangsUp = open();
      await sleep(50);
      expect((await post([])).status).toBe(503);
      hangsUp.destroy();
      await sleep(50);
      expect((await post([])).status).toBe(200);
      open();
      await sleep(500);
      expect((await Promise.all([post([{}]), post([{ a: 1 }])])).map(({ status }) => status)).toEqual([
        200, 200,
      ]);
    } finally {
      Object.assign(gate(), { requests: 500, bodyMilliseconds: 15_000 });
    }
  });

  test('three hundred at once: each 200 is stored, each once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, at) => post([{ event: 'open', sg_event_id: `${at % 250}` }])),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await rows()).toHaveLength(250);
  });
});
