import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * Where a connection is cut: before the body, in it, or after the final dot; a mute one gets no answer for two seconds. One that is
 * held gets its answer when the test says so.
 */
export type Cut = 'before' | 'during' | 'after' | 'mute' | 'hold';

/**
 * An SMTP server whose own record is what the program's counts are compared with: who was taken, and how often.
 */
export class RecordingSmtp {
  /** Bodies that came whole, by recipient: the mail has arrived, whether or not the 250 was seen. */
  readonly taken = new Map<string, number>();
  /** The same by Message-ID. */
  readonly messageIds = new Map<string, number>();
  /** Recipients that there are none of. */
  refuses: (recipient: string) => boolean = () => false;
  private cuts: Cut[] = [];
  private held: (() => void)[] = [];
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;

  constructor(private readonly delayMs: number) {}

  async start(): Promise<void> {
    this.server = createServer((socket) => this.converse(socket)).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}?tls=off`;
  }

  /** Connections at this moment. */
  get open(): number {
    return this.sockets.size;
  }

  get count(): number {
    return [...this.taken.values()].reduce((sum, times) => sum + times, 0);
  }

  /** The next transactions meet these. */
  cutNext(cuts: readonly Cut[]): void {
    this.cuts.push(...cuts);
  }

  /** Mails that have come whole and wait for their answer. */
  get holding(): number {
    return this.held.length;
  }

  /** Answers those, and holds no others. */
  letGo(): void {
    this.cuts = [];
    for (const answer of this.held.splice(0)) answer();
  }

  forget(): void {
    this.taken.clear();
    this.messageIds.clear();
    this.cuts = [];
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server?.close();
    if (this.server) await once(this.server, 'close');
  }

  private converse(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    let buffer = '';
    let recipient = '';
    let inBody = false;
    let cut: Cut | undefined;
    socket.write('220 recording ESMTP\r\n');
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1');
      for (;;) {
        if (socket.destroyed) return;
        if (inBody && cut === 'during' && buffer.length > 500) return void socket.destroy();
        const end = buffer.indexOf(inBody ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + (inBody ? 5 : 2));
        if (inBody) {
          inBody = false;
          count(this.messageIds, /^message-id:\s*<([^>]*)>/im.exec(line)?.[1] ?? '');
          this.take(socket, recipient, cut);
          continue;
        }
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'EHLO') socket.write('250-recording\r\n250-PIPELINING\r\n250 8BITMIME\r\n');
        else if (verb === 'RCPT') {
          recipient = /<([^>]*)>/.exec(line)?.[1] ?? '';
          if (this.refuses(recipient)) recipient = '';
          socket.write(recipient === '' ? '550 5.1.1 No such user\r\n' : '250 Ok\r\n');
        } else if (verb === 'DATA' && recipient === '') socket.write('554 5.5.1 No valid recipients\r\n');
        else if (verb === 'DATA') {
          cut = this.cuts.shift();
          if (cut === 'before') return void socket.destroy();
          inBody = true;
          socket.write('354 go\r\n');
        } else if (verb === 'QUIT') return void socket.end('221 bye\r\n');
        else socket.write('250 Ok\r\n');
      }
    });
  }

  private take(socket: Socket, recipient: string, cut: Cut | undefined): void {
    count(this.taken, recipient);
    if (cut === 'after') return void socket.destroy();
    const answer = () => {
      if (socket.destroyed) return;
      socket.write('250 Ok: queued\r\n');
    };
    // A relay that stops answering keeps the connection until it is cut.
    if (cut === 'mute') setTimeout(() => socket.destroy(), 2_000);
    else if (cut === 'hold') this.held.push(answer);
    else setTimeout(answer, this.delayMs);
  }
}

function count(times: Map<string, number>, key: string): void {
  times.set(key, (times.get(key) ?? 0) + 1);
}
