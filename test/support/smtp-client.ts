import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';

/** An SMTP client that says exactly what the test says. */
export class SmtpClient {
  private replies: AsyncIterator<string>;

  private constructor(public socket: Socket) {
    this.replies = linesOf(socket);
  }

  /** @returns after the greeting, which is the first of `heard` */
  static async open(port: number, localAddress = '127.0.0.1'): Promise<SmtpClient> {
    const client = new SmtpClient(connect({ port, host: '127.0.0.1', localAddress }));
    client.socket.on('error', () => undefined);
    await once(client.socket, 'connect');
    client.heard.push(await client.reply());
    return client;
  }

  /** All answers that were waited for, each by its last line. */
  readonly heard: string[] = [];

  /** The last line of the next reply; empty when the server has closed. */
  async reply(): Promise<string> {
    for (;;) {
      const { value, done } = await this.replies.next();
      if (done) return '';
      if (!/^\d{3}-/.test(value)) return value;
    }
  }

  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`);
    const reply = await this.reply();
    this.heard.push(reply);
    return reply;
  }

  /** All lines of the answer to EHLO. */
  async hello(): Promise<string[]> {
    this.socket.write('EHLO test.example\r\n');
    const lines: string[] = [];
    for (;;) {
      const { value } = await this.replies.next();
      lines.push(value);
      if (!/^\d{3}-/.test(value)) return lines;
    }
  }

  /** STARTTLS and the handshake, trusting this certificate. */
  async secure(ca: string): Promise<void> {
    await this.say('STARTTLS');
    const socket = connectTls({ socket: this.socket, ca, servername: 'localhost' });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    this.socket = socket;
    this.replies = linesOf(socket);
  }

  /** A whole mail. @returns the answer to the first thing that was refused, or to the final dot */
  async mail(to: string | string[], raw: string | Buffer, from = 'someone@example.com'): Promise<string> {
    for (const line of [`MAIL FROM:<${from}>`, ...[to].flat().map((one) => `RCPT TO:<${one}>`), 'DATA']) {
      const reply = await this.say(line);
      if (!/^[23]/.test(reply)) return reply;
    }
    this.socket.write(raw);
    return this.say('\r\n.');
  }

  close(): void {
    this.socket.destroy();
  }
}

function linesOf(socket: Socket): AsyncIterator<string> {
  return createInterface({ input: socket })[Symbol.asyncIterator]();
}
