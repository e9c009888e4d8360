import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  atWorst,
  authenticationReasons,
  explainTrouble,
  hardBounceReasons,
  judgeBlast,
  noBlastNumbers,
  type BlastIllness,
  type BlastNumbers,
} from './blast-health.js';
import { parseReply, understandReply } from './smtp-reply.js';

const limits = { minimum: 100, hardBounces: 5, complaints: 0.3, authentication: 2 };
const judge = (now: Partial<BlastNumbers>, forgiven: Partial<BlastNumbers> = {}) =>
  judgeBlast({ ...noBlastNumbers, ...now }, { ...noBlastNumbers, ...forgiven }, limits);

describe('a blast is judged', () => {
  test.each<[string, Partial<BlastNumbers>, BlastIllness | undefined]>([
    ['nothing wrong', { tried: 1_000 }, undefined],
    ['at the limit of hard bounces', { tried: 1_000, hardBounces: 50 }, undefined],
    ['over it', { tried: 1_000, hardBounces: 51 }, 'hardBounces'],
    ['at the limit of complaints', { tried: 1_000, complaints: 3 }, undefined],
    ['over it', { tried: 1_000, complaints: 4 }, 'complaints'],
    ['at the limit of authentication', { tried: 1_000, authentication: 20 }, undefined],
    ['over it', { tried: 1_000, authentication: 21 }, 'authentication'],
    ['too few to say', { tried: 99, hardBounces: 99 }, undefined],
    ['just enough', { tried: 100, hardBounces: 100 }, 'hardBounces'],
    ['two complaints are no trend', { tried: 100, complaints: 2 }, undefined],
    ['three are', { tried: 100, complaints: 3 }, 'complaints'],
    [
      'the sender before the addresses',
      { tried: 200, hardBounces: 20, authentication: 20 },
      'authentication',
    ],
  ])('%s', (_, numbers, illness) => {
    expect(judge(numbers)?.illness).toBe(illness);
  });

  test('only by what came after a person let it go on', () => {
    const forgiven = { tried: 1_000, hardBounces: 200 };
    expect(judge({ tried: 1_099, hardBounces: 299 }, forgiven)).toBeUndefined();
    expect(judge({ tried: 1_100, hardBounces: 205 }, forgiven)).toBeUndefined();
    expect(judge({ tried: 1_100, hardBounces: 206 }, forgiven)).toEqual({
      illness: 'hardBounces',
      tried: 100,
      share: 6,
      limit: 5,
    });
  });

  test('and never for numbers that have been forgiven, whatever they are', () => {
    const number = fc.nat(1_000_000);
    const numbers = fc.record({
      tried: number,
      failures: number,
      hardBounces: number,
      complaints: number,
      authentication: number,
    });
    fc.assert(fc.property(numbers, (now) => judgeBlast(now, now, limits) === undefined));
  });

  test('a limit of 100 % is none', () => {
    const off = { minimum: 1, hardBounces: 100, complaints: 100, authentication: 100 };
    const worst = { tried: 500, failures: 500, hardBounces: 500, complaints: 500, authentication: 500 };
    expect(judgeBlast(worst, noBlastNumbers, off)).toBeUndefined();
  });
});

test('what is healthy at its worst is healthy', () => {
  const part = fc.nat(2_000);
  const parts = fc.record({
    sent: part,
    hardBounces: part,
    authentication: part,
    other: part,
    complaints: part,
  });
  const numbers = (parts: {
    sent: number;
    hardBounces: number;
    authentication: number;
    other: number;
    complaints: number;
  }) => {
    const { sent, hardBounces, authentication, other, complaints } = parts;
    const failures = hardBounces + authentication + other;
    return { tried: sent + failures, failures, hardBounces, authentication, complaints };
  };
  fc.assert(
    fc.property(parts, parts, (before, after) => {
      const forgiven = numbers(before);
      const since = numbers(after);
      const now = Object.fromEntries(
        Object.entries(since).map(([name, number]) => [name, number + forgiven[name as keyof BlastNumbers]]),
      ) as unknown as BlastNumbers;
      const sick = judgeBlast(now, forgiven, limits) !== undefined;
      if (sick) expect(judgeBlast(atWorst(now, forgiven), forgiven, limits)).toBeDefined();
    }),
    { numRuns: 1_000 },
  );
});

describe('a refusal counts as', () => {
  const reason = (line: string) => {
    const reply = parseReply(line);
    if (!reply) throw new Error(line);
    return understandReply(reply, 'rcpt').reason;
  };

  test.each([
    '550 5.1.1 No such user',
    '550 Rejected',
    '550 5.1.2 Bad destination system address',
    '550 5.1.6 Mailbox has moved',
    '550 5.2.1 Mailbox disabled',
    '552 5.2.2 Mailbox full',
  ])('a hard bounce: %s', (line) => {
    expect(hardBounceReasons).toContain(reason(line));
  });

  test.each(['550 5.7.26 This mail is unauthenticated', '550 5.7.1 Message rejected due to local policy'])(
    'a matter of the sender: %s',
    (line) => {
      expect(authenticationReasons).toContain(reason(line));
      expect(hardBounceReasons).not.toContain(reason(line));
    },
  );

  test.each([
    '552 5.3.4 Message size exceeds fixed limit',
    '554 5.7.1 Message rejected as spam by content filter',
  ])('neither: %s', (line) => {
    expect([...hardBounceReasons, ...authenticationReasons]).not.toContain(reason(line));
  });
});

test.each<[BlastNumbers, string]>([
  [
    { tried: 1_200, failures: 80, hardBounces: 74, complaints: 0, authentication: 0 },
    'Paused by itself: 6.2 % of 1,200 mails were refused because the address does not exist or takes no mail (limit 5 %)',
  ],
  [
    { tried: 20_000, failures: 0, hardBounces: 0, complaints: 83, authentication: 0 },
    'Paused by itself: 0.42 % of 20,000 mails were marked as spam by the people who got them (limit 0.3 %)',
  ],
  [
    { tried: 100, failures: 100, hardBounces: 0, complaints: 0, authentication: 100 },
    'Paused by itself: 100 % of 100 mails were refused because the sender is not authenticated or not trusted (limit 2 %)',
  ],
])('in words', (numbers, words) => {
  const trouble = judge(numbers);
  expect(trouble && explainTrouble(trouble)).toBe(words);
});
