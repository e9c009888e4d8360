import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { addAudience, startCampaign } from './support/campaign.js';
import { milliseconds, percentile, print } from './support/print.js';
import { Program } from './support/program.js';

const EVERY_MS = 100;

/**
 * From the 202 of an order event to the end of its mail on the wire: on an idle machine, then during a blast; both signed. A
 * customer orders every 100 ms, whatever became of the one before.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      orders: { type: 'string', default: '200' },
      recipients: { type: 'string', default: '200000' },
      unsigned: { type: 'boolean', default: false },
    },
  });
  const orders = Number(values.orders);
  await Program.with({ signed: !values.unsigned }, async (program) => {
    await addAudience(program, 'bench', Number(values.recipients));
    report('idle', await measure(program, 'idle', orders));
    const campaign = await startCampaign(program, 'bench');
    await sleep(2_000);
    const before = await program.seen();
    report('during a blast', await measure(program, 'busy', orders));
    const { counts } = await program.call('GET', `/v1/campaigns/${campaign}`);
    const news = (await program.seen()).count - before.count - orders;
    const rate = Math.round(news / ((orders * EVERY_MS) / 1000)).toLocaleString('en');
    print(`the blast meanwhile: ${rate} messages/s, ${counts.queued} of ${counts.recipients} still waiting`);
    if (counts.queued === 0) throw new Error('The blast was over too soon: give it more --recipients');
    await program.call('POST', `/v1/campaigns/${campaign}/cancel`);
  });
}

async function measure(program: Program, name: string, orders: number): Promise<number[]> {
  const accepted = new Map<string, number>();
  const order = async (number: number): Promise<void> => {
    const email = `order-${name}-${number}@example.com`;
    await program.call('POST', '/v1/order-events', orderPlaced(`${name}-${number}`, email));
    accepted.set(email, performance.timeOrigin + performance.now());
  };
  const calls: Promise<void>[] = [];
  for (let number = 0; number < orders; number += 1) {
    calls.push(order(number));
    await sleep(EVERY_MS);
  }
  await Promise.all(calls);
  for (let tries = 0; tries < 100; tries += 1) {
    const { orders: seen } = await program.seen();
    const times = [...accepted].map(([email, at]) => (seen[email] ?? Number.NaN) - at);
    if (!times.some(Number.isNaN)) return times;
    await sleep(200);
  }
  throw new Error('Not all order mails reached the sink');
}

function orderPlaced(id: string, email: string): object {
  return {
    id,
    type: 'order.placed',
    occurredAt: new Date().toISOString(),
    order: {
      id,
      number: id,
      currency: 'EUR',
      items: [{ name: 'Linen notebook', quantity: 2, unitPrice: '14.50', total: '29.00' }],
      shipping: '4.90',
      total: '33.90',
    },
    customer: { email, name: 'Ada' },
  };
}

/** A mail that was on the wire before the answer was read counts as 0. */
function report(name: string, times: readonly number[]): void {
  const waits = times.map((time) => Math.max(0, time));
  const at = (percent: number): string => milliseconds(percentile(waits, percent));
  print(
    `${name.padEnd(16)} ${waits.length} orders   p50 ${at(50)}   p95 ${at(95)}   p99 ${at(99)}   most ${at(100)}`,
  );
}
