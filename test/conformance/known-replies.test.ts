import { describe, expect, test } from '@jest/globals';
import { understandBounce } from '../../src/modules/bounces/understand/index.js';
import { knownReplies, mayBeHard, mustBeHard, quotings } from './known-replies.js';

describe.each(Object.entries(quotings))('what servers are known to say, as %s quotes it', (_, quote) => {
  const judged = knownReplies.map((known) => ({
    known,
    ours: understandBounce(Buffer.from(quote(known))).recipients,
  }));

  test('is understood as an administrator would', () => {
    expect(judged.length).toBeGreaterThan(1_200);
    const wrong = judged
      .filter(({ known, ours }) => !ours[0] || !known.reasons.includes(ours[0].reason))
      .map(({ known, ours }) => `${known.who}: ${known.reply}: ${ours[0]?.reason}`);
    expect(wrong).toEqual([]);
  });

  test('ends an address only where it must', () => {
    const wrong = judged.filter(({ known, ours }) =>
      ours.some(({ hard }) => (hard ? !mayBeHard(known) : mustBeHard(known))),
    );
    expect(wrong.map(({ known }) => `${known.who}: ${known.reply}`)).toEqual([]);
  });

  test('is said of one recipient, the one that was written to', () => {
    expect(judged.filter(({ ours }) => ours.length !== 1 || ours[0]?.address !== 'user@example.com')).toEqual(
      [],
    );
  });
});
