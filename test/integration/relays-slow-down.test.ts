import { afterEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Quotas } from '../../src/modules/delivery/quotas/quotas.js';
import { Engine, eventually } from '../support/engine.js';
import { refreshRelays } from '../support/relays.js';
import { ScriptedSmtp, type Script } from '../support/scripted-smtp.js';
import { Sink } from '../support/sink.js';

/** A server asks for less (STANDARDS.md 13): mail waits and does not fail, and what the reply speaks of gets it at half the pace. */

let engine: Engine;
let relay: { readonly url: string; stop(): Promise<void> };

async function start(server: typeof relay): Promise<void> {
  relay = server;
  engine = await Engine.start({ smtpUrl: relay.url });
}

const scripted = (script: Script) => ScriptedSmtp.start(script, { offers: ['PIPELINING'] });

afterEach(async () => {
  await engine.stop();
  await relay.stop();
});

const slowDowns = async () =>
  (
    await engine.db
      .selectFrom('slow_downs')
      .select(['subject', 'per_second as perSecond', 'ceiling', 'reason'])
      .execute()
  ).toSorted((one, other) => one.subject.localeCompare(other.subject));
const slowDown = () => eventually(async () => (await slowDowns())[0]);
const pace = () => engine.app.get(Quotas, { strict: false });
const delivery = async (messageId: string) => (await engine.messages.find(messageId))?.deliveries[0];
const tried = (messageId: string) =>
  eventually(async () => {
    const view = await delivery(messageId);
    return view?.reply !== null && view?.state !== 'sending' && view;
  });

test('a domain that speaks of a rate is slowed by half, and again; others are not', async () => {
  const busy: Script = (moment, line) =>
    moment === 'body' && /^To: .*@busy\.example/m.test(line)
      ? '421 4.7.28 Gmail has detected an unusual rate of unsolicited mail. To protect our users from spam, mail has been temporarily rate limited.'
      : undefined;
  await start(await scripted(busy));
  const { listId } = await engine.audience('free', 200, 'free.example');
  const first = await engine.send('ada@busy.example');
  expect(await tried(first)).toMatchObject({ state: 'deferred', reason: 'rate_limited', tries: 1 });
  const once = await slowDown();
  expect(once).toMatchObject({ subject: 'domain:busy.example', reason: 'rate_limited' });
  // Half of what went, and over where it is twice that.
  expect(once.perSecond).toBeCloseTo(once.ceiling / 4);
  await eventually(async () => pace().domainPace('busy.example') === once.perSecond);

  // One burst of refusals is one request; some seconds later it is another one.
  await sql`UPDATE slow_downs SET slowed_at = slowed_at - interval '6 seconds'`.execute(engine.db);
  await refreshRelays(engine);
  expect(await tried(await engine.send('ben@busy.example'))).toMatchObject({ state: 'deferred' });
  const twice = await eventually(async () => {
    const [now] = await slowDowns();
    return now !== undefined && now.perSecond < once.perSecond && now;
  });
  expect(twice.perSecond).toBeLessThanOrEqual(once.perSecond / 2);
  expect(twice.ceiling).toBe(once.ceiling);

  const batch = await engine.blast(listId);
  await eventually(async () => (await engine.batchState(batch)) === 'finished');
  expect(await engine.counts(batch)).toMatchObject({ recipients: 200, sent: 200 });
  expect(pace().domainPace('free.example')).toBeUndefined();
  expect(pace().relayPace('default')).toBeUndefined();
  expect(await slowDowns()).toHaveLength(1);
});

test('news to a domain that asks waits in line; what was refused is deferred, nothing fails', async () => {
  let refusals = 3;
  const refuse = () =>
    refusals-- > 0 ? '451 4.7.1 Too many messages for this recipient, please slow down' : undefined;
  // Slow enough that not all have gone before the refusal is written down.
  await start(await Sink.start({ refuse, delayMs: 500 }));
  const { listId } = await engine.audience('busy', 40, 'busy.example');
  const batch = await engine.blast(listId);
  await slowDown();
  const counts = await eventually(async () => {
    const now = await engine.counts(batch);
    return now.deferred > 0 && now.sending === 0 && now;
  });
  expect(counts).toMatchObject({ recipients: 40, failed: 0, unknown: 0, skipped: 0 });
  // At one mail in some seconds nearly all of it waits.
  expect(counts.queued).toBeGreaterThan(0);
  expect(pace().domainPace('busy.example')).toBeLessThan(40);
});

test('a relay that says that there are too many messages is slowed itself; no try is counted', async () => {
  let refusals = 1;
  await start(
    await scripted((moment) =>
      moment === 'MAIL' && refusals-- > 0 ? '451 4.7.1 Too many messages' : undefined,
    ),
  );
  const id = await engine.send('ada@example.com');
  const waiting = await tried(id);
  expect(waiting).toMatchObject({ state: 'queued', reason: 'rate_limited', tries: 0 });
  const slow = await slowDown();
  expect(slow).toMatchObject({ subject: 'relay:default', reason: 'rate_limited' });
  expect(slow.perSecond).toBeCloseTo(slow.ceiling / 4);
  expect(pace().relayPace('default')).toBe(slow.perSecond);
  await sql`UPDATE deliveries SET due_at = now()`.execute(engine.db);
  const sent = await eventually(async () => {
    const view = await delivery(id);
    return view?.state === 'sent' && view;
  });
  expect(sent.tries).toBe(1);
});
