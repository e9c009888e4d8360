import { expect, test } from '@jest/globals';
import { SANDBOX_BOUNCE, sandboxFate, sandboxFates, sandboxReply } from './sandbox.js';
import { parseReply, understandReply } from './smtp-reply.js';

test.each([
  ['delivered@x.test', 'delivered'],
  ['Bounced+order-10482@x.test', 'bounced'],
  ['complained+a+b@x.test', 'complained'],
  ['deferred+@x.test', 'deferred'],
  ['delivered.@x.test', undefined],
  ['undelivered@x.test', undefined],
  ['+delivered@x.test', undefined],
  ['constructor@x.test', undefined],
  ['"delivered"@x.test', undefined],
])('%s: %s', (address, fate) => {
  expect(sandboxFate(address)).toBe(fate);
});

test('what the sandbox says means what it should, by the rules for real servers', () => {
  const meaning = (tries: number, fate: Parameters<typeof sandboxReply>[0]) => {
    const reply = sandboxReply(fate, tries);
    return reply.code < 400 ? 'taken' : understandReply(reply, 'rcpt');
  };
  expect(sandboxFates.map((fate) => meaning(1, fate))).toEqual(['taken', 'taken', 'taken', 'taken']);
  expect(meaning(0, 'deferred')).toMatchObject({
    permanent: false,
    speaksOf: 'address',
    reason: 'greylisted',
  });
  const gone = { permanent: true, speaksOf: 'address', reason: 'user_unknown' };
  expect(meaning(0, undefined)).toMatchObject(gone);
  expect(understandReply(parseReply(SANDBOX_BOUNCE)!, 'rcpt')).toMatchObject(gone);
});
