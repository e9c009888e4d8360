import { afterEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import PostalMime from 'postal-mime';
import { Engine, eventually } from '../support/engine.js';
import {
  ScriptedSmtp,
  type Script,
  type ScriptedOptions,
  type SmtpMoment,
} from '../support/scripted-smtp.js';

/** What the recipient's server, the relay's, and the network between may do to a mail, and what becomes of it. */

let engine: Engine;
let relay: ScriptedSmtp;

async function start(script: Script, options: ScriptedOptions & { login?: string } = {}): Promise<void> {
  relay = await ScriptedSmtp.start(script, { offers: ['PIPELINING'], ...options });
  const smtpUrl = relay.url.replace('//', `//${options.login === undefined ? '' : `${options.login}@`}`);
  engine = await Engine.start({ smtpUrl });
}

afterEach(async () => {
  await engine.stop();
  await relay.stop();
});

const delivery = async (messageId: string) => (await engine.messages.find(messageId))?.deliveries[0];
const inState = (messageId: string, state: string) =>
  eventually(async () => {
    const view = await delivery(messageId);
    return view?.state === state && view;
  });

/** Waiting is not possible: what is deferred is due now, as if it had been accepted that much earlier. */
async function letTimePass(): Promise<void> {
  await sql`UPDATE deliveries SET created_at = created_at - (due_at - now()), due_at = now() WHERE state = 'deferred'`.execute(
    engine.db,
  );
}

const minutesUntil = (date: Date | null | undefined) => ((date?.getTime() ?? NaN) - Date.now()) / 60_000;

/** Says something at a moment so many times, then what is usual. */
function times(count: number, moment: SmtpMoment, reply: string): Script {
  let left = count;
  return (now) => (now === moment && left-- > 0 ? reply : undefined);
}

describe('greylisting (RFC 6647)', () => {
  test('twice, then accepted: tried after 20 and 30 minutes, and nothing else follows', async () => {
    await start(times(2, 'RCPT', '450 4.2.0 <ada@example.com>: Recipient address rejected: Greylisted'));
    const id = await engine.send('ada@example.com');
    const first = await inState(id, 'deferred');
    expect(first).toMatchObject({ reason: 'greylisted', tries: 1 });
    expect(minutesUntil(first.dueAt)).toBeGreaterThan(17);
    expect(minutesUntil(first.dueAt)).toBeLessThan(22.1);
    await letTimePass();
    const second = await eventually(async () => {
      const view = await delivery(id);
      return view?.state === 'deferred' && view.tries === 2 && view;
    });
    expect(minutesUntil(second.dueAt)).toBeGreaterThan(26);
    expect(minutesUntil(second.dueAt)).toBeLessThan(33.1);
    await letTimePass();
    expect(await inState(id, 'sent')).toMatchObject({ tries: 3, reason: null });
    expect(relay.bodies.filter((body) => body !== '')).toHaveLength(1);
    const suppressed = await engine.db.selectFrom('suppressions').selectAll().execute();
    expect(suppressed).toEqual([]);
  });

  test('for ever: failed when the time of its stream is over', async () => {
    await start((moment) => (moment === 'RCPT' ? '451 4.7.1 Greylisted, come back later' : undefined));
    const id = await engine.send('ada@example.com', 'service');
    await inState(id, 'deferred');
    await sql`UPDATE deliveries SET created_at = now() - interval '48 hours', due_at = now()`.execute(
      engine.db,
    );
    expect(await inState(id, 'failed')).toMatchObject({ reason: 'greylisted', tries: 2 });
  });
});

describe('the recipients of one mail', () => {
  test('one is refused, one is asked to wait, the others get it', async () => {
    await start((moment, line) => {
      if (moment !== 'RCPT') return undefined;
      if (line.includes('gone@')) return '550 5.1.1 User unknown';
      return line.includes('full@') ? '452 4.2.2 Mailbox full' : undefined;
    });
    const names = ['ada', 'gone', 'full', 'bea'];
    const recipients = await Promise.all(names.map((name) => engine.person(`${name}@example.com`)));
    const { id } = await engine.db.work((work) =>
      engine.messages.accept(work, {
        stream: 'orders',
        locale: 'en',
        content: { subject: 'Hello', html: '<p>Hello</p>', text: 'Hello' },
        recipients,
        automatic: true,
      }),
    );
    const states = await eventually(async () => {
      const views = (await engine.messages.find(id))?.deliveries ?? [];
      const settled = views.filter(({ state }) => state !== 'queued' && state !== 'sending');
      return settled.length === 4 && new Map(views.map((view) => [view.address.split('@')[0], view.state]));
    });
    expect(Object.fromEntries(states)).toEqual({
      ada: 'sent',
      bea: 'sent',
      gone: 'failed',
      full: 'deferred',
    });
    expect(relay.bodies.filter((body) => body !== '')).toHaveLength(2);
  });
});

describe('a refusal at each stage', () => {
  test.each<[string, SmtpMoment, string, object]>([
    [
      'too big, at MAIL',
      'MAIL',
      '552 5.3.4 Message size exceeds fixed limit',
      { state: 'failed', reason: 'too_big' },
    ],
    ['full, at RCPT', 'RCPT', '552 5.2.2 Mailbox full', { state: 'failed', reason: 'mailbox_full' }],
    [
      'too big, after the message',
      'body',
      '552 5.3.4 Message too big',
      { state: 'failed', reason: 'too_big' },
    ],
    [
      'full, after the message',
      'body',
      '552 Mail exceeded storage allocation',
      { state: 'failed', reason: 'mailbox_full' },
    ],
    ['spam, after the message', 'body', '554 5.7.1 Rejected as spam', { state: 'failed', reason: 'spam' }],
    [
      'later, after the message',
      'body',
      '451 4.7.0 Requested action aborted',
      // Nothing but the status says why: X.7.0 is "other or undefined security status" (RFC 3463 §3.8).
      { state: 'deferred', reason: 'security' },
    ],
    ['later, at DATA', 'DATA', '451 Requested action aborted', { state: 'deferred', reason: 'try_later' }],
    [
      'a limit of the recipient, after the message',
      'body',
      '421 4.7.28 Unusual rate of mail',
      { state: 'deferred', reason: 'rate_limited' },
    ],
  ])('%s', async (_, moment, reply, expected) => {
    await start((now) => (now === moment ? reply : undefined));
    const id = await engine.send('ada@example.com');
    const { state } = expected as { state: string };
    expect(await inState(id, state)).toMatchObject({
      ...expected,
      tries: 1,
      reply: expect.stringContaining(reply.slice(0, 3)),
    });
    // A "no" is never asked again, a "later" not before its time (STANDARDS.md 13).
    const asked = relay.commands.filter((line) => line.startsWith('MAIL')).length;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(relay.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(asked);
  });
});

describe('a connection that is lost', () => {
  // In the middle of a mail that is too large for the network to hold: courier-faults.test.ts.
  test('before the message costs news and order mail nothing', async () => {
    await start(times(2, 'DATA', 'drop'));
    const { listId } = await engine.audience('news', 4);
    const batch = await engine.blast(listId);
    const order = await engine.send('ada@example.com');
    await eventually(async () => (await engine.batchState(batch)) === 'finished');
    expect(await engine.counts(batch)).toMatchObject({ recipients: 4, sent: 4, unknown: 0 });
    expect(await inState(order, 'sent')).toMatchObject({ tries: 1 });
  });

  test('at the final dot: news is unknown, order mail goes once more with the same Message-ID', async () => {
    const lost = new Set<string>();
    await start((moment, line) => {
      const to = /^To: .*?([\w-]+@example\.com)/m.exec(line)?.[1];
      if (moment !== 'body' || to === undefined || !/^(ada|news-0)@/.test(to) || lost.has(to))
        return undefined;
      lost.add(to);
      return 'drop';
    });
    const { listId } = await engine.audience('news', 3);
    const batch = await engine.blast(listId);
    const order = await engine.send('ada@example.com');
    await inState(order, 'sent');
    await eventually(async () => (await engine.batchState(batch)) === 'finished');
    expect(await engine.counts(batch)).toMatchObject({ recipients: 3, sent: 2, unknown: 1 });
    const mails = await Promise.all(relay.bodies.map((body) => PostalMime.parse(body)));
    const to = (address: string) => mails.filter((mail) => mail.to?.[0]?.address === address);
    expect(to('news-0@example.com')).toHaveLength(1);
    expect(to('ada@example.com').map(({ messageId }) => messageId)).toEqual([
      `<${order}@shop.example>`,
      `<${order}@shop.example>`,
    ]);
  });
});

describe('the relay does not let us in', () => {
  test('a wrong password: nobody fails, no try is counted, and all goes once it is right', async () => {
    let right = false;
    let refused = 0;
    const password = (moment: SmtpMoment) => {
      if (moment !== 'AUTH' || right) return undefined;
      refused += 1;
      return '535 5.7.8 Error: authentication failed';
    };
    await start(password, { offers: ['PIPELINING', 'AUTH PLAIN'], login: 'shop:secret' });
    const { listId } = await engine.audience('news', 30);
    const batch = await engine.blast(listId);
    const order = await engine.send('ada@example.com');
    await eventually(async () => refused >= 3);
    expect(await engine.counts(batch)).toMatchObject({
      recipients: 30,
      sent: 0,
      failed: 0,
      deferred: 0,
      unknown: 0,
    });
    const waiting = await eventually(async () => {
      const view = await delivery(order);
      return view?.reply?.startsWith('535') && view;
    });
    expect(waiting).toMatchObject({ tries: 0, reason: 'authentication' });
    expect(relay.commands.filter((line) => line.startsWith('MAIL'))).toEqual([]);
    right = true;
    await inState(order, 'sent');
    await eventually(async () => (await engine.batchState(batch)) === 'finished', 40_000);
    expect(await engine.counts(batch)).toMatchObject({ recipients: 30, sent: 30, failed: 0 });
    const tries = await engine.db.selectFrom('deliveries').select('tries').distinct().execute();
    expect(tries).toEqual([{ tries: 1 }]);
  });

  test('one mail that it never takes does not stop the others', async () => {
    await start((moment, line) =>
      moment === 'RCPT' && line.includes('news-0@') ? '554 5.7.1 Relay access denied' : undefined,
    );
    const { listId } = await engine.audience('news', 20);
    const batch = await engine.blast(listId);
    await eventually(async () => (await engine.counts(batch)).sent === 19);
    expect(await engine.counts(batch)).toMatchObject({ recipients: 20, sent: 19, failed: 0 });
    // Nor is it tried for ever.
    await sql`UPDATE deliveries SET created_at = now() - interval '49 hours', due_at = now() WHERE state = 'queued'`.execute(
      engine.db,
    );
    await eventually(async () => (await engine.batchState(batch)) === 'finished');
    expect(await engine.counts(batch)).toMatchObject({ recipients: 20, sent: 19, failed: 1 });
  });
});
