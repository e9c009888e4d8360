import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AddressReports, Suppressions } from '../../src/modules/suppression/index.js';
import { Engine, eventually } from '../support/engine.js';
import { ScriptedSmtp } from '../support/scripted-smtp.js';

/** The relay itself refuses, in our own dialogue: what follows is what would follow from a report. */
const replies: Record<string, string> = {
  unknown: '550 5.1.1 No such user here',
  full: '552 5.2.2 Mailbox full',
  policy: '550 5.7.1 Message rejected due to local policy',
  blocked: '554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org',
  big: '552 5.3.4 Message size exceeds fixed limit',
};
let relay: ScriptedSmtp;
let engine: Engine;

beforeAll(async () => {
  relay = await ScriptedSmtp.start(
    (moment, line) => (moment === 'RCPT' ? replies[/<([a-z]+)[-@]/.exec(line)?.[1] ?? ''] : undefined),
    { offers: ['PIPELINING'] },
  );
  engine = await Engine.start({ smtpUrl: relay.url, environment: { SOFT_BOUNCE_LIMIT: '2' } });
});
afterAll(async () => {
  await engine.stop();
  await relay.stop();
});

const refused = async (address: string) => {
  const id = await engine.send(address);
  return eventually(async () => {
    const [delivery] = (await engine.messages.find(id))?.deliveries ?? [];
    return (delivery?.state === 'failed' || delivery?.state === 'skipped') && delivery;
  });
};
const held = async (address: string) =>
  engine.app.get(Suppressions, { strict: false }).activeFor(engine.db, address);
const score = async (address: string) =>
  engine.app.get(AddressReports, { strict: false }).scoreOf(engine.db, address);

describe('a refusal by the relay', () => {
  // First: a server that blocks us is sent less for a while.
  test('many of a blast in one group, each address once', async () => {
    const { listId } = await engine.audience('unknown', 150);
    const batch = await engine.blast(listId);
    await eventually(async () => (await engine.counts(batch)).failed === 150);
    const { rows } = await engine.db.pool.query(
      "SELECT count(*)::int AS all, count(DISTINCT canonical)::int AS unique FROM suppressions WHERE canonical LIKE 'unknown-%'",
    );
    expect(rows).toEqual([{ all: 150, unique: 150 }]);
    const events = await engine.db.pool.query(
      "SELECT count(*)::int AS n FROM events WHERE type = 'suppression.added' AND data->>'reason' = 'hard_bounce'",
    );
    expect(events.rows).toEqual([{ n: 150 }]);
  });

  test('no such user: suppressed with the result, so that the next mail is skipped', async () => {
    await refused('unknown@example.com');
    expect(await held('unknown@example.com')).toMatchObject([
      { scope: 'all', reason: 'hard_bounce', evidence: 'smtp: user_unknown (550 5.1.1 No such user here)' },
    ]);
    expect(await refused('unknown@example.com')).toMatchObject({ state: 'skipped', reason: 'suppressed' });
  });

  test('mailbox full: counts, and at the limit news stops', async () => {
    await refused('full@example.com');
    expect(await held('full@example.com')).toEqual([]);
    expect((await score('full@example.com')).score).toBeCloseTo(1, 3);
    await refused('full@example.com');
    expect(await held('full@example.com')).toMatchObject([{ scope: 'news', reason: 'soft_bounces' }]);
    expect(await refused('full@example.com')).toMatchObject({ state: 'failed' });
  });

  test.each(['policy', 'blocked', 'big'])('%s: nothing against the address', async (name) => {
    const address = `${name}@example.com`;
    expect(await refused(address)).toMatchObject({ state: 'failed' });
    expect(await score(address)).toMatchObject({ score: 0, suppression: null, reports: [] });
  });
});
