import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { understandBounce } from '../../src/modules/bounces/understand/index.js';
import { bounceReport } from './bounces-report.js';
import { bar, committedCorpus, corpusPath, judgeCorpus, share, type Measure } from './bounces.js';

/** What this half reaches; less than that is a step back. The bar itself is for mail that nobody has looked at. */
const reached = { hard: 0.97, reason: 0.93, status: 0.98 } as const satisfies
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

describe('on one core', () => {
  const mails = readdirSync(join(committedCorpus, 'eml')).map((file) =>
    readFileSync(join(committedCorpus, 'eml', file)),
  );
  const readAll = (count: number): void => {
    for (let at = 0; at < count; at += 1) understandBounce(mails[at % mails.length] ?? Buffer.alloc(0));
  };

  test('2,000 bounces a second and more; memory stays flat over 50,000', () => {
    readAll(2_000);
    const heap = process.memoryUsage().heapUsed;
    const before = process.cpuUsage();
    readAll(50_000);
    const { user, system } = process.cpuUsage(before);
    const perSecond = Math.round(50_000 / ((user + system) / 1e6));
    const grown = Math.round((process.memoryUsage().heapUsed - heap) / 1_048_576);
    process.stdout.write(`bounces: ${perSecond} a second of CPU, heap ${grown} MB more after 50,000\n`);
    expect(perSecond).toBeGreaterThan(2_000);
    expect(grown).toBeLessThan(100);
  });
});
