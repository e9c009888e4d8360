import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { addAudience, finished, startCampaign } from './support/campaign.js';
import { milliseconds, percentile, print } from './support/print.js';
import { memoryOf } from './support/processes.js';
import { Program } from './support/program.js';

const SMALL = 10_000;
const LOOKS = 100;

/**
 * A large audience (1,000,000 by default), all of it in one run: how soon the first mail is on the wire and all are frozen; how
 * long the counts take while it runs; what a worker's memory grows to, beside an audience of 10,000.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      recipients: { type: 'string', default: '1000000' },
      /** Stops after the freeze and the counts: the memory wants the whole blast. */
      short: { type: 'boolean', default: false },
    },
  });
  const recipients = Number(values.recipients);
  await Program.with({}, async (program) => {
    await addAudience(program, 'small', SMALL);
    await finished(program, await startCampaign(program, 'small'), SMALL);
    const worker = program.newsWorker();
    const small = memoryOf(worker);
    await addAudience(program, 'large', recipients);

    const before = await program.seen();
    const started = performance.now();
    const id = await startCampaign(program, 'large');
    await until(async () => (await program.seen()).count > before.count);
    print(`first mail on the wire   ${milliseconds(performance.now() - started)} after the call`);
    await until(
      async () => (await program.call('GET', `/v1/campaigns/${id}`)).counts.recipients === recipients,
    );
    print(`all ${recipients.toLocaleString('en')} frozen     ${milliseconds(performance.now() - started)}`);

    const looks: [string, string][] = [
      ['GET /v1/campaigns/:id', `/v1/campaigns/${id}`],
      ['…/deliveries?state=sent', `/v1/campaigns/${id}/deliveries?state=sent&limit=50`],
      ['…/deliveries?state=failed', `/v1/campaigns/${id}/deliveries?state=failed&limit=50`],
    ];
    for (const [name, path] of looks) {
      const times: number[] = [];
      for (let look = 0; look < LOOKS; look += 1) {
        const began = performance.now();
        await program.call('GET', path);
        times.push(performance.now() - began);
      }
      print(
        `${name.padEnd(28)} while it runs   p50 ${milliseconds(percentile(times, 50))}   p99 ${milliseconds(percentile(times, 99))}`,
      );
    }
    const began = performance.now();
    await program.call('GET', `/v1/campaigns/${id}/report`);
    print(`…/report                     while it runs   ${milliseconds(performance.now() - began)}`);
    if (values.short) {
      await program.call('POST', `/v1/campaigns/${id}/cancel`);
      return;
    }
    await finished(program, id, recipients);
    const seconds = (performance.now() - started) / 1000;
    const { count } = await program.seen();
    print(
      `finished in ${Math.round(seconds)} s: ${Math.round(recipients / seconds).toLocaleString('en')} messages/s; ` +
        `the sink has ${(count - before.count).toLocaleString('en')} of them`,
    );
    const large = memoryOf(worker);
    print(
      `the worker's memory: ${Math.round(small.most)} MiB at most after ${SMALL.toLocaleString('en')}, ` +
        `${Math.round(large.most)} MiB after ${recipients.toLocaleString('en')} (now ${Math.round(large.now)})`,
    );
  });
}

async function until(look: () => Promise<boolean>): Promise<void> {
  while (!(await look())) await sleep(20);
}
