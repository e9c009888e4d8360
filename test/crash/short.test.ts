import { expect, test } from '@jest/globals';
import { crashRounds } from './rounds.js';

/** The long form is `npm run crash`; a lost journal takes a lease of three minutes and is only there. */
test('a blast under each fault: nothing lost, nothing twice, unknown within bounds', async () => {
  const rounds = await crashRounds({
    rounds: 8,
    recipients: 500,
    redis: false,
    only: (fault) => !fault.name.includes('journal'),
  });
  expect(rounds).toHaveLength(8);
  for (const round of rounds) expect(round).toMatchObject({ lost: 0, twice: 0, problems: [] });
}, 240_000);
