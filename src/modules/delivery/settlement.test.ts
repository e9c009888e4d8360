import { describe, expect, test } from '@jest/globals';
import { parseReply, type SmtpStage } from '../../domain/index.js';
import { isRelayTrouble, settlementOf, type Answer, type Claimed } from './settlement.js';

const item = (change: Partial<Claimed> = {}): Claimed => ({
  id: 1,
  stream: 'news',
  tries: 0,
  ageMs: 0,
  ...change,
});
const refused = (line: string, stage: SmtpStage): Answer => {
  const reply = parseReply(line);
  if (!reply) throw new Error(line);
  return { kind: 'refused', reply, stage };
};
const settle = (result: Answer, change: Partial<Claimed> = {}) =>
  settlementOf(item(change), result, 'default', 0.5);

describe('what an answer means for a delivery', () => {
  test.each<[string, SmtpStage, string, boolean]>([
    ['550 5.1.1 No such user', 'rcpt', 'failed', true],
    ['554 5.7.1 Rejected as spam', 'data', 'failed', true],
    ['452 4.2.2 Mailbox full', 'rcpt', 'deferred', true],
    ['451 Greylisted', 'rcpt', 'deferred', true],
    // The relay's own trouble: nobody fails, no try is counted.
    ['421 4.3.2 Shutting down', 'mail', 'queued', false],
    ['535 5.7.8 Authentication failed', 'auth', 'queued', false],
    ['553 5.7.1 Sender not owned by user', 'mail', 'queued', false],
    ['554 5.7.1 <a@example.com>: Relay access denied', 'rcpt', 'queued', false],
    ['554 Message rejected: Email address is not verified.', 'data', 'queued', false],
    ['454 Throttling failure: Maximum sending rate exceeded', 'data', 'queued', false],
    // A limit of the recipient's system is not the relay's trouble.
    ['421 4.7.28 Gmail has detected an unusual rate of email', 'data', 'deferred', true],
    ['552 5.3.4 Message size exceeds fixed limit', 'mail', 'failed', true],
    ['552 5.2.2 Mailbox full', 'rcpt', 'failed', true],
    ['552 Requested mail action aborted: exceeded storage allocation', 'data', 'failed', true],
    ['451 4.3.0 Error: queue file write error', 'data', 'queued', false],
    ['451 Requested action aborted', 'data', 'deferred', true],
    ['554 No SMTP service here', 'connect', 'queued', false],
  ])('%s at %s: %s', (line, stage, state, counted) => {
    expect(settle(refused(line, stage))).toMatchObject({ state, counted });
    expect(isRelayTrouble(refused(line, stage))).toBe(!counted);
  });

  test('a "later" after its time is a failure', () => {
    const result = refused('451 Try later', 'data');
    expect(settle(result, { tries: 9, ageMs: 49 * 3_600_000 })).toMatchObject({
      state: 'failed',
      move: 'refuse',
    });
    expect(settle(result, { tries: 9, ageMs: 49 * 3_600_000, stream: 'orders' })).toMatchObject({
      state: 'deferred',
    });
  });

  test('a campaign, or the operator, may give up earlier', () => {
    const result = refused('451 Try later', 'data');
    const old = { tries: 5, ageMs: 7 * 3_600_000 };
    expect(settle(result, old).state).toBe('deferred');
    expect(settle(result, { ...old, retryHours: 6 }).state).toBe('failed');
    expect(settle(result, { ...old, retryHours: null }).state).toBe('deferred');
    const hours = { orders: 96, service: 48, news: 6 };
    expect(settlementOf(item(old), result, 'default', 0.5, hours).state).toBe('failed');
    expect(settlementOf(item({ ...old, retryHours: 90 }), result, 'default', 0.5, hours).state).toBe(
      'failed',
    );
  });

  test('a mail that the relay itself will not take lets others go first, and fails when its time is over', () => {
    const denied = refused('554 5.7.1 <a@example.com>: Relay access denied', 'rcpt');
    expect(settle(denied).delay).toBe(1_000);
    expect(settle(denied, { ageMs: 20 * 60_000 })).toMatchObject({ state: 'queued', delay: 10 * 60_000 });
    expect(settle(denied, { ageMs: 49 * 3_600_000 })).toMatchObject({
      state: 'failed',
      reason: 'relay_denied',
    });
    // What may pass is waited for, and a relay that does not let us in says nothing of this mail.
    const quota = refused('454 Throttling failure: Daily message quota exceeded', 'data');
    expect(settle(quota, { ageMs: 99 * 3_600_000 }).state).toBe('queued');
    const password = refused('535 5.7.8 Authentication failed', 'auth');
    expect(settle(password, { ageMs: 99 * 3_600_000 })).toMatchObject({ state: 'queued', delay: null });
  });

  test('silence after the final dot: news is unknown, an order mail goes out once more at once', () => {
    const result: Answer = { kind: 'unknown', problem: 'connection lost' };
    expect(settle(result)).toMatchObject({ state: 'unknown', delay: null });
    expect(settle(result, { stream: 'orders' })).toMatchObject({ move: 'lose', state: 'queued', delay: 0 });
    const again = settle(result, { stream: 'orders', tries: 1 });
    expect(again.delay).toBeGreaterThan(60_000);
    expect(settle(result, { stream: 'orders', tries: 9, ageMs: 96 * 3_600_000 }).state).toBe('unknown');
  });

  test('a reply is kept, but not a whole message', () => {
    const { reply } = settle(refused(`550 5.1.1 ${'x'.repeat(2_000)}`, 'rcpt'));
    expect(reply).toHaveLength(500);
  });
});
