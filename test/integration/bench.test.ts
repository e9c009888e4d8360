import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const RUN = fileURLToPath(new URL('../../bench/run.ts', import.meta.url));
const LOADER = fileURLToPath(new URL('../support/typescript.ts', import.meta.url));

/** No time is measured here: only that the commands behind docs/benchmarks.md still run, and that their counts match the sink. */
test.each([
  ['blast', ['--recipients', '300'], /Postrider \/ nodemailer: [\d.]+ ×/],
  ['million', ['--recipients', '600'], /the sink has 600 of them\n.*memory/],
  ['ledger', ['--rows', '12000'], /12000 rows sealed: [\d.]+ s.*\nall of them checked/],
  ['import', ['--rows', '7000'], /7,000 rows.*\nyardstick.*[\s\S]*memory/],
  ['bounces', ['--bounces', '600'], /600 bounces taken.*\n[\s\S]*200 addresses suppressed, each once/],
  ['latency', ['--orders', '5', '--recipients', '15000', '--unsigned'], /during a blast\s+5 orders/],
])(
  'bench %s',
  async (name, args, end) => {
    const bench = spawn(process.execPath, ['--import', LOADER, RUN, name, ...args]);
    let said = '';
    for (const stream of [bench.stdout, bench.stderr]) {
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    }
    const code = await new Promise((resolve) => bench.once('close', resolve));
    expect(said).toMatch(end);
    expect(code).toBe(0);
  },
  120_000,
);
