import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { understandBounce } from '../../src/modules/bounces/understand/index.js';
import { committedCorpus } from './bounces.js';
import { knownLayouts } from './known-layouts.js';
import { chanceFrom, mutations } from './mutations.js';

/** Another seed, another run: `BOUNCE_SEED=…`. */
const seed = Number(process.env['BOUNCE_SEED'] ?? 7);

/** Mutations are made in latin1 with LF, so that each byte is one character. */
const mails = [
  ...readdirSync(join(committedCorpus, 'eml')).map((name) => ({
    name,
    mail: readFileSync(join(committedCorpus, 'eml', name), 'latin1').replaceAll('\r\n', '\n'),
  })),
  ...knownLayouts.map(({ who, raw }) => ({ name: who, mail: Buffer.from(raw).toString('latin1') })),
];

const answerTo = (mail: string): string => {
  const { kind, recipients } = understandBounce(Buffer.from(mail, 'latin1'));
  return [
    kind,
    ...recipients.map(({ reason, hard, status, action }) => `${reason} ${hard} ${status} ${action}`),
  ].join(', ');
};

test.each(Object.entries(mutations))('%s changes nothing', (_, mutate) => {
  let made = 0;
  const changed = mails.flatMap(({ name, mail }, at) => {
    const mutated = mutate(mail, chanceFrom(seed + at));
    if (mutated === undefined || mutated === mail) return [];
    made += 1;
    const [before, after] = [answerTo(mail), answerTo(mutated)];
    return before === after ? [] : [`${name}: ${before} → ${after}`];
  });
  expect(made).toBeGreaterThan(20);
  expect(changed).toEqual([]);
});
