import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { HookLoad } from './support/hook-load.js';
import { milliseconds, percentile, print } from './support/print.js';
import { ask, forkScript, memoryOf } from './support/processes.js';
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
    const before = memoryOf(program.api()).now;
    const told = await load(program.port, rate, seconds);
    report('Postrider', told, Number(seconds));
    const { now, most } = memoryOf(program.api());
    const rows = await stored();
    const accepted = told.statuses['200'] ?? 0;
    print(`rows: ${rows}, answers with 200: ${accepted}`);
    print(
      `memory of the API: ${Math.round(before)} MB before, ${Math.round(most)} MB at most, ${Math.round(now)} MB after`,
    );
    if (rows < accepted) throw new Error('A webhook was answered with 200 and not stored');
    const start = performance.now();
    const waiting = async () =>
      Number(
        (await pool.query("SELECT count(*) FROM provider_requests WHERE state = 'waiting'")).rows[0]?.count,
      );
    const first = await waiting();
    await sleep(5_000);
    const read = first - (await waiting());
    print(
      `read by the worker afterwards: ${Math.round(read / ((performance.now() - start) / 1000))} a second`,
    );
  });
}

async function load(port: number, rate: string, seconds: string): Promise<HookLoad> {
  const authorization = `Basic ${Buffer.from(CREDENTIALS).toString('base64')}`;
  const process = forkScript('./hook-load.ts', [String(port), PATH, rate, seconds, authorization]);
  return ask<HookLoad>(process);
}

function report(name: string, { sent, statuses, waits }: HookLoad, seconds: number): void {
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
  if (answered < sent) print(`  without an answer: ${sent - answered}`);
}
