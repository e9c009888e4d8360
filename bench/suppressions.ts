import { parseArgs } from 'node:util';
import { describeMemory, watchMemory } from './support/memory.js';
import { print } from './support/print.js';
import { Program } from './support/program.js';

/** Rows a chunk of the upload. */
const BLOCK = 5_000;

/** Suppressions (1,000,000 by default) imported as CSV in one call, and the same file again. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { rows: { type: 'string', default: '1000000' } } });
  const rows = Number(values.rows);
  await Program.with({}, async (program) => {
    for (const what of ['new', 'known']) {
      let sent = 0;
      const memory = watchMemory(program, { api: program.api() }, () => sent);
      const cpu = program.cpu();
      const began = performance.now();
      const answer = await program.upload(
        '/v1/suppressions/import',
        file(rows, (count) => (sent = count)),
      );
      const took = (performance.now() - began) / 1000;
      print(
        `${rows.toLocaleString('en')} rows, ${what}: ${took.toFixed(1)} s, ${(program.cpu() - cpu).toFixed(1)} s of CPU; ${JSON.stringify(answer)}`,
      );
      const looks = await memory();
      for (const look of [looks[Math.floor(looks.length / 10)], looks.at(-1)])
        if (look) print(`memory at ${look.at.toLocaleString('en')}: ${describeMemory(look)}`);
    }
    const { rows: counted } = await program.pool.query('SELECT count(*)::int AS n FROM suppressions');
    if (counted[0]?.n !== rows) throw new Error(`${counted[0]?.n} of ${rows} suppressions are there`);
  });
}

async function* file(rows: number, told: (count: number) => void): AsyncGenerator<Buffer> {
  yield Buffer.from('address,scope,reason,evidence\n');
  for (let from = 0; from < rows; from += BLOCK) {
    let block = '';
    for (let at = from; at < Math.min(rows, from + BLOCK); at += 1)
      block += `person-${at}@mail-${at % 1000}.example,all,hard_bounce,550 5.1.1 no such user in 2024\n`;
    yield Buffer.from(block);
    told(Math.min(rows, from + BLOCK));
  }
}
