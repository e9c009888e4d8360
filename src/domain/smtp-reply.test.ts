import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { replyRules } from './smtp-reply-rules.js';
import {
  holds,
  parseReply,
  ruleFor,
  understandReply,
  wordsOf,
  type SmtpReply,
  type SmtpStage,
} from './smtp-reply.js';

const stages: SmtpStage[] = ['connect', 'tls', 'auth', 'mail', 'rcpt', 'data'];
const quotedStatus = (line: string): string | null => /\b[245]\.\d\.\d+\b/.exec(line)?.[0] ?? null;
const read = (line: string): SmtpReply => {
  const reply = parseReply(line);
  if (!reply) throw new Error(line);
  return reply;
};
/** What only a report tells is read in bounce-reply.test.ts; before it has let us in, a server speaks of the relay alone. */
const samples = replyRules
  .filter(({ only }) => !only || only === 'dialogue')
  .flatMap((rule) =>
    rule.samples.flatMap(([who, stage, line]) =>
      stage === null || (stage === 'connect' && rule.speaksOf !== 'relay')
        ? []
        : [{ rule, who, stage, line }],
    ),
  );

describe('the table of SMTP replies', () => {
  test.each(samples)('$who at $stage: $line', ({ rule, stage, line }) => {
    // Its own rule decides, and no earlier one swallows it.
    const decides = ruleFor(read(line), stage);
    expect([replyRules.indexOf(decides), decides.reason]).toEqual([replyRules.indexOf(rule), rule.reason]);
  });

  test.each(replyRules.map((rule, index) => ({ rule, index })))(
    'rule $index, $rule.reason: every condition has a sample that fits it',
    ({ rule }) => {
      for (const condition of rule.when) {
        const fits = rule.samples.filter(([, stage, line]) => {
          const reply = parseReply(line) ?? { code: null, enhanced: quotedStatus(line), text: line };
          return holds(condition, { ...reply, text: wordsOf(reply.text) }, stage);
        });
        expect([condition, fits.length > 0]).toEqual([condition, true]);
      }
    },
  );

  test('a greylist asks for a retry and nothing else (RFC 6647)', () => {
    for (const rule of replyRules.filter(({ greylisted }) => greylisted)) {
      expect(rule).toMatchObject({ speaksOf: 'address', reason: 'greylisted' });
      expect(rule.slowDown).toBeUndefined();
    }
  });

  test('slowing down is asked of the domain, the relay or the sender, never of one address or message', () => {
    const asked = replyRules.filter(({ slowDown }) => slowDown).map(({ speaksOf }) => speaksOf);
    expect(new Set(asked)).toEqual(new Set(['domain', 'relay', 'sender']));
  });
});

describe('any reply', () => {
  const anyReply = fc.record({
    code: fc.oneof(
      fc.constantFrom(421, 450, 451, 452, 454, 535, 550, 551, 552, 553, 554),
      fc.integer({ min: 400, max: 599 }),
    ),
    enhanced: fc.option(
      fc.tuple(fc.constantFrom(4, 5), fc.nat(9), fc.nat(999)).map((parts) => parts.join('.')),
    ),
    text: fc.oneof(fc.string(), fc.constantFrom(...samples.map(({ line }) => line.slice(4)))),
  });

  test('has a meaning at every stage, and the first digit alone says whether it is for good', () => {
    fc.assert(
      fc.property(anyReply, fc.constantFrom(...stages), (reply, stage) => {
        const meaning = understandReply(reply, stage);
        expect(meaning.permanent).toBe(reply.code >= 500);
        expect(meaning.reason).toMatch(/^[a-z_]+$/);
        if (meaning.greylisted) expect(meaning.permanent).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test('speaks of the relay before it has let us in', () => {
    fc.assert(
      fc.property(anyReply, fc.constantFrom<SmtpStage>('connect', 'tls', 'auth'), (reply, stage) => {
        expect(understandReply(reply, stage).speaksOf).toBe('relay');
      }),
      { numRuns: 2_000 },
    );
    expect(understandReply(read('550 5.1.1 User unknown'), 'mail').speaksOf).toBe('sender');
  });

  test('means the same whatever the address in it is called', () => {
    const local = fc.constantFrom(
      'full',
      'spam',
      'greylist',
      'user.unknown',
      'rate-limit',
      'dmarc',
      'relay.denied',
      'virus',
    );
    fc.assert(
      fc.property(local, local, (one, other) => {
        const line = `550 5.1.1 <${one}@${other}.example>: Recipient address rejected: User unknown in table`;
        expect(understandReply(read(line), 'rcpt')).toMatchObject({
          reason: 'user_unknown',
          speaksOf: 'address',
        });
        expect(understandReply(read(`550 Rejected ${one}@${other}.example`), 'rcpt').reason).toBe(
          'recipient_refused',
        );
      }),
    );
  });

  test.each<[string, SmtpStage, string, string]>([
    // Words that no sample has: the rules are about phrases of the trade.
    ['550 No such recipient here', 'rcpt', 'address', 'user_unknown'],
    ['550 5.7.1 Recipient does not exist here', 'rcpt', 'address', 'user_unknown'],
    ['452 4.2.2 Over quota', 'rcpt', 'address', 'mailbox_full'],
    ['450 4.7.1 Recipient address rejected: Grey-listed, please retry', 'rcpt', 'address', 'greylisted'],
    ['550 5.7.1 Rejected: listed at RBL, see blacklist entry', 'rcpt', 'sender', 'blocked'],
    ['554 5.7.1 DKIM signature did not verify', 'data', 'sender', 'authentication_results'],
    ['451 4.7.1 Too many messages, slow down', 'rcpt', 'domain', 'rate_limited'],
    ['554 5.7.1 Infected with virus Eicar', 'data', 'message', 'virus'],
    ['450 4.7.0 Come back after 300 seconds', 'rcpt', 'address', 'greylisted'],
    ['550 Host not found', 'rcpt', 'domain', 'host_unknown'],
    // A rule for one phrase leaves its neighbours alone.
    ['550 5.1.1 Mailbox not found, quota of patience exceeded not', 'rcpt', 'address', 'user_unknown'],
    ['451 4.3.2 Please try again in 5 minutes', 'mail', 'relay', 'system'],
    ['421 Too busy, try again in 10 minutes', 'rcpt', 'relay', 'service_unavailable'],
  ])('%s at %s', (line, stage, speaksOf, reason) => {
    expect(understandReply(read(line), stage)).toMatchObject({ speaksOf, reason });
  });

  test('in several lines', () => {
    expect(parseReply('550-5.1.1 The account\n550 5.1.1 does not exist')).toEqual({
      code: 550,
      enhanced: '5.1.1',
      text: 'The account\n550 5.1.1 does not exist',
    });
    expect(parseReply('hello')).toBeUndefined();
  });
});
