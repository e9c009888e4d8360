import { describe, expect, test } from '@jest/globals';
import {
  lifts,
  stopsMail,
  strongestSuppression,
  suppressionReasons,
  suppressionScopes,
  type SuppressibleMail,
  type SuppressionFacts,
} from './index.js';

const facts = (scope: SuppressionFacts['scope'], reason: SuppressionFacts['reason']): SuppressionFacts => ({
  scope,
  reason,
  listId: scope === 'list' ? 'this' : null,
});
const everySuppression = suppressionScopes.flatMap((scope) =>
  suppressionReasons.map((reason) => facts(scope, reason)),
);
const needed: SuppressibleMail = { kind: 'needed' };
const thisList: SuppressibleMail = { kind: 'news', listId: 'this' };
const otherList: SuppressibleMail = { kind: 'news', listId: 'other' };

/** O: order and service mail, T: news of this list, N: news of another; P: a person lifts it, and t, n: so does an opt-in to this list, another. */
const expected: Record<string, Record<string, string>> = {
  all: {
    hard_bounce: 'OTN P',
    manual: 'OTN P',
    imported: 'OTN P',
    complaint: 'TN Ptn',
    soft_bounces: 'TN Ptn',
  },
  news: {
    hard_bounce: 'TN Ptn',
    manual: 'TN P',
    imported: 'TN Ptn',
    complaint: 'TN Ptn',
    soft_bounces: 'TN Ptn',
  },
  list: {
    hard_bounce: 'T Pt',
    manual: 'T P',
    imported: 'T Pt',
    complaint: 'T Pt',
    soft_bounces: 'T Pt',
  },
};

describe('every suppression that can exist', () => {
  test.each(everySuppression)('$scope for $reason', (one) => {
    const stops = [
      stopsMail(one, needed) && 'O',
      stopsMail(one, thisList) && 'T',
      stopsMail(one, otherList) && 'N',
    ];
    const lifted = [
      lifts({ by: 'person' }, one) && 'P',
      lifts({ by: 'opt_in', listIds: ['this'] }, one) && 't',
      lifts({ by: 'opt_in', listIds: ['other'] }, one) && 'n',
    ];
    const word = (letters: (string | false)[]) => letters.filter(Boolean).join('');
    expect(`${word(stops)} ${word(lifted)}`).toBe(expected[one.scope]?.[one.reason]);
  });

  test('an opt-in to nothing lifts nothing', () => {
    for (const one of everySuppression) expect(lifts({ by: 'opt_in', listIds: [] }, one)).toBe(false);
  });

  test('what stops the confirmation mail is not lifted by it', () => {
    for (const one of everySuppression.filter((each) => stopsMail(each, needed)))
      expect(lifts({ by: 'opt_in', listIds: ['this', 'other'] }, one)).toBe(false);
  });
});

describe('of several', () => {
  test.each(everySuppression)(
    'none that stops less than $scope for $reason is shown instead of it',
    (one) => {
      const stopped = (each: SuppressionFacts) =>
        [needed, otherList, thisList].map((mail) => Number(stopsMail(each, mail))).join('');
      for (const other of everySuppression) {
        const shown = strongestSuppression([other, one]);
        expect(shown).toBe(strongestSuppression([one, other]));
        if (stopped(one) > stopped(other)) expect(shown).toBe(one);
      }
    },
  );

  test('a hard bounce of everything comes first, none of none', () => {
    expect(strongestSuppression(everySuppression.toReversed())).toEqual(facts('all', 'hard_bounce'));
    expect(strongestSuppression([])).toBeUndefined();
  });
});
