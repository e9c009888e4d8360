import { parseArgs } from 'node:util';
import { createTransport } from 'nodemailer';
import type { Courier } from '../src/modules/delivery/courier.js';
import { PipelinedCourier } from '../src/modules/delivery/smtp/pipelined-courier.js';
import { readRelay } from '../src/modules/delivery/smtp/relay-settings.js';
import { ask, forkScript } from './support/processes.js';

const LINE =
  '<td style="padding:0 24px;font-family:Arial,sans-serif;font-size:16px;line-height:24px">News</td>\r\n';
const HEADERS =
  'From: news@bench.example\r\nTo: reader@example.com\r\nSubject: Bench\r\nMIME-Version: 1.0\r\n';
const MAIL_OCTETS = 9 * 1024;
const WARM_UP = 2_000;

/** Sends so many mails with as much at once as it has connections. */
type Sender = (mails: number) => Promise<void>;

/** Finished bytes over SMTP and nothing else: our transport beside nodemailer's pool, into the same sink. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      mails: { type: 'string', default: '20000' },
      connections: { type: 'string', default: '1,5' },
      only: { type: 'string', default: '' },
    },
  });
  const mails = Number(values.mails);
  const sink = forkScript('./sink.ts');
  const { port } = await ask<{ port: number }>(sink);
  const raw = mail();
  for (const connections of values.connections.split(',').map(Number)) {
    print(`${mails} mails of ${raw.length} octets, ${connections} connection(s)`);
    const relay = readRelay(`smtp://127.0.0.1:${port}?tls=off`, { connections, helloName: 'bench.example' });
    const senders: [string, Sender][] = [
      ['PipelinedCourier', overCourier(new PipelinedCourier(relay), raw)],
      ['nodemailer pool', overPool(port, connections, raw)],
    ];
    for (const [name, send] of senders.filter(([name]) => name.includes(values.only))) {
      await send(WARM_UP);
      await measure(name, send, mails);
    }
  }
  sink.disconnect();
}

async function measure(name: string, send: Sender, mails: number): Promise<void> {
  const began = process.cpuUsage();
  const started = performance.now();
  await send(mails);
  const { user, system } = process.cpuUsage(began);
  const rate = Math.round((mails * 1000) / (performance.now() - started)).toLocaleString('en');
  const [all, ours] = [user + system, user].map((micros) => (micros / 1000 / mails).toFixed(3));
  print(
    `${name.padEnd(18)} ${rate.padStart(8)} messages/s   ${all} CPU-ms per message (${ours} outside the kernel)`,
  );
}

function overCourier(courier: Courier, raw: Buffer): Sender {
  return async (mails) => {
    let next = 0;
    let taken = 0;
    const nextMail = () =>
      next < mails
        ? {
            from: 'news@bench.example',
            to: `reader-${next++}@example.com`,
            raw,
            onHandOver: () => (taken += 1),
          }
        : undefined;
    const lane = async () => {
      const slot = await courier.slot();
      let mail = nextMail();
      while (mail) {
        const following = nextMail();
        const result = await slot.send(mail, following);
        if (result.kind !== 'accepted') throw new Error(`${courier.relay}: ${JSON.stringify(result)}`);
        mail = following;
      }
      slot.release();
    };
    await Promise.all(Array.from({ length: courier.slots }, lane));
    if (taken !== mails) throw new Error(`${mails} mails, ${taken} handed over`);
  };
}

function overPool(port: number, maxConnections: number, raw: Buffer): Sender {
  const host = '127.0.0.1';
  const pool = createTransport({
    pool: true,
    host,
    port,
    ignoreTLS: true,
    maxConnections,
    maxMessages: Infinity,
  });
  return async (mails) => {
    let next = 0;
    const lane = async () => {
      while (next < mails) {
        const to = `reader-${next++}@example.com`;
        await pool.sendMail({ envelope: { from: 'news@bench.example', to }, raw });
      }
    };
    // The pool fetches the next mail only when one is done: twice as many wait as there are connections.
    await Promise.all(Array.from({ length: maxConnections * 2 }, lane));
  };
}

function mail(): Buffer {
  const head = `${HEADERS}Content-Type: text/html; charset=utf-8\r\n\r\n`;
  return Buffer.from(head + LINE.repeat(Math.ceil((MAIL_OCTETS - head.length) / LINE.length)));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
