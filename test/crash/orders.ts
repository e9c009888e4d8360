import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/engine.js';
import { childrenOf } from '../support/processes.js';
import { Program } from '../support/program.js';
import { startRedis } from '../support/redis.js';
import { Clients } from './orders-clients.js';
import { committed, isSettled, type Committed } from './orders-committed.js';
import { judge, type Verdict } from './orders-judge.js';
import { isRefused, STRIPE_SECRET, storiesOf } from './orders-plan.js';
import { RecordingSmtp } from './recording-smtp.js';

export interface OrdersOptions {
  /** 100, or a multiple of it. */
  readonly mails: number;
  readonly clients: number;
  readonly redis: boolean;
}

export interface OrdersRound extends Verdict {
  readonly events: number;
  readonly posts: number;
  /** Calls that got no answer and were made again. */
  readonly unanswered: number;
  /** Calls that got a 503, as from a machine that is much too busy. */
  readonly putOff: number;
  /** Connections to the relay that were open at the kills of the worker. */
  readonly onWire: number;
  readonly seconds: number;
}

const CONNECTIONS = 5;
const DOMAIN = 'shop.example';
const PATIENCE_MS = 180_000;

/** A shop's events, each posted three times by many clients, while the API and the workers are killed twice each. */
export async function crashOrders({
  mails,
  clients: count,
  redis: withRedis,
}: OrdersOptions): Promise<OrdersRound> {
  const smtp = new RecordingSmtp(4);
  smtp.refuses = isRefused;
  await smtp.start();
  const redis = withRedis ? await startRedis() : undefined;
  const program = await Program.start({
    SMTP_URL: smtp.url,
    SMTP_CONNECTIONS: String(CONNECTIONS),
    MAIL_FROM: `Shop <shop@${DOMAIN}>`,
    ALERT_EMAIL: `ops@${DOMAIN}`,
    STRIPE_WEBHOOK_SECRET: STRIPE_SECRET,
    LOG_LEVEL: 'error',
    ...(redis && { REDIS_URL: redis.url }),
  });
  try {
    const began = Date.now();
    const clients = new Clients(program, storiesOf(mails));
    const [, onWire] = await Promise.all([
      clients.run(count),
      killWorkers(program, smtp, clients, mails),
      killApi(program, clients),
    ]);
    const told = ({ alerts }: Committed) =>
      alerts.every(({ toldIn }) => toldIn === null || smtp.messageIds.has(`${toldIn}@${DOMAIN}`));
    const found = await eventually(async () => {
      const now = await committed(program);
      return isSettled(now) && told(now) && now;
    }, PATIENCE_MS).catch(() => committed(program));
    const verdict = judge(clients, found, smtp, onWire);
    const seconds = (Date.now() - began) / 1000;
    if (verdict.alertMails > 1 + seconds / 60)
      verdict.problems.push(
        `${verdict.alertMails} mails to the operator in ${seconds} s, more than one a minute`,
      );
    // What the program itself said about it.
    if (verdict.problems.length > 0) verdict.problems.push(program.output.slice(-3_000));
    const { posts, unanswered, putOff, steps } = clients;
    return {
      ...verdict,
      events: steps.length,
      posts,
      unanswered,
      putOff,
      onWire,
      seconds,
    };
  } finally {
    await program.remove();
    await redis?.stop();
    await smtp.stop();
  }
}

const between = (least: number, most: number): number => least + Math.random() * (most - least);

/** Once at any moment, and once with a mail on each connection whose answer does not come. @returns connections open at the kills */
async function killWorkers(
  program: Program,
  smtp: RecordingSmtp,
  clients: Clients,
  mails: number,
): Promise<number> {
  // The other one watches for alerts too.
  const killBoth = () => kill([...program.workers('orders'), ...program.workers('news')]);
  const arrived = (part: number) => eventually(async () => smtp.messageIds.size >= mails * part, PATIENCE_MS);
  await arrived(between(0.05, 0.3));
  const first = smtp.open;
  killBoth();
  await arrived(between(0.4, 0.6));
  // What was lost at the first kill has gone out again: twice lost, a mail would wait for twenty minutes.
  await eventually(
    async () => (await committed(program)).rows.every(({ lost, state }) => lost === 0 || state === 'sent'),
    PATIENCE_MS,
  );
  smtp.cutNext(Array.from({ length: CONNECTIONS }, () => 'hold'));
  clients.beginLate();
  await eventually(async () => smtp.holding > 0, PATIENCE_MS);
  await sleep(100);
  const second = smtp.open;
  killBoth();
  smtp.letGo();
  return first + second;
}

async function killApi(program: Program, clients: Clients): Promise<void> {
  for (const part of [between(0.1, 0.35), between(0.45, 0.8)]) {
    await eventually(async () => clients.answers.length >= clients.posts * part, PATIENCE_MS);
    kill(
      await eventually(async () => {
        const pids = childrenOf(program.pid, 'api');
        return pids.length > 0 && pids;
      }),
    );
  }
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}
