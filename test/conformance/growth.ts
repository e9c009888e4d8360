/**
 * A process that tells how the work of reading grows with what is read, as JSON: `growth.ts mails|replies`. Of its own, because in the
 * large heap of a test worker one round of the collector is more than all that is measured.
 */
import { understandBounceReply } from '../../src/domain/index.js';
import { understandBounce } from '../../src/modules/bounces/understand/index.js';
import { growth } from '../support/growth.js';
import { hostileMails, hostileUnits, MEGABYTE } from '../support/hostile-mails.js';

function ofMail(of: (octets: number) => Buffer): number[] {
  const reading = (octets: number) => {
    const raw = of(octets);
    return () => understandBounce(raw);
  };
  return [growth(reading(4_096), reading(65_536)), growth(reading(131_072), reading(MEGABYTE))];
}

function ofReply(unit: string): number[] {
  const reading = (characters: number) => () => {
    const text = unit.repeat(characters / unit.length);
    understandBounceReply({ code: null, status: null, reply: text, stage: null, prose: text }, true);
  };
  return [growth(reading(375), reading(6_000))];
}

const grown =
  process.argv[2] === 'mails'
    ? hostileMails.map(([what, of]) => [what, ofMail(of)])
    : hostileUnits.map((unit) => [unit, ofReply(unit)]);
process.stdout.write(JSON.stringify(Object.fromEntries(grown)));
