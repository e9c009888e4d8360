import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  actOn,
  isHardRefusal,
  parseReply,
  replyReasons,
  ruleFor,
  softScore,
  softWeight,
  suppressionsAt,
  suppressionsFor,
  understandBounceReply,
  understandReply,
  type ReplyReason,
  type SmtpStage,
} from './index.js';
import { replyRules } from './smtp-reply-rules.js';

const reasons = Object.keys(replyReasons) as ReplyReason[];
const stages: SmtpStage[] = ['connect', 'tls', 'auth', 'mail', 'rcpt', 'data'];
const bounced = (reason: ReplyReason, hard: boolean) => ({ kind: 'bounced', reason, hard }) as const;
const touches = (reason: ReplyReason, hard: boolean) =>
  ['suppress', 'count'].includes(actOn(bounced(reason, hard)));

/** Whatever the reply, an address is only ever charged with what speaks of it, or of its domain. */
const neverAgainstAddress: ReplyReason[] = [
  'reputation',
  'blocked',
  'no_reverse_dns',
  'policy',
  'security',
  'authentication_results',
  'sender_refused',
  'relay_quota',
  'rate_limited',
  'too_many_connections',
  'greylisted',
  'spam',
  'virus',
  'content',
  'malformed',
  'too_big',
  'too_big_for_mailbox',
  'message_refused',
  'relay_denied',
  'sender_not_allowed',
  'authentication',
  'connection',
  'tls',
];

describe('no address is charged with what speaks of something else', () => {
  test.each(neverAgainstAddress)('%s', (reason) => {
    for (const hard of [true, false]) {
      expect(touches(reason, hard)).toBe(false);
      expect(suppressionsFor(bounced(reason, hard), 'list')).toEqual([]);
      expect(softWeight(bounced(reason, hard))).toBe(0);
    }
  });

  test.each(replyRules)('the rule for $reason, which speaks of the $speaksOf', ({ reason, speaksOf }) => {
    if (speaksOf !== 'address' && speaksOf !== 'domain') expect(touches(reason, true)).toBe(false);
  });

  test('every sample of every rule, in our dialogue and in a report', () => {
    for (const { samples } of replyRules) {
      for (const [, stage, text] of samples) {
        const reply = parseReply(text);
        if (reply && stage !== null) {
          const { speaksOf, reason } = understandReply(reply, stage);
          if (!['address', 'domain'].includes(speaksOf))
            expect([text, touches(reason, isHardRefusal(reason, reply.code))]).toEqual([text, false]);
        }
        const told = understandBounceReply(
          { code: reply?.code ?? null, status: reply?.enhanced ?? null, reply: text, stage, prose: '' },
          true,
        );
        if (!['address', 'domain'].includes(told.speaksOf))
          expect([text, touches(told.reason, told.hard)]).toEqual([text, false]);
      }
    }
  });

  test('any code, status, words and stage', () => {
    const words = fc.constantFrom(...replyRules.flatMap(({ samples }) => samples.map(([, , text]) => text)));
    const someReply = fc.record({
      code: fc.integer({ min: 400, max: 599 }),
      enhanced: fc.option(
        fc.tuple(fc.constantFrom(4, 5), fc.nat(7), fc.nat(30)).map((parts) => parts.join('.')),
      ),
      text: fc.oneof(words, fc.string()),
    });
    fc.assert(
      fc.property(someReply, fc.constantFrom(...stages), (reply, stage) => {
        const { speaksOf, reason } = ruleFor(reply, stage);
        if (touches(reason, isHardRefusal(reason, reply.code)))
          expect(['address', 'domain']).toContain(speaksOf);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('acting', () => {
  test.each([
    ['user_unknown', true, 'suppress'],
    ['user_unknown', false, 'count'],
    ['host_unknown', true, 'suppress'],
    ['mailbox_full', false, 'count'],
    ['suspended', false, 'count'],
    ['filtered', false, 'count'],
    ['expired', false, 'count'],
    ['policy', false, 'pause'],
    ['authentication_results', false, 'pause'],
    ['rate_limited', false, 'slow_down'],
    ['greylisted', false, 'nothing'],
    ['vacation', false, 'nothing'],
    ['unknown', false, 'nothing'],
  ] as const)('%s, hard %s: %s', (reason, hard, act) => {
    expect(actOn(bounced(reason, hard))).toBe(act);
  });

  test('every reason has its act, and only hard ones suppress', () => {
    for (const reason of reasons) expect(actOn(bounced(reason, false))).not.toBe('suppress');
  });

  test('a complaint stops all news, and that list for good; a provider’s unsubscribe stops the list', () => {
    const told = { reason: 'complaint', hard: false } as const;
    expect(suppressionsFor({ ...told, kind: 'complained' }, 'a')).toEqual([
      { scope: 'news', reason: 'complaint', listId: null },
      { scope: 'list', reason: 'complaint', listId: 'a' },
    ]);
    expect(suppressionsFor({ ...told, kind: 'complained' }, null)).toHaveLength(1);
    expect(suppressionsFor({ ...told, kind: 'unsubscribed' }, 'a')).toEqual([
      { scope: 'list', reason: 'imported', listId: 'a' },
    ]);
    expect(suppressionsFor({ ...told, kind: 'unsubscribed' }, null)).toEqual([
      { scope: 'news', reason: 'imported', listId: null },
    ]);
  });
});

describe('the score', () => {
  test('counts half after a half-life', () => {
    expect(
      softScore(
        [
          { weight: 2, ageDays: 30 },
          { weight: 1, ageDays: 0 },
        ],
        30,
      ),
    ).toBe(2);
    expect(softScore([], 30)).toBe(0);
  });

  test('a mailbox that is full for every mail of a week reaches 5; one that is full once a month never does', () => {
    const every = (days: number, times: number) =>
      softScore(
        Array.from({ length: times }, (_, at) => ({ weight: 1, ageDays: at * days })),
        30,
      );
    expect(every(1, 5)).toBeLessThan(5);
    expect(every(1, 6)).toBeGreaterThan(5);
    expect(every(30, 100)).toBeLessThan(2.01);
  });

  test('a limit of a list stops the list, the general one all news', () => {
    expect(suppressionsAt(2, 5, { id: 'a', limit: 2 })).toEqual([
      { scope: 'list', reason: 'soft_bounces', listId: 'a' },
    ]);
    expect(suppressionsAt(4.9999, 5, { id: 'a', limit: null })).toEqual([
      { scope: 'news', reason: 'soft_bounces', listId: null },
    ]);
    expect(suppressionsAt(4, 5, null)).toEqual([]);
  });
});
