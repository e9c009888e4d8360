import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { growthIn } from '../../test/support/growth.js';
import { hostileUnits } from '../../test/support/hostile-mails.js';
import { bounceRuleFor, understandBounceReply, type BounceFacts } from './bounce-reply.js';
import { hardReasons, replyReasons } from './reply-reasons.js';
import { replyRules, type QuotedStage } from './smtp-reply-rules.js';
import { parseReply } from './smtp-reply.js';

/** A reply as a report quotes it, or the sentence that stands for one. */
function told(line: string, stage: QuotedStage): BounceFacts {
  const reply = parseReply(line);
  const status = reply?.enhanced ?? /(?<!\d)[245]\.\d\.\d{1,3}\b/.exec(line)?.[0] ?? null;
  return { code: reply?.code ?? null, status, reply: line, stage, prose: '' };
}

const samples = replyRules
  .filter(({ only }) => only !== 'dialogue')
  .flatMap((rule) => rule.samples.map(([who, stage, line]) => ({ rule, who, stage, line })));

describe('the table of replies, read in a report', () => {
  test.each(samples)('$who at $stage: $line', ({ rule, stage, line }) => {
    const facts = told(line, stage);
    const decides = bounceRuleFor(rule.only === 'prose' ? { ...facts, reply: '', prose: line } : facts);
    expect([decides.reason, replyRules.indexOf(decides)]).toEqual([rule.reason, replyRules.indexOf(rule)]);
  });
});

describe('what a bounce means', () => {
  const judge = (line: string, stage: QuotedStage = null) => understandBounceReply(told(line, stage), true);

  test('only what is for good, and about the address or its domain, is hard', () => {
    expect(judge('550 5.1.1 User unknown')).toMatchObject({
      hard: true,
      permanent: true,
      speaksOf: 'address',
    });
    expect(judge('450 4.1.1 User unknown')).toMatchObject({ hard: false, permanent: false });
    expect(judge('550 5.7.1 Message rejected due to local policy').hard).toBe(false);
    expect(judge('552 5.2.2 Mailbox full').hard).toBe(false);
  });

  test('a helo that is refused, or a sender that does not exist, says nothing about the recipient', () => {
    expect(judge('550 5.7.1 <localhost>: Helo command rejected: Host not found', 'rcpt').hard).toBe(false);
    expect(
      judge('550 5.1.8 <news@shop.example>: Sender address rejected: Domain not found', 'rcpt').hard,
    ).toBe(false);
    expect(judge('553 sender.example does not exist', 'mail').reason).toBe('sender_refused');
  });

  test('"unknown" counts for sure at RCPT or under 5.1.x; elsewhere a filter may hide behind it', () => {
    expect(judge('550 User unknown', 'rcpt').hard).toBe(true);
    expect(judge('550 5.1.1 User unknown', 'data').hard).toBe(true);
    expect(judge('550 User unknown', 'data')).toMatchObject({ reason: 'filtered', hard: false });
    expect(judge('550 User unknown')).toMatchObject({ reason: 'filtered', hard: false });
  });

  test("the server's words come before those around them, and both before a status", () => {
    const facts: BounceFacts = {
      code: 550,
      status: '5.1.1',
      reply: '550 5.1.1 Not here',
      stage: null,
      prose: '',
    };
    expect(bounceRuleFor(facts).reason).toBe('user_unknown');
    expect(bounceRuleFor({ ...facts, prose: 'The mailbox is full.' }).reason).toBe('mailbox_full');
    expect(bounceRuleFor({ ...facts, reply: '550 Spam', prose: 'The mailbox is full.' }).reason).toBe('spam');
  });

  test('speaks of the relay only where our account there is meant', () => {
    expect(judge('421 Too many connections').speaksOf).toBe('domain');
    expect(judge('454 Throttling failure: Daily message quota exceeded').speaksOf).toBe('relay');
  });

  test('has an answer for whatever a report says, in bounded time', () => {
    const anyFacts = fc.record({
      code: fc.option(fc.integer({ min: 200, max: 599 })),
      status: fc.option(fc.constantFrom('5.1.1', '4.2.2', '5.7.1', '5.0.0', '9.9.9')),
      reply: fc.string({ unit: 'binary', maxLength: 1_000 }),
      stage: fc.constantFrom<QuotedStage>('connect', 'mail', 'rcpt', 'data', null),
      prose: fc.string({ maxLength: 6_000 }),
    });
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const meaning = understandBounceReply(facts, true);
        expect(replyReasons[meaning.reason]).toBeDefined();
        expect(meaning.hard && !hardReasons.has(meaning.reason)).toBe(false);
      }),
    );
  });

  test('sixteen times as many characters take no square of that', async () => {
    const grown = await growthIn('replies');
    expect(Object.keys(grown)).toEqual([...hostileUnits]);
    expect(Object.entries(grown).filter(([, [sixteen = 256]]) => sixteen > 128)).toEqual([]);
  });
});
