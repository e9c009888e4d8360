import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { copyInto } from '../src/platform/database/copy.js';
import { print } from './support/print.js';
import { memoryOf } from './support/processes.js';
import { Program } from './support/program.js';

const BLOCK_ROWS = 5_000;

/**
 * An import of many people (1,000,000 by default) through the whole program: over HTTP, stored, read by a worker; each with an address,
 * a name, a language, two attributes, a list, a row in the ledger and an event. Then the same file again, which changes nothing. The
 * yardstick is COPY of the same rows into one table with a unique index: less than that nobody can do.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { rows: { type: 'string', default: '1000000' } } });
  const rows = Number(values.rows);
  await Program.with({}, async (program) => {
    await program.call('POST', '/v1/lists', { slug: 'news', name: 'News', optIn: 'single' });
    const worker = program.newsWorker();
    const api = program.api();
    const before = [worker, api].map((pid) => memoryOf(pid).most);
    const first = await imported(program, rows, 'imported');
    if (first.added !== rows) throw new Error(`Not all were added: ${JSON.stringify(first)}`);
    await yardstick(program, rows);
    const again = await imported(program, rows, 'the same file again');
    if (again.unchanged !== rows) throw new Error(`Something was changed: ${JSON.stringify(again)}`);
    const after = [worker, api].map((pid) => memoryOf(pid).most);
    for (const [index, name] of ['the worker', 'the API'].entries())
      print(
        `memory of ${name}: ${Math.round(before[index]!)} MiB at most before, ${Math.round(after[index]!)} MiB after`,
      );
  });
}

async function imported(program: Program, rows: number, what: string): Promise<Record<string, number>> {
  const terms = new URLSearchParams({
    list: 'news',
    consentText: 'Yes',
    consentSource: 'bench',
    consentDate: '2024-05-17',
  });
  for (const attribute of ['city', 'points']) terms.append('attribute', attribute);
  const began = performance.now();
  const cpu = program.cpu();
  const parts = program.cpuParts();
  const { id } = await program.upload(`/v1/imports?${terms.toString()}`, file(rows));
  const stored = performance.now();
  for (;;) {
    const { state, problem, counts } = await program.call('GET', `/v1/imports/${id}`);
    if (state === 'failed') throw new Error(problem);
    if (state === 'finished') {
      const took = (performance.now() - began) / 1000;
      print(
        `${what}: ${rows.toLocaleString('en')} rows in ${took.toFixed(1)} s (upload ${((stored - began) / 1000).toFixed(1)} s), ` +
          `${(program.cpu() - cpu).toFixed(1)} s CPU: ${difference(parts, program.cpuParts())}`,
      );
      return counts;
    }
    await sleep(100);
  }
}

function difference(before: Map<string, number>, after: Map<string, number>): string {
  return [...after]
    .map(([name, seconds]) => [name, seconds - (before.get(name) ?? 0)] as const)
    .filter(([, seconds]) => seconds >= 0.05)
    .map(([name, seconds]) => `${name.split(' ').slice(0, 2).join(' ')} ${seconds.toFixed(1)}`)
    .join(', ');
}

/** In an order of its own, as files of addresses have none: 7919 and the number of rows have no common divisor unless it divides it. */
function* people(
  rows: number,
): Generator<[email: string, name: string, locale: string, city: string, points: number]> {
  for (let row = 0; row < rows; row += 1) {
    const number = (row * 7919) % rows;
    yield [
      `person-${number}@mail-${number % 1000}.example`,
      `Person Number ${number}`,
      'de-DE',
      'Köln',
      number % 500,
    ];
  }
}

async function* file(rows: number): AsyncGenerator<Buffer> {
  let block = 'email,name,locale,city,points\n';
  let size = 0;
  for (const row of people(rows)) {
    block += `${row.join(',')}\n`;
    if (++size % BLOCK_ROWS > 0) continue;
    yield Buffer.from(block);
    block = '';
  }
  if (block !== '') yield Buffer.from(block);
}

async function yardstick({ pool }: Program, rows: number): Promise<void> {
  await pool.query(
    'CREATE TABLE yardstick (email text UNIQUE, name text, locale text, city text, points int)',
  );
  const client = await pool.connect();
  const began = performance.now();
  await copyInto(client)('yardstick (email, name, locale, city, points)', people(rows));
  print(
    `yardstick, COPY into one table with a unique index: ${((performance.now() - began) / 1000).toFixed(1)} s`,
  );
  client.release();
  await pool.query('DROP TABLE yardstick');
}
