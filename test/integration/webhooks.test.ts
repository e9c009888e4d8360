import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { bucketOf, monthOf, newId } from '../../src/domain/index.js';
import { ListsModule } from '../../src/modules/lists/index.js';
import { WebhooksModule, webhooksControllers } from '../../src/modules/webhooks/index.js';
import { appendEvents, type NewEvent } from '../../src/platform/events/index.js';
import { TestApi } from '../support/api.js';
import { eventually } from '../support/engine.js';
import { Receiver, startWebhookWorker } from '../support/webhooks.js';

let api: TestApi;
let worker: INestApplicationContext;
const receivers: Receiver[] = [];
const ids: string[] = [];

beforeAll(async () => {
  api = await TestApi.start({ modules: [ListsModule, WebhooksModule], controllers: webhooksControllers });
  worker = await startWebhookWorker(api.shared);
});
afterEach(async () => {
  for (const id of ids.splice(0)) await api.call('DELETE', `/v1/webhook-endpoints/${id}`);
  for (const receiver of receivers.splice(0)) await receiver.stop();
});
afterAll(async () => {
  await worker?.close();
  await api?.stop();
}, 30_000);

async function endpoint(
  events: string[],
): Promise<{ receiver: Receiver; id: string; secret: string; at: string }> {
  const receiver = await Receiver.start();
  receivers.push(receiver);
  const { status, body } = await api.post('/v1/webhook-endpoints', { url: receiver.url, events });
  if (status !== 201) throw new Error(JSON.stringify(body));
  ids.push(body.id);
  return { receiver, id: body.id, secret: body.secret, at: `/v1/webhook-endpoints/${body.id}` };
}

const happens = (...events: NewEvent[]) => appendEvents(api.db, events);
const until = (receiver: Receiver, count: number) =>
  eventually(async () => receiver.received.length >= count, 45_000);
const campaignsOf = (receiver: Receiver): string[] =>
  receiver.received.map(({ body }) => body.data.campaignId);
const view = async (at: string) => (await api.read(at)).body;
/** As if the time had come. */
const hurry = async (id: string) => {
  await sql`UPDATE webhook_endpoints SET resting_until = NULL WHERE id = ${id}`.execute(api.db);
  await sql`UPDATE webhook_messages SET due_at = now() WHERE endpoint_id = ${id} AND state = 'waiting'`.execute(
    api.db,
  );
};

async function person(address: string): Promise<string> {
  const id = newId();
  await api.db.insertInto('people').values({ id, canonical: address, address, attributes: '{}' }).execute();
  return id;
}

