/** A process that posts webhooks at a steady rate, whatever the answers: `hook-load.ts PORT PATH RATE SECONDS AUTHORIZATION`. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [port = '', path = '', rate = '', seconds = '', authorization = ''] = process.argv.slice(2);

export interface HookLoad {
  readonly sent: number;
  /** How many answers had which status. */
  readonly statuses: Record<string, number>;
  /** The same of those with a wrong password, which are not among the others. */
  readonly forged: Record<string, number>;
  /** Answers that tell to come back, and not when. */
  readonly endless: number;
  /** From writing a request to reading its answer, in milliseconds, by status; a sample. */
  readonly waits: Record<string, number[]>;
}

const CONNECTIONS = 100;
const TICK_MS = 10;
/** One of so many has a wrong password. */
const FORGED_EVERY = 20;
const FORGED = `Basic ${Buffer.from('bench:another-password').toString('base64')}`;
/** Requests that wait on one connection: behind them whoever posts would have given up. */
const MOST_WAITING = 50;

let sent = 0;
const statuses: Record<string, number> = {};
const forged: Record<string, number> = {};
let endless = 0;
const waits: Record<string, number[]> = {};

/** Requests follow each other without waiting (RFC 9112 §9.3.2): Node's own client takes more than a core for this. */
class Line {
  private readonly waiting: { readonly at: number; readonly isForged: boolean }[] = [];
  private rest = '';

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (data: string) => this.read(data));
  }

  static async open(): Promise<Line> {
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    return new Line(socket.setNoDelay());
  }

  get hasRoom(): boolean {
    return this.waiting.length < MOST_WAITING;
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 || this.socket.destroyed;
  }

  post(body: string, isForged: boolean): void {
    this.waiting.push({ at: performance.now(), isForged });
    const credentials = isForged ? FORGED : authorization;
    this.socket.write(
      `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAuthorization: ${credentials}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  }

  private read(data: string): void {
    let text = this.rest + data;
    for (;;) {
      const head = text.indexOf('\r\n\r\n') + 4;
      const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, head))?.[1]);
      // An answer may be cut in two.
      if (head < 4 || text.length < head + length) break;
      this.count(text.slice(0, head));
      text = text.slice(head + length);
    }
    this.rest = text;
  }

  private count(head: string): void {
    const { at, isForged } = this.waiting.shift()!;
    const status = head.slice(9, 12);
    const of = isForged ? forged : statuses;
    of[status] = (of[status] ?? 0) + 1;
    if (/^(?:429|503)$/.test(status) && !/^retry-after: \d/im.test(head)) endless += 1;
    if (!isForged && of[status] % 10 === 0) (waits[status] ??= []).push(performance.now() - at);
  }
}

const lines = await Promise.all(Array.from({ length: CONNECTIONS }, () => Line.open()));
const start = performance.now();
const total = Number(rate) * Number(seconds);
while (performance.now() - start < Number(seconds) * 1000) {
  const due = Math.min(total, ((performance.now() - start) / 1000) * Number(rate));
  for (let tries = 0; sent < due && tries < CONNECTIONS * MOST_WAITING; tries += 1) {
    const line = lines[tries % CONNECTIONS];
    if (line?.hasRoom) line.post(event((sent += 1)), sent % FORGED_EVERY === 0);
  }
  await sleep(TICK_MS);
}
for (let tries = 0; tries < 2_000 && lines.some(({ isIdle }) => !isIdle); tries += 1) await sleep(10);
process.send?.({ sent, statuses, forged, endless, waits } satisfies HookLoad);

function event(number: number): string {
  return JSON.stringify({
    RecordType: 'Bounce',
    Type: 'HardBounce',
    ID: number,
    MessageID: `883953f4-6105-42a2-a16a-${String(number).padStart(12, '0')}`,
    Email: `person-${number}@example.com`,
    Details: 'smtp;550 5.1.1 The email account that you tried to reach does not exist',
    Description: 'The server was unable to deliver your message (ex: unknown user, mailbox not found).',
    BouncedAt: '2026-11-22T13:28:10.2735393Z',
    DumpAvailable: true,
    Inactive: true,
    CanActivate: true,
    Subject: 'News from the shop',
    From: 'news@bench.example',
    MessageStream: 'outbound',
  });
}
