import { describe, expect, test } from '@jest/globals';
import { parseReply, understandReply, type SmtpStage } from './smtp-reply.js';

const meaning = (line: string, stage: SmtpStage) => {
  const reply = parseReply(line);
  if (!reply) throw new Error(line);
  return understandReply(reply, stage);
};

describe('SMTP replies', () => {
  test.each<[string, SmtpStage, boolean, string, string]>([
    [
      '550 5.1.1 <x@example.com>: Recipient address rejected: User unknown',
      'rcpt',
      true,
      'address',
      'user_unknown',
    ],
    ['452 4.2.2 Mailbox full', 'rcpt', false, 'address', 'mailbox_full'],
    ['552 Mailbox full', 'rcpt', true, 'address', 'mailbox_full'],
    ['450 4.2.0 Greylisted, see http://postgrey.example/', 'rcpt', false, 'address', 'greylisted'],
    ['451 4.7.1 Please try again: grey-listed', 'rcpt', false, 'address', 'greylisted'],
    ['421 4.3.2 Service shutting down', 'data', false, 'relay', 'service_unavailable'],
    ['535 5.7.8 Error: authentication failed', 'auth', true, 'relay', 'authentication'],
    ['530 5.7.0 Must issue a STARTTLS command first', 'mail', true, 'relay', 'authentication'],
    ['553 5.7.1 Sender address rejected: not owned by user', 'mail', true, 'sender', 'sender_refused'],
    ['554 5.7.1 Message rejected as spam', 'data', true, 'message', 'policy'],
    ['552 5.3.4 Message size exceeds fixed limit', 'data', true, 'message', 'too_big'],
    ['552 5.3.4 Message size exceeds fixed limit', 'mail', true, 'message', 'too_big'],
    ['552 Message size exceeds fixed maximum message size', 'mail', true, 'message', 'too_big'],
    ['452 4.3.1 Insufficient system storage', 'mail', false, 'relay', 'system'],
    ['550 5.7.26 This mail is unauthenticated', 'data', true, 'sender', 'authentication_results'],
    ['451 Requested action aborted', 'data', false, 'message', 'try_later'],
  ])('%s at %s', (line, stage, permanent, speaksOf, reason) => {
    expect(meaning(line, stage)).toEqual({ permanent, speaksOf, reason });
  });

  test('a reply in several lines', () => {
    expect(parseReply('550-5.1.1 The account\n550 5.1.1 does not exist')).toEqual({
      code: 550,
      enhanced: '5.1.1',
      text: 'The account\n550 5.1.1 does not exist',
    });
    expect(parseReply('hello')).toBeUndefined();
  });
});
