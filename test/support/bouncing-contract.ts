import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Bouncing } from './bouncing.js';
import type { BouncingTo, MailServer } from './mail-servers.js';

/**
 * What the bounces of every mail server must lead to, through the inbound listener of the whole program.
 * @param why why this server cannot be started here: the tests are then skipped, and say so
 */
export function bouncesAsItMust(
  name: string,
  start: (bounces: BouncingTo) => Promise<MailServer>,
  why: string | undefined,
): void {
  if (why !== undefined) process.stderr.write(`bounces of ${name}: skipped, ${why}\n`);
  const where = why === undefined ? describe : describe.skip;

  where(`a real ${name} that bounces`, () => {
    let bouncing: Bouncing;
    const sent: Record<string, string> = {};

    beforeAll(async () => {
      bouncing = await Bouncing.start(start);
      for (const name of ['unknown', 'full', 'policy', 'later', 'fine'])
        sent[name] = await bouncing.send(`${name}@example.com`);
    }, 120_000);
    afterAll(() => bouncing?.stop(), 60_000);

    test('unknown user: the address is suppressed, with the words as evidence', async () => {
      expect(await bouncing.outcome(sent['unknown'] ?? '', 'bounced')).toMatchObject({
        reason: 'user_unknown',
      });
      const { suppression, reports } = await bouncing.score('unknown@example.com');
      expect(suppression).toMatchObject({ scope: 'all', reason: 'hard_bounce' });
      expect(suppression.evidence).toContain('User unknown');
      expect(reports).toMatchObject([{ source: 'dsn', kind: 'bounced', hard: true, status: '5.1.1' }]);
    }, 120_000);

    test('mailbox full: counts, and suppresses nothing yet', async () => {
      expect(await bouncing.outcome(sent['full'] ?? '', 'bounced')).toMatchObject({ reason: 'mailbox_full' });
      expect(await bouncing.score('full@example.com')).toMatchObject({
        suppression: null,
        reports: [{ hard: false, weight: 1 }],
      });
    }, 120_000);

    test('refused by policy: never against the address', async () => {
      expect(await bouncing.outcome(sent['policy'] ?? '', 'bounced')).toMatchObject({ reason: 'policy' });
      expect(await bouncing.score('policy@example.com')).toMatchObject({ suppression: null, score: 0 });
    }, 120_000);

    test('deferred until the relay gives up: a bounce that is not for good', async () => {
      await bouncing.outcome(sent['later'] ?? '', 'bounced');
      const { suppression, reports } = await bouncing.score('later@example.com');
      expect(suppression).toBeNull();
      expect(reports).toMatchObject([{ kind: 'bounced', hard: false }]);
    }, 120_000);

    test('what was delivered is held against nobody', async () => {
      const { body } = await bouncing.program.call('GET', `/v1/emails/${sent['fine']}`);
      expect(body.status).toBe('sent');
      expect(await bouncing.score('fine@example.com')).toMatchObject({ suppression: null, reports: [] });
    });
  });
}
