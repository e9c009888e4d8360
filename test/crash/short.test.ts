import { expect, test } from '@jest/globals';
import { faults } from './faults.js';
import { crashRounds } from './rounds.js';

/** The long form is `npm run crash`; a lost journal takes a lease of three minutes and is only there. */
const wanted = faults.filter((fault) => !fault.needsRedis && !fault.name.includes('deleted'));
const skipped: string[] = [];

test('a blast under each fault: nothing lost, nothing twice, unknown within bounds', async () => {
  const rounds = await crashRounds({
    rounds: wanted.length,
    recipients: 500,
    redis: false,
    only: (fault) => wanted.includes(fault),
    onSkipped: ({ name }) => void skipped.push(name),
  });
  expect([...rounds.map(({ fault }) => fault), ...skipped].sort()).toEqual(
    wanted.map(({ name }) => name).sort(),
  );
  for (const round of rounds) expect(round).toMatchObject({ lost: 0, twice: 0, problems: [] });
}, 240_000);