/** A message and its one delivery, as they are after it was sent. */
async function sentMail(
  personId: string,
  address: string,
): Promise<{ messageId: string; deliveryId: number }> {
  const messageId = newId();
  const bucket = bucketOf(messageId);
  const sender = await api.db.selectFrom('senders').select('id').executeTakeFirstOrThrow();
  await api.db
    .insertInto('messages')
    .values({
      bucket,
      id: messageId,
      stream: 'orders',
      sender_id: sender.id,
      revision_id: null,
      locale: 'en',
      subject: 'S',
      content: null,
      automatic: true,
      tags: ['receipt'],
      scheduled_at: null,
    })
    .execute();
  const { id } = await api.db
    .insertInto('deliveries')
    .values({
      bucket,
      stream: 'orders',
      message_id: messageId,
      person_id: personId,
      address,
      recipient_domain: 'example.com',
      state: 'sent',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { messageId, deliveryId: id };
}

describe('what is sent', () => {
  test('an email, with its address, tags and stream, signed', async () => {
    const { receiver, secret, at } = await endpoint(['email.failed']);
    const personId = await person('Ada@example.com');
    const { messageId, deliveryId } = await sentMail(personId, 'Ada@example.com');
    const ids = { personId, messageId, deliveryId };
    await happens(
      { type: 'email.sent', ...ids },
      { type: 'email.failed', ...ids, data: { reason: 'mailbox_unknown', replyCode: 550 } },
    );
    await until(receiver, 1);
    const [webhook] = receiver.received;
    receiver.verify(webhook!, secret);
    expect(webhook!.body).toEqual({
      type: 'email.failed',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      data: {
        emailId: messageId,
        campaignId: null,
        deliveryId,
        subscriberId: personId,
        to: 'Ada@example.com',
        stream: 'orders',
        list: null,
        tags: ['receipt'],
        reason: 'mailbox_unknown',
        replyCode: 550,
      },
    });
    expect(webhook!.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': expect.stringMatching(/^msg_[0-9a-f-]{36}$/),
      'user-agent': expect.stringContaining('Postrider'),
    });
    const attempts = await eventually(async () => {
      const { data } = await view(`${at}/attempts`);
      return data.length > 0 && data;
    });
    expect(attempts).toEqual([
      {
        id: expect.any(String),
        messageId: webhook!.id,
        type: 'email.failed',
        try: 1,
        at: expect.any(String),
        delivered: true,
        durationMs: expect.any(Number),
        statusCode: 204,
        answer: '',
        error: null,
      },
    ]);
    expect(Math.abs(Date.parse(attempts[0].at) - Date.now())).toBeLessThan(60_000);
    expect(await view(at)).toMatchObject({ waiting: 0, failed: 0, lastSuccessAt: expect.any(String) });
  });

  test('a campaign and its mails, a subscriber with the list, a suppression', async () => {
    const { receiver } = await endpoint(['*']);
    const listId = newId();
    const sender = await api.db.selectFrom('senders').select('id').executeTakeFirstOrThrow();
    await api.db
      .insertInto('lists')
      .values({
        id: listId,
        slug: 'letters',
        name: 'Letters',
        description: null,
        opt_in: 'double',
        visibility: 'public',
        sender_id: sender.id,
        archived_at: null,
      })
      .execute();
    const personId = await person('bob@example.com');
    const campaignId = newId();
    const bucket = monthOf(new Date());
    const revision = newId();
    await api.db
      .insertInto('template_revisions')
      .values({ id: revision, template_id: null, checksum: 'x', source: '{}', published_at: null })
      .execute();
    await api.db
      .insertInto('batches')
      .values({
        id: campaignId,
        bucket,
        sender_id: sender.id,
        revision_id: revision,
        name: 'N',
        retry_hours: null,
        pause_reason: null,
        forgiven: null,
        finished_at: null,
      })
      .execute();
    const { id: deliveryId } = await api.db
      .insertInto('deliveries')
      .values({
        bucket,
        stream: 'news',
        campaign_id: campaignId,
        person_id: personId,
        via_list_id: listId,
        address: 'bob@example.com',
        recipient_domain: 'example.com',
        state: 'sent',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await happens(
      { type: 'campaign.started', campaignId },
      { type: 'email.sent', campaignId, deliveryId, personId },
      { type: 'subscriber.confirmed', personId, listId, data: { subscriptionId: 'x' } },
      { type: 'suppression.added', listId, data: { suppressionId: 'y', reason: 'manual', scope: 'list' } },
      // Inside only.
      { type: 'email.accepted', personId },
    );
    await until(receiver, 4);
    const dataOf = (type: string) => receiver.received.find(({ body }) => body.type === type)?.body.data;
    expect(dataOf('campaign.started')).toEqual({ campaignId });
    expect(dataOf('email.sent')).toMatchObject({
      emailId: null,
      campaignId,
      to: 'bob@example.com',
      list: 'letters',
      stream: 'news',
    });
    expect(dataOf('subscriber.confirmed')).toEqual({
      subscriberId: personId,
      email: 'bob@example.com',
      list: 'letters',
      subscriptionId: 'x',
    });
    expect(dataOf('suppression.added')).toEqual({
      suppressionId: 'y',
      list: 'letters',
      reason: 'manual',
      scope: 'list',
    });
    expect(receiver.types.toSorted()).toEqual([
      'campaign.started',
      'email.sent',
      'subscriber.confirmed',
      'suppression.added',
    ]);
  });

  test('no address of somebody who was erased before it is sent', async () => {
    const { receiver, id } = await endpoint(['email.sent', 'subscriber.changed']);
    receiver.says(500);
    const personId = await person('cyd@example.com');
    const mail = await sentMail(personId, 'cyd@example.com');
    await happens({ type: 'email.sent', personId, ...mail }, { type: 'subscriber.changed', personId });
    await until(receiver, 2);
    expect(receiver.received.every(({ raw }) => raw.includes('cyd@example.com'))).toBe(true);
    await api.db
      .updateTable('people')
      .set({ erased_at: new Date(), address: null, canonical: null })
      .where('id', '=', personId)
      .execute();
    receiver.says(204);
    await eventually(async () => {
      await hurry(id);
      return receiver.received.length >= 4;
    });
    const [first, second, ...later] = receiver.received;
    expect(later.some(({ raw }) => raw.includes('cyd@'))).toBe(false);
    expect(later.map((webhook) => webhook.id).toSorted()).toEqual([first!.id, second!.id].toSorted());
    expect(later.map(({ body: { data } }) => ('to' in data ? data.to : data.email))).toEqual([null, null]);
  });

  test('a test, without any event', async () => {
    const { receiver, id, secret, at } = await endpoint(['email.sent']);
    const { status, body } = await api.post(`${at}/test`);
    expect(status).toBe(202);
    await until(receiver, 1);
    receiver.verify(receiver.received[0]!, secret);
    expect(receiver.received[0]!.id).toBe(body.messageId);
    expect(receiver.received[0]!.body).toMatchObject({ type: 'test.ping', data: { endpointId: id } });
  });

  test('while a secret is replaced all of that day sign', async () => {
    const { receiver, secret, at } = await endpoint(['email.sent']);
    const atOnce = [1, 2].map(() => api.post(`${at}/rotate-secret`));
    const newer = (await Promise.all(atOnce)).map((answer) => answer.body.secret as string);
    await api.post(`${at}/test`);
    await until(receiver, 1);
    expect(receiver.received[0]!.headers['webhook-signature']!.split(' ')).toHaveLength(3);
    for (const one of [secret, ...newer]) receiver.verify(receiver.received[0]!, one);
    await sql`UPDATE webhook_endpoints SET previous_until = now()`.execute(api.db);
    await api.post(`${at}/test`);
    await until(receiver, 2);
    expect(receiver.received[1]!.headers['webhook-signature']!.split(' ')).toHaveLength(1);
    expect(() => receiver.verify(receiver.received[1]!, secret)).toThrow('No matching signature');
  });
});

describe('reading the events', () => {
  test('an event whose transaction is still open is neither skipped nor passed by later ones', async () => {
    const { receiver } = await endpoint(['campaign.started']);
    const early = newId();
    const committed = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const open = api.db.transaction().execute(async (trx) => {
      await appendEvents(trx, [{ type: 'campaign.started', campaignId: early }]);
      written.resolve();
      await committed.promise;
    });
    await written.promise;
    const later = Array.from({ length: 3 }, () => newId());
    for (const campaignId of later) await happens({ type: 'campaign.started', campaignId });
    // Two sweeps: whoever reads by ids alone has gone past it now.
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    const soon = receiver.received.length;
    committed.resolve();
    await open;
    expect(soon).toBe(0);
    await until(receiver, 4);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(campaignsOf(receiver).toSorted()).toEqual([early, ...later].toSorted());
  });

  test('groups, two workers, events from 20 writers at once: each exactly once', async () => {
    const second = await startWebhookWorker(api.shared);
    const { receiver } = await endpoint(['campaign.paused']);
    const wanted = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const all: string[] = [];
        for (let round = 0; round < 5; round += 1) {
          const some = Array.from({ length: 25 }, () => newId());
          await api.db.transaction().execute(async (trx) => {
            await appendEvents(
              trx,
              some.map((campaignId) => ({ type: 'campaign.paused' as const, campaignId })),
            );
            await sql`SELECT pg_sleep(random() / 100)`.execute(trx);
          });
          all.push(...some);
        }
        return all;
      }),
    );
    await until(receiver, 2_500);
    await second.close();
    const got = campaignsOf(receiver);
    expect(got.toSorted()).toEqual(wanted.flat().toSorted());
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(2_500);
    expect(receiver.most).toBeLessThanOrEqual(8);
    // Connections are kept for a turn.
    expect(receiver.connections).toBeLessThan(200);
  }, 90_000);

  test('without an enabled endpoint nothing is collected, and the next one begins with the present', async () => {
    const before = newId();
    await happens({ type: 'campaign.cancelled', campaignId: before });
    const { receiver } = await endpoint(['campaign.cancelled']);
    const after = newId();
    await happens({ type: 'campaign.cancelled', campaignId: after });
    await until(receiver, 1);
    expect(campaignsOf(receiver)).toEqual([after]);
  });

  test('a backup of another server: what is new is sent, what is old is not, and nothing stands still', async () => {
    const { receiver } = await endpoint(['campaign.resumed']);
    await sql`UPDATE webhook_cursor SET xid = '9000000000'`.execute(api.db);
    await eventually(async () => {
      const { rows } = await sql<{
        low: boolean;
      }>`SELECT xid < '9000000000' AS low FROM webhook_cursor`.execute(api.db);
      return rows[0]?.low;
    });
    await sql`INSERT INTO events (bucket, type, at, campaign_id) VALUES (${monthOf(new Date())}, 'campaign.resumed', now() - interval '2 days', ${newId()})`.execute(
      api.db,
    );
    const campaignId = newId();
    await happens({ type: 'campaign.resumed', campaignId });
    await until(receiver, 1);
    expect(campaignsOf(receiver)).toEqual([campaignId]);
  });
});

