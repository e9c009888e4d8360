import { generateKeyPairSync, sign } from 'node:crypto';
import { parseArgs } from 'node:util';
import { addAudience, finished, saveMail, startCampaign } from './support/campaign.js';
import { cpuPerMail } from './support/cpu.js';
import { cGenerator } from './support/generator.js';
import { print } from './support/print.js';
import { ask, forkScript } from './support/processes.js';
import { CONNECTIONS, Program, type ProgramOptions } from './support/program.js';

export interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

interface Blast extends Measured {
  /** CPU seconds by process. */
  readonly parts: Map<string, number>;
  /** Of one mail as it goes over the wire. */
  readonly octets: number;
}

/**
 * A blast of N recipients through the whole program (API, queue, worker processes, embedded PostgreSQL), fully accounted, into a
 * sink in its own process; beside it, in the same run and into the same sink: nodemailer's pooled sendMail of the same message
 * with as many processes, a generator in C that only sends octets, and with --signed the bare RSA signature of Node.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      recipients: { type: 'string', default: '20000' },
      processes: { type: 'string', default: '1' },
      signed: { type: 'boolean', default: false },
      redis: { type: 'boolean', default: false },
    },
  });
  await compare(Number(values.recipients), {
    processes: Number(values.processes),
    signed: values.signed,
    redis: values.redis,
  });
}

/** One line for each contender. @returns Postrider's and nodemailer's messages a second */
export async function compare(
  recipients: number,
  options: ProgramOptions,
): Promise<{ ours: number; theirs: number }> {
  const { processes = 1, signed = false, redis = false } = options;
  let rates = { ours: 0, theirs: 0 };
  await Program.with(options, async (program) => {
    print(
      `${recipients} recipients, ${processes} sending process(es) of ${CONNECTIONS} connections each, ` +
        `${signed ? 'signed RSA-2048' : 'unsigned'}, queue on ${redis ? 'Redis' : 'PostgreSQL'}\n`,
    );
    const blast = await measureBlast(program, recipients);
    report('Postrider', blast, recipients);
    for (const [name, seconds] of blast.parts) {
      print(`  of which ${name.padEnd(28)} ${((seconds * 1000) / recipients).toFixed(3)} CPU-ms`);
    }
    print(`  a mail has ${blast.octets} octets`);
    const yardstick = await measureYardstick(program, recipients, processes);
    report('nodemailer pool', yardstick, recipients);
    const generator = cGenerator(program.sinkPort, {
      mails: recipients,
      octets: blast.octets,
      connections: CONNECTIONS,
    });
    if (generator) report('smtp-source (C)', generator, recipients);
    else print('smtp-source is not installed (Debian: postfix)');
    if (signed) print(`Node's bare RSA-2048 signature  ${(await bareRsa()).toFixed(3)} CPU-ms`);
    rates = { ours: recipients / blast.seconds, theirs: recipients / yardstick.seconds };
    print(`\nPostrider / nodemailer: ${(rates.ours / rates.theirs).toFixed(2)} × the messages a second`);
  });
  return rates;
}

async function measureBlast(program: Program, recipients: number): Promise<Blast> {
  await addAudience(program, 'bench', recipients);
  const before = await program.seen();
  const began = program.cpu();
  const partsBefore = program.cpuParts();
  const started = performance.now();
  await finished(program, await startCampaign(program, 'bench'), recipients);
  const seconds = (performance.now() - started) / 1000;
  const cpuSeconds = program.cpu() - began;
  const parts = program.cpuParts();
  for (const [name, used] of partsBefore) parts.set(name, (parts.get(name) ?? 0) - used);
  const seen = await program.seen();
  const count = seen.count - before.count;
  if (count !== recipients) throw new Error(`The sink has ${count} mails of ${recipients}`);
  return { seconds, cpuSeconds, parts, octets: Math.round((seen.octets - before.octets) / count) };
}

async function measureYardstick(program: Program, recipients: number, processes: number): Promise<Measured> {
  const file = await saveMail(program);
  const share = String(Math.ceil(recipients / processes));
  const children = Array.from({ length: processes }, () =>
    forkScript('./yardstick.ts', [String(program.sinkPort), share, String(CONNECTIONS), file]),
  );
  await Promise.all(children.map((child) => ask(child)));
  const results = await Promise.all(children.map((child) => ask<Measured>(child, {})));
  for (const child of children) child.disconnect();
  return {
    seconds: Math.max(...results.map((result) => result.seconds)),
    cpuSeconds: results.reduce((sum, result) => sum + result.cpuSeconds, 0),
  };
}

async function bareRsa(): Promise<number> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const header = Buffer.alloc(1_500, 'x');
  return cpuPerMail(1_000, () => sign('sha256', header, privateKey));
}

function report(name: string, { seconds, cpuSeconds: cpu }: Measured, mails: number): void {
  const rate = Math.round(mails / seconds).toLocaleString('en');
  print(
    `${name.padEnd(16)} ${rate.padStart(8)} messages/s   ${((cpu * 1000) / mails).toFixed(3)} CPU-ms per message`,
  );
}
