import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { BatchDeliveries } from '../../src/modules/delivery/index.js';
import { Engine, eventually } from '../support/engine.js';
import { ScriptedSmtp } from '../support/scripted-smtp.js';
import { Sink } from '../support/sink.js';

let sink: Sink;
let engine: Engine;

beforeEach(async () => {
  sink = await Sink.start();
  engine = await Engine.start({ smtpUrl: sink.url });
});

afterEach(async () => {
  await engine.stop();
  await sink.stop();
});

const delivery = async (messageId: string) => (await engine.messages.find(messageId))?.deliveries[0];

describe('single messages', () => {
  test('goes out over SMTP, and what became of it is kept', async () => {
    const id = await engine.send('ada@example.com', 'orders', 'Your order 1001');
    const mail = await sink.mail(({ to }) => to === 'ada@example.com');
    expect(mail.subject).toBe('Your order 1001');
    expect(mail.from).toEqual({ name: 'Shop', address: 'news@shop.example' });
    expect(mail.messageId).toBe(`<${id}@shop.example>`);
    expect(mail.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
    expect(mail.headers.some(({ key }) => key.startsWith('list-'))).toBe(false);
    const sent = await eventually(async () => {
      const view = await delivery(id);
      return view?.state === 'sent' && view;
    });
    expect(sent).toMatchObject({ tries: 1, reason: null, reply: expect.stringMatching(/^250/) });
    const types = (await engine.messages.find(id))?.history.map((event) => event.type);
    expect(types).toEqual(['email.accepted', 'email.sent']);
  });

  test('a permanent refusal fails, a temporary one waits for its time', async () => {
    sink.options = {
      refuse: (address) =>
        address.startsWith('gone')
          ? '550 5.1.1 No such user'
          : address.startsWith('full')
            ? '452 4.2.2 Mailbox full'
            : undefined,
    };
    const gone = await engine.send('gone@example.com');
    const full = await engine.send('full@example.com');
    const failed = await eventually(async () =>
      (await delivery(gone))?.state === 'failed' ? delivery(gone) : undefined,
    );
    expect(failed).toMatchObject({ reason: 'user_unknown', reply: '550 5.1.1 No such user', tries: 1 });
    const deferred = await eventually(async () =>
      (await delivery(full))?.state === 'deferred' ? delivery(full) : undefined,
    );
    expect(deferred).toMatchObject({ reason: 'mailbox_full', tries: 1 });
    const minutes = ((deferred?.dueAt?.getTime() ?? 0) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(15);
    expect(minutes).toBeLessThan(25);
  });

  test('a lost answer to an order mail sends it once more, with the same Message-ID', async () => {
    await engine.stop();
    let dropped = false;
    const relay = await ScriptedSmtp.start((moment) => {
      if (moment !== 'body' || dropped) return undefined;
      dropped = true;
      return 'drop';
    });
    engine = await Engine.start({ smtpUrl: relay.url });
    const id = await engine.send('ada@example.com');
    const view = await eventually(async () =>
      (await delivery(id))?.state === 'sent' ? engine.messages.find(id) : undefined,
    );
    expect(view?.history.map((event) => event.type)).toEqual([
      'email.accepted',
      'email.unknown',
      'email.sent',
    ]);
    expect(relay.bodies).toHaveLength(2);
    const ids = await Promise.all(relay.bodies.map(async (body) => (await PostalMime.parse(body)).messageId));
    expect(new Set(ids)).toEqual(new Set([`<${id}@shop.example>`]));
    await relay.stop();
  });

  test.each(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'] as const)(
    'a connection lost at %s costs no try',
    async (where) => {
      await engine.stop();
      let drops = 2;
      const relay = await ScriptedSmtp.start((moment) =>
        moment === where && drops-- > 0 ? 'drop' : undefined,
      );
      engine = await Engine.start({ smtpUrl: relay.url });
      const id = await engine.send('ada@example.com');
      const sent = await eventually(async () =>
        (await delivery(id))?.state === 'sent' ? delivery(id) : undefined,
      );
      expect(sent?.tries).toBe(1);
      expect(relay.bodies).toHaveLength(1);
      await relay.stop();
    },
  );

  test('a relay that is down loses nothing and fails no one', async () => {
    const { port } = sink;
    await sink.stop();
    const ids = await Promise.all(['a', 'b', 'c'].map((name) => engine.send(`${name}@example.com`)));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const id of ids) expect(await delivery(id)).toMatchObject({ state: 'queued', tries: 0 });
    sink = await Sink.start({ port });
    for (const id of ids) {
      const sent = await eventually(async () =>
        (await delivery(id))?.state === 'sent' ? delivery(id) : undefined,
      );
      expect(sent?.tries).toBe(1);
    }
    expect(sink.mails).toHaveLength(3);
  });

  test('a suppression of everything stops order mail, a complaint does not', async () => {
    const suppress = (canonical: string, reason: 'hard_bounce' | 'complaint') =>
      engine.db
        .insertInto('suppressions')
        .values({
          id: crypto.randomUUID(),
          canonical,
          scope: reason === 'complaint' ? 'news' : 'all',
          reason,
        })
        .execute();
    await suppress('bounced@example.com', 'hard_bounce');
    await suppress('complained@example.com', 'complaint');
    const bounced = await engine.send('bounced@example.com');
    const complained = await engine.send('complained@example.com');
    expect(
      await eventually(async () =>
        (await delivery(bounced))?.state === 'skipped' ? delivery(bounced) : undefined,
      ),
    ).toMatchObject({ reason: 'suppressed' });
    await eventually(async () => (await delivery(complained))?.state === 'sent');
    expect(sink.mails.map((mail) => mail.to)).toEqual(['complained@example.com']);
  });

  test('a scheduled mail waits for its time', async () => {
    const recipient = await engine.person('later@example.com');
    const scheduledAt = new Date(Date.now() + 2_500);
    await engine.db.work((work) =>
      engine.messages.accept(work, {
        stream: 'service',
        locale: 'en',
        content: { subject: 'Later', html: '<p>Later</p>', text: 'Later' },
        recipients: [recipient],
        automatic: false,
        scheduledAt,
      }),
    );
    await sink.mail(({ to }) => to === 'later@example.com');
    expect(Date.now()).toBeGreaterThanOrEqual(scheduledAt.getTime());
  });
});

describe('batches', () => {
  test('every recipient once, and the counts add up all the way', async () => {
    const { listId, addresses } = await engine.audience('news', 600);
    sink.options = {
      refuse: (address) => (/-1?7@/.test(address) ? '550 5.1.1 No such user' : undefined),
      delayMs: 5,
    };
    const id = await engine.blast(listId);
    await eventually(async () => {
      const counts = await engine.counts(id);
      const { recipients, ...states } = counts;
      expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(recipients);
      expect(recipients).toBe(600);
      return (await engine.batchState(id)) === 'finished';
    }, 40_000);
    expect(await engine.counts(id)).toMatchObject({
      recipients: 600,
      sent: 598,
      failed: 2,
      queued: 0,
      sending: 0,
    });
    expect(sink.mails.map((mail) => mail.to).sort()).toEqual(
      addresses.filter((address) => !/-1?7@/.test(address)).sort(),
    );
  });

  test('news carries what RFC 8058 and RFC 2919 ask for', async () => {
    const { listId } = await engine.audience('garden', 1);
    await engine.blast(listId);
    const mail = await sink.mail(() => true);
    const header = (name: string) => mail.headers.filter(({ key }) => key === name).map(({ value }) => value);
    expect(header('list-unsubscribe')).toEqual([
      expect.stringMatching(/^<http:\/\/127\.0\.0\.1:3000\/unsubscribe\/[\w-]+>$/),
    ]);
    expect(header('list-unsubscribe-post')).toEqual(['List-Unsubscribe=One-Click']);
    expect(header('list-id')).toEqual(['"garden" <garden.lists.shop.example>']);
    expect(header('feedback-id')).toEqual([expect.stringMatching(/^[\w-]+:garden:news:[\w-]{5,15}$/)]);
    expect(header('auto-submitted')).toEqual([]);
    expect(mail.html).toContain(header('list-unsubscribe')[0]?.slice(1, -1));
    expect(mail.text).toContain(header('list-unsubscribe')[0]?.slice(1, -1));
  });

  test('who leaves, is suppressed or erased before the turn gets nothing', async () => {
    const { listId, addresses } = await engine.audience('slow', 60);
    sink.options = { delayMs: 250 };
    const id = await engine.blast(listId);
    await sink.until(() => sink.mails.length > 0);
    const late = addresses.slice(-15);
    const people = await engine.db
      .selectFrom('people')
      .select(['id', 'canonical'])
      .where('canonical', 'in', late)
      .execute();
    const idOf = new Map(people.map((person) => [person.canonical, person.id]));
    await engine.db
      .updateTable('subscriptions')
      .set({ status: 'unsubscribed' })
      .where(
        'person_id',
        'in',
        late.slice(0, 5).map((address) => idOf.get(address) ?? ''),
      )
      .execute();
    await engine.db
      .insertInto('suppressions')
      .values(
        late.slice(5, 10).map((canonical) => ({
          id: crypto.randomUUID(),
          canonical,
          scope: 'news' as const,
          reason: 'manual' as const,
        })),
      )
      .execute();
    await engine.db
      .updateTable('people')
      .set({ erased_at: new Date(), canonical: null, address: null })
      .where('canonical', 'in', late.slice(10))
      .execute();
    await eventually(async () => (await engine.batchState(id)) === 'finished');
    expect(await engine.counts(id)).toMatchObject({ recipients: 60, sent: 45, skipped: 15 });
    const got = new Set(sink.mails.map((mail) => mail.to));
    for (const address of late) expect(got.has(address)).toBe(false);
    const deliveries = engine.app.get(BatchDeliveries, { strict: false });
    const skipped = await deliveries.page(id, { state: 'skipped' }, { limit: 50 });
    const reasons = skipped.map((view) => view.reason);
    for (const reason of ['unsubscribed', 'suppressed', 'erased'])
      expect(reasons.filter((one) => one === reason)).toHaveLength(5);
  });

  test('a pause stops the wire within a second, a resume goes on, a stop skips the rest', async () => {
    const { listId } = await engine.audience('paused', 120);
    sink.options = { delayMs: 100 };
    const id = await engine.blast(listId);
    await sink.until(() => sink.mails.length > 10);
    await engine.db.work((work) => engine.batches.pause(work, id));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const atPause = sink.mails.length;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(sink.mails.length).toBe(atPause);
    expect(await engine.counts(id)).toMatchObject({ sending: 0, queued: 120 - atPause });
    await engine.db.work((work) => engine.batches.resume(work, id));
    await sink.until(() => sink.mails.length > atPause + 10);
    await engine.db.work((work) => engine.batches.stop(work, id));
    const counts = await eventually(async () => {
      const now = await engine.counts(id);
      return now.queued + now.sending + now.deferred === 0 && now;
    });
    expect(counts.sent).toBe(sink.mails.length);
    expect(counts.sent + counts.skipped).toBe(120);
    expect(counts.skipped).toBeGreaterThan(0);
  });

  test('a small batch finishes long before a large one that began earlier', async () => {
    sink.options = { delayMs: 10 };
    const large = await engine.audience('large', 3000);
    const small = await engine.audience('small', 100);
    const largeId = await engine.blast(large.listId);
    await sink.until(() => sink.mails.length > 50);
    const smallId = await engine.blast(small.listId);
    await eventually(async () => (await engine.batchState(smallId)) === 'finished');
    expect((await engine.counts(largeId)).queued).toBeGreaterThan(1000);
  });

  test('an answer that is lost after the final dot is unknown, and not sent again by itself', async () => {
    await engine.stop();
    const relay = await ScriptedSmtp.start((moment, line) =>
      moment === 'body' && line.includes('lost-0@') ? 'drop' : undefined,
    );
    engine = await Engine.start({ smtpUrl: relay.url });
    const { listId } = await engine.audience('lost', 20);
    const id = await engine.blast(listId);
    await eventually(async () => (await engine.batchState(id)) === 'finished');
    expect(await engine.counts(id)).toMatchObject({ recipients: 20, sent: 19, unknown: 1 });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(relay.bodies).toHaveLength(20);
    await relay.stop();
  });
});
