import { expect, test } from '@jest/globals';
import { full, nobody, switchedOff } from './reply-words.js';
import { wordsOf } from './smtp-reply.js';

/** Sisters of the replies that were seen: whoever, and whatever is said of him, in the order of the words that servers use. */
const somebody = [
  'mailbox',
  'mail box',
  'Recipient mailbox',
  'account',
  'email account',
  'user',
  'user name',
  'recipient',
  'address',
  'e-mail address',
  'alias',
];
const said = {
  nobody: {
    fits: nobody,
    after:
      'unknown|is unknown|does not exist|doesn’t exist|not found|could not be found|is invalid|is not valid|is not known at this site|no longer exists|is not recognized|has been deleted|is non-existent|not listed|is undeliverable|is not registered|no longer in use',
    before: 'No such|Unknown|Invalid|Non-existent|Not a valid|Bad|Illegal|There is no such|Unrecognized',
  },
  switchedOff: {
    fits: switchedOff,
    after:
      'disabled|is disabled|has been suspended|is inactive|is not active|is locked|has been deactivated|has expired|is closed|is temporarily disabled|is no longer active|is frozen',
    before: 'Disabled|Inactive|Suspended|Locked|Deactivated|Expired',
  },
  full: {
    fits: full,
    after:
      'is full|over quota|is over its quota|has exceeded its storage limit|quota exceeded|has too many messages in the mailbox|is out of space|has reached its quota|hat die Quota überschritten: Postfach voll',
    before: 'Over quota for',
  },
};

test.each(Object.entries(said))('%s, whoever it is and however it is put', (_, { fits, after, before }) => {
  const replies = somebody.flatMap((who) => [
    ...after
      .split('|')
      .flatMap((what) => [`The ${who} ${what}`, `${who} <ada@full.example> ${what} (#5.0.0)`]),
    ...before.split('|').map((what) => `Recipient address rejected: ${what} ${who}`),
  ]);
  expect(replies.filter((reply) => !fits.test(wordsOf(reply)))).toEqual([]);
});

test.each([
  'Sender address rejected: sender unknown to us by its domain',
  'Client host not found',
  'invalid HELO address',
  'Bad recipient address syntax',
  'Recipient address rejected: Access denied',
  'Mail rejected for policy reasons',
])('%s says of nobody that he is unknown, switched off or full', (reply) => {
  const words = wordsOf(reply);
  expect([nobody.test(words), switchedOff.test(words), full.test(words)]).toEqual([false, false, false]);
});
