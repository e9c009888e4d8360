/**
 * Judges Postrider by mail that nobody here wrote: npm run conformance -- [--corpus DIR]
 * Prints a table by family, the totals and the misses; the exit code is 1 when the bar of docs/standards.md 25 is missed.
 */
import { parseArgs } from 'node:util';
import { bounceReport } from './bounces-report.js';
import { bar, corpusPath, judgeCorpus, share } from './bounces.js';

const { values } = parseArgs({ options: { corpus: { type: 'string' } } });
const path = values.corpus ?? corpusPath();
const judged = judgeCorpus(path);
process.stdout.write(`${path}\n\n${bounceReport(judged)}\n`);
const met = Object.entries(bar).every(
  ([measure, least]) => share(judged, measure as keyof typeof bar) >= least,
);
process.exitCode = judged.length > 0 && met ? 0 : 1;