describe('an endpoint that', () => {
  test('fails is tried again later, and what it says is kept without addresses', async () => {
    const { receiver, at } = await endpoint(['campaign.started']);
    receiver.says(500, {}, 'no mailbox for ada@example.com\u0000');
    await happens({ type: 'campaign.started', campaignId: newId() });
    await until(receiver, 1);
    const { data } = await eventually(async () => {
      const page = await view(`${at}/attempts?delivered=false`);
      return page.data.length > 0 && page;
    });
    expect(data[0]).toMatchObject({
      statusCode: 500,
      delivered: false,
      error: 'answered 500',
      answer: 'no mailbox for <address>\ufffd',
    });
    expect((await view(`${at}/attempts?delivered=true`)).data).toEqual([]);
    expect(await view(at)).toMatchObject({ waiting: 1, failingSince: expect.any(String), enabled: true });
    receiver.says(200);
    await until(receiver, 2);
    const [first, second] = receiver.received;
    expect(second!.id).toBe(first!.id);
    expect(second!.at - first!.at).toBeGreaterThan(4_900);
    expect(second!.headers['webhook-timestamp']).not.toBe(first!.headers['webhook-timestamp']);
    await eventually(async () => (await view(at)).waiting === 0);
    expect(await view(at)).toMatchObject({ failingSince: null });
  });

  test('is gone (410) is disabled, and that is an event', async () => {
    const { receiver, id, at } = await endpoint(['campaign.started']);
    const other = await endpoint(['webhook.disabled']);
    receiver.says(410);
    await happens({ type: 'campaign.started', campaignId: newId() });
    const seen = await eventually(async () => {
      const now = await view(at);
      return !now.enabled && now;
    });
    expect(seen).toMatchObject({
      disabledReason: 'gone',
      disabledAt: expect.any(String),
      failed: 1,
      waiting: 0,
    });
    await until(other.receiver, 1);
    expect(other.receiver.received[0]!.body).toMatchObject({
      type: 'webhook.disabled',
      data: { endpointId: id, reason: 'gone' },
    });
    await happens({ type: 'campaign.started', campaignId: newId() });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(receiver.received).toHaveLength(1);
  });

  test('is busy (429) is left alone for as long as it says', async () => {
    const { receiver, at } = await endpoint(['campaign.started']);
    receiver.says(429, { 'retry-after': '4' });
    await happens({ type: 'campaign.started', campaignId: newId() });
    await until(receiver, 1);
    const { restingUntil } = await eventually(async () => {
      const now = await view(at);
      return now.restingUntil !== null && now;
    });
    expect(Date.parse(restingUntil) - receiver.received[0]!.at).toBeGreaterThan(3_500);
    receiver.says(204);
    await until(receiver, 2);
    expect(receiver.received[1]!.at - receiver.received[0]!.at).toBeGreaterThan(3_900);
    await eventually(async () => (await view(at)).waiting === 0);
    const { data } = await view(`${at}/attempts`);
    expect(data.map(({ try: number, error }: { try: number; error: string }) => [number, error])).toEqual([
      [1, null],
      [1, 'busy (429)'],
    ]);
  });

  test('took nothing for five days is disabled', async () => {
    const { receiver, id, at } = await endpoint(['campaign.started']);
    receiver.says(500);
    await sql`UPDATE webhook_endpoints SET failures = 3, failing_since = now() - interval '6 days' WHERE id = ${id}`.execute(
      api.db,
    );
    await happens({ type: 'campaign.started', campaignId: newId() });
    await eventually(async () => !(await view(at)).enabled);
    expect(await view(at)).toMatchObject({ disabledReason: 'failing', waiting: 1 });
    receiver.says(204);
    await api.call('PATCH', at, { enabled: true });
    await eventually(async () => {
      await hurry(id);
      return (await view(at)).waiting === 0;
    });
    expect(await view(at)).toMatchObject({ disabledReason: null, failingSince: null });
  });

  test('fails with everything rests, and is tried with one message at a time', async () => {
    const { receiver, id, at } = await endpoint(['campaign.started']);
    receiver.says(503);
    await happens(
      ...Array.from({ length: 100 }, () => ({ type: 'campaign.started' as const, campaignId: newId() })),
    );
    await eventually(async () => (await view(at)).restingUntil !== null);
    // Ten, and what was on its way beside the tenth.
    expect(receiver.received.length).toBeLessThan(20);
    const before = receiver.received.length;
    await hurry(id);
    await eventually(async () => receiver.received.length > before);
    await eventually(async () => (await view(at)).restingUntil !== null);
    expect(receiver.received.length).toBe(before + 1);
    receiver.says(204);
    await eventually(async () => {
      await hurry(id);
      return (await view(at)).waiting === 0;
    });
  });

  test('is slow delays nobody else', async () => {
    const slow = await Promise.all(Array.from({ length: 5 }, () => endpoint(['campaign.started'])));
    for (const { receiver } of slow) receiver.answer = () => undefined;
    const { receiver: fast } = await endpoint(['campaign.started']);
    await happens(
      ...Array.from({ length: 200 }, () => ({ type: 'campaign.started' as const, campaignId: newId() })),
    );
    const begun = Date.now();
    await until(fast, 200);
    expect(Date.now() - begun).toBeLessThan(10_000);
    for (const { receiver } of slow) expect(receiver.most).toBeLessThanOrEqual(8);
  });
});

