import { parseArgs } from 'node:util';
import { understandBounce } from '../src/modules/bounces/understand/index.js';
import { readCommitted } from '../test/conformance/bounces.js';
import { cpuPerMail } from './support/cpu.js';
import { print } from './support/print.js';

/** Reading reports (10,000 a round by default), the mails of the corpus one after the other: CPU of this process, the best of some rounds. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { mails: { type: 'string', default: '10000' } } });
  const reports = readCommitted();
  const each = await cpuPerMail(Number(values.mails), (at) =>
    understandBounce(reports[at % reports.length]!),
  );
  print(
    `${Math.round(1000 / each).toLocaleString('en')} reports understood in a second of CPU, ${each.toFixed(2)} ms each`,
  );
}
