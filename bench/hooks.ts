import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { HookLoad } from './support/hook-load.js';
import { describeMemory, watchMemory } from './support/memory.js';
import { milliseconds, percentile, print } from './support/print.js';
import { ask, forkScript } from './support/processes.js';
import { Program } from './support/program.js';

const PATH = '/hooks/mail/postmark';
const CREDENTIALS = 'bench:password-of-the-bench';

/**
 * Webhooks of a mail provider faster than they can be stored. Each 200 must be a row; the rest must be told at once to come back; memory
 * must not grow with the number. The yardstick is Fastify that answers 200 and has nothing behind it.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { rate: { type: 'string', default: '10000' }, seconds: { type: 'string', default: '10' } },
  });
  const { rate, seconds } = values;
  process.env['POSTMARK_WEBHOOK_AUTH'] = CREDENTIALS;
  print(`${Number(rate).toLocaleString('en')} webhooks a second for ${seconds} s`);
  const yardstick = forkScript('./hook-yardstick.ts');
  const { port } = await ask<{ port: number }>(yardstick);
  report('Fastify, nothing behind', await load(port, rate, seconds), Number(seconds));
  yardstick.disconnect();
  yardstick.kill();
  await Program.with({}, async (program) => {
    const { pool } = program;
    const stored = async () =>
      Number((await pool.query('SELECT count(*) FROM provider_requests')).rows[0]?.count);
    const memory = watchMemory(program, { api: program.api() }, () => 0);
    const before = program.cpuParts();
    const told = await load(program.port, rate, seconds);
    report('Postrider', told, Number(seconds));
    const held = await memory();
    const cpu = (program.cpuParts().get('api') ?? 0) - (before.get('api') ?? 0);
    const rows = await stored();
    const accepted = told.statuses['200'] ?? 0;
    print(`rows: ${rows}, answers with 200: ${accepted}`);
    print(`CPU of the API: ${((1000 * cpu) / told.sent).toFixed(3)} ms a webhook, whatever the answer`);
    print(`memory while it lasts: ${held.map(describeMemory).join('; ')}`);
    if (rows !== accepted) throw new Error('Not every webhook that was answered with 200 is stored, once');
    if (told.endless > 0) throw new Error(`${told.endless} were told to come back, and not when`);
    if (Object.keys(told.forged).some((status) => !status.startsWith('4')))
      throw new Error('A forged webhook was not told so');
    const start = performance.now();
    const waiting = async () =>
      Number(
        (await pool.query("SELECT count(*) FROM provider_requests WHERE state = 'waiting'")).rows[0]?.count,
      );
    const first = await waiting();
    const used = program.cpu();
    await sleep(5_000);
    const read = first - (await waiting());
    print(
      `read by the worker afterwards: ${Math.round(read / ((performance.now() - start) / 1000))} a second, ` +
        `CPU ${((1000 * (program.cpu() - used)) / read).toFixed(2)} ms each, all of Postrider and PostgreSQL`,
    );
  });
}

async function load(port: number, rate: string, seconds: string): Promise<HookLoad> {
  const authorization = `Basic ${Buffer.from(CREDENTIALS).toString('base64')}`;
  const process = forkScript('./hook-load.ts', [String(port), PATH, rate, seconds, authorization]);
  return ask<HookLoad>(process);
}

function report(name: string, { sent, statuses, forged, waits }: HookLoad, seconds: number): void {
  print(`${name}: ${Math.round(sent / seconds).toLocaleString('en')} sent a second`);
  for (const [status, count] of Object.entries(statuses)) {
    const times = waits[status] ?? [];
    const wait =
      times.length > 0
        ? `p50 ${milliseconds(percentile(times, 50))}, p99 ${milliseconds(percentile(times, 99))}`
        : '';
    print(`  ${status}: ${Math.round(count / seconds).toLocaleString('en')} a second  ${wait}`);
  }
  const answered = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const refused = Object.values(forged).reduce((sum, count) => sum + count, 0);
  print(`  of ${refused} with a wrong password: ${JSON.stringify(forged)}`);
  if (answered + refused < sent) print(`  without an answer: ${sent - answered - refused}`);
}
