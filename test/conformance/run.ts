/**
 * Judges Postrider by mail and webhooks that nobody here wrote: npm run conformance -- [--corpus DIR] [--hooks DIR]
 * Prints tables, totals and the misses; the exit code is 1 when the bar of docs/standards.md 25 is missed, or a webhook is misread.
 */
import { parseArgs } from 'node:util';
import { bounceReport } from './bounces-report.js';
import { bar, corpusPath, judgeCorpus, share } from './bounces.js';
import globalSetup from '../support/global-setup.mjs';
import globalTeardown from '../support/global-teardown.mjs';
import { hooksPath, hooksReport, judgeHooks } from './webhooks.js';

const { values } = parseArgs({ options: { corpus: { type: 'string' }, hooks: { type: 'string' } } });
const path = values.corpus ?? corpusPath();
const judged = judgeCorpus(path);
process.stdout.write(`${path}\n\n${bounceReport(judged)}\n`);
const met = Object.entries(bar).every(
  ([measure, least]) => share(judged, measure as keyof typeof bar) >= least,
);

const hooks = values.hooks ?? hooksPath();
await globalSetup();
try {
  const judgedHooks = await judgeHooks(hooks);
  process.stdout.write(`\n${hooks}\n\n${hooksReport(judgedHooks)}\n`);
  const isRight = judgedHooks.length > 0 && judgedHooks.every(({ right }) => right);
  process.exitCode = judged.length > 0 && met && isRight ? 0 : 1;
} finally {
  await globalTeardown();
}
