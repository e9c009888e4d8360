import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { understandBounce } from '../../src/modules/bounces/understand/index.js';
import { bounceReport } from './bounces-report.js';
import { bar, committedCorpus, corpusPath, judgeCorpus, share, type Measure } from './bounces.js';

const HEAP = join(import.meta.dirname, 'heap.ts');

/** What this half reaches; less than that is a step back. The bar itself is for mail that nobody has looked at. */
const reached = { hard: 0.97, reason: 0.94, status: 0.98 } as const satisfies
  | typeof bar
  | Record<keyof typeof bar, number>;

describe.each([...new Set([committedCorpus, corpusPath()])])('bounces that nobody here wrote: %s', (path) => {
  const files = readdirSync(join(path, 'eml'));
  const judged = judgeCorpus(path);

  test('every file is read, and says of what kind it is', () => {
    expect(files.length).toBeGreaterThan(100);
    for (const file of files) {
      const { kind, recipients } = understandBounce(readFileSync(join(path, 'eml', file)));
      expect([file, kind === 'other' && recipients.length === 0]).toEqual([file, false]);
    }
  });

  test.each(Object.keys(bar) as Measure[])('%s is right often enough', (measure) => {
    const least = path === committedCorpus ? reached : bar;
    const right = share(judged, measure);
    if (right < least[measure as keyof typeof bar]) throw new Error(bounceReport(judged));
    expect(right).toBeGreaterThanOrEqual(least[measure as keyof typeof bar]);
  });

  test('nothing that speaks of the sender, a policy or a rate ends an address', () => {
    const innocent =
      /^(authfailure|badreputation|blocked|policyviolation|requireptr|toomanyconn|spamdetected|virusdetected|securityerror|feedback|vacation|expired|mailboxfull)$/;
    const wrong = judged.filter(({ expected, ours }) => innocent.test(expected.reason) && ours?.hard);
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });
});

test('what was read is let go: the heap is as large after 30,000 mails as after 10,000', async () => {
  const options = [
    '--expose-gc',
    '--import',
    './test/support/typescript.ts',
    '--disable-warning=ExperimentalWarning',
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [...options, HEAP, '10000', '30000']);
  const [early = 0, late = Infinity] = stdout.trim().split('\n').map(Number);
  expect(early).toBeGreaterThan(0);
  expect((late - early) / 1_048_576).toBeLessThan(4);
});