describe('once more', () => {
  test('what was given up; everything, with what was missed while disabled; one attempt', async () => {
    const { receiver, id, at } = await endpoint(['campaign.started']);
    const since = new Date(Date.now() - 1_000).toISOString();
    const [good, bad, missed] = [newId(), newId(), newId()];
    receiver.answer = (response, _, { body }) =>
      void response.writeHead(body.data.campaignId === bad ? 500 : 204).end();
    await happens(
      { type: 'campaign.started', campaignId: good },
      { type: 'campaign.started', campaignId: bad },
    );
    await until(receiver, 2);
    await sql`UPDATE webhook_messages SET tries = 9 WHERE endpoint_id = ${id}`.execute(api.db);
    await eventually(async () => {
      await hurry(id);
      return (await view(at)).failed === 1;
    });
    await api.call('PATCH', at, { enabled: false });
    await happens({ type: 'campaign.started', campaignId: missed });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await api.call('PATCH', at, { enabled: true });
    receiver.says(204);
    const got = () =>
      receiver.received
        .splice(0)
        .map(({ id: message, body }): [string, string] => [message, body.data.campaignId]);
    const first = new Map(got().map(([message, campaignId]) => [campaignId, message]));

    expect((await api.post(`${at}/replay`, { since, onlyFailed: true })).status).toBe(202);
    await until(receiver, 1);
    await eventually(async () => !(await view(at)).replaying);
    expect(got()).toEqual([[first.get(bad), bad]]);

    await api.post(`${at}/replay`, { since });
    await until(receiver, 3);
    await eventually(async () => !(await view(at)).replaying);
    const all = new Map(got().map(([message, campaignId]) => [campaignId, message]));
    expect([...all.keys()].toSorted()).toEqual([good, bad, missed].toSorted());
    expect([all.get(good), all.get(bad)]).toEqual([first.get(good), first.get(bad)]);

    await api.post(`${at}/replay`, { since, types: ['campaign.paused'] });
    await eventually(async () => !(await view(at)).replaying);
    expect(receiver.received).toEqual([]);

    const { data } = await view(`${at}/attempts?limit=1`);
    expect((await api.post(`${at}/attempts/${data[0].id}/replay`)).body).toEqual({
      messageId: data[0].messageId,
    });
    await until(receiver, 1);
    expect(receiver.received[0]!.id).toBe(data[0].messageId);
    const next = await view(`${at}/attempts?limit=2&after=${data[0].id}`);
    expect(next.hasMore).toBe(true);
    expect(next.data.every((attempt: { id: string }) => attempt.id < data[0].id)).toBe(true);
  });
});
