import { expect, test } from '@jest/globals';
import { complaintRate, failureClass } from './deliverability.js';
import { hardReasons, replyReasons, type ReplyReason } from './reply-reasons.js';

test('every reason is in one class, and only what ends an address is hard', () => {
  const classes = Object.groupBy(Object.keys(replyReasons) as ReplyReason[], (reason) =>
    failureClass(reason, true),
  );
  expect(new Set(classes.hard)).toEqual(hardReasons);
  expect(classes.blocked).toEqual(
    expect.arrayContaining(['spam', 'reputation', 'authentication_results', 'policy']),
  );
  expect(classes.soft).toEqual(expect.arrayContaining(['mailbox_full', 'expired', 'unreachable', 'unknown']));
  expect(failureClass('user_unknown', false)).toBe('soft');
});

test('the complaint rate against the lines of 0.1 % and 0.3 %, and "no data" where nobody would tell', () => {
  const rate = (domain: string, complaints: number, everHeard = true, delivered = 10_000) =>
    complaintRate({ domain, delivered, complaints, everHeard });
  expect(rate('yahoo.com', 9)).toEqual({ rate: 0.0009, level: 'below' });
  expect(rate('yahoo.com', 10)).toEqual({ rate: 0.001, level: 'above_aim' });
  expect(rate('yahoo.com', 30)).toEqual({ rate: 0.003, level: 'above_limit' });
  expect(rate('yahoo.com', 0)).toEqual({ rate: 0, level: 'below' });
  expect(rate('yahoo.com', 0, false)).toEqual({ rate: null, noData: 'none_ever_heard' });
  expect(rate('gmail.com', 0, false)).toEqual({ rate: null, noData: 'provider_sends_none' });
  expect(rate('icloud.com', 0, false)).toEqual({ rate: null, noData: 'provider_sends_none' });
  expect(rate('yahoo.com', 1, true, 0)).toEqual({ rate: null, noData: 'nothing_delivered' });
});
