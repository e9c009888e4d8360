import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { Certificate } from './certificate.js';

/** `part` is every packet of a body that does not end it. */
export type SmtpMoment =
  | 'greeting'
  | 'EHLO'
  | 'STARTTLS'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'part'
  | 'body'
  | 'RSET'
  | 'QUIT';

/** What the server does at a moment: an answer, `drop` for a connection that ends without one, `silence` for one that does not. */
export type Script = (moment: SmtpMoment, line: string) => string | undefined;

export interface ScriptedOptions {
  /** What EHLO offers: `PIPELINING`, `SIZE 1000`. */
  offers?: readonly string[];
  /** How answers leave: each by itself, those to one packet together, or octet by octet. */
  pace?: 'each' | 'together' | 'octets';
  /** For STARTTLS. */
  certificate?: Certificate;
}

const usual: Record<SmtpMoment, string> = {
  greeting: '220 scripted ESMTP',
  EHLO: '250 scripted',
  STARTTLS: '220 2.0.0 Ready to start TLS',
  AUTH: '235 2.7.0 Ok',
  MAIL: '250 2.1.0 Ok',
  RCPT: '250 2.1.5 Ok',
  DATA: '354 End data with <CR><LF>.<CR><LF>',
  part: 'silence',
  body: '250 2.0.0 Ok: queued as SCRIPTED',
  RSET: '250 2.0.0 Ok',
  QUIT: '221 2.0.0 Bye',
};

/** An SMTP server that does what the test says at each moment of the dialogue; where it says nothing, all is well. */
export class ScriptedSmtp {
  readonly bodies: string[] = [];
  /** What clients said outside bodies, each line once, and `TLS` where TLS began. */
  readonly commands: string[] = [];
  /** What came at once, as far as the network keeps it together. */
  readonly packets: string[] = [];
  connections = 0;

  private constructor(
    private readonly server: Server,
    private readonly sockets: Set<Socket>,
  ) {}

  static async start(script: Script, options: ScriptedOptions = {}): Promise<ScriptedSmtp> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      smtp.connections += 1;
      sockets.add(socket.setNoDelay(true));
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
      new Conversation(socket, script, options, smtp).begin();
    }).listen(0, '127.0.0.1');
    const smtp = new ScriptedSmtp(server, sockets);
    await once(server, 'listening');
    return smtp;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}?tls=off`;
  }

  get open(): number {
    return this.sockets.size;
  }

  /** A line that nobody asked for, to every client. */
  say(line: string): void {
    for (const socket of this.sockets) socket.write(`${line}\r\n`);
  }

  /** Ends every connection as it is. */
  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.hangUp();
    this.server.close();
    await once(this.server, 'close');
  }
}

class Conversation {
  private buffer = '';
  private inBody = false;
  private over = false;
  private outbox = '';
  private sending = Promise.resolve();

  constructor(
    private readonly socket: Socket,
    private readonly script: Script,
    private readonly options: ScriptedOptions,
    private readonly smtp: ScriptedSmtp,
  ) {}

  begin(): void {
    this.answer('greeting', '');
    this.flush();
    this.listen();
  }

  private listen(): void {
    this.socket.on('data', (chunk: Buffer) => {
      const packet = chunk.toString('latin1');
      this.smtp.packets.push(packet);
      this.buffer += packet;
      while (!this.over && this.step());
      this.flush();
    });
  }

  /** Takes one line or one body off the buffer; false when there is none. */
  private step(): boolean {
    // A dot at once ends a body without a line.
    const empty = this.inBody && this.buffer.startsWith('.\r\n');
    const end = this.inBody && !empty ? this.buffer.indexOf('\r\n.\r\n') : this.buffer.indexOf('\r\n');
    if (end < 0) {
      if (this.inBody && this.buffer !== '') this.answer('part', this.buffer);
      return false;
    }
    const line = empty ? '' : this.buffer.slice(0, end);
    this.buffer = this.buffer.slice(empty ? 3 : end + (this.inBody ? 5 : 2));
    if (this.inBody) {
      this.inBody = false;
      this.smtp.bodies.push(line);
      this.answer('body', line);
      return true;
    }
    this.smtp.commands.push(line);
    const verb = line.split(' ')[0]?.toUpperCase() ?? '';
    const moment = verb === 'HELO' ? 'EHLO' : (verb as SmtpMoment);
    const reply = this.answer(moment, line);
    this.inBody = moment === 'DATA' && reply.startsWith('3');
    if (moment !== 'STARTTLS' || !reply.startsWith('2')) return true;
    this.startTls();
    return false;
  }

  private answer(moment: SmtpMoment, line: string): string {
    const reply = this.script(moment, line) ?? this.usually(moment);
    if (reply !== 'drop' && reply !== 'silence') this.outbox += `${reply}\r\n`;
    if (this.options.pace !== 'together') this.flush();
    if (reply === 'drop') this.end('destroy');
    // RFC 2920 §3.2: answers come in the order of what is answered. One that says nothing to a body is still busy with it.
    if (reply === 'silence' && moment === 'body') this.over = true;
    // RFC 5321 §3.8: a server that says 421 closes.
    if (/^(421|221)/m.test(reply)) this.end('end');
    return reply;
  }

  private usually(moment: SmtpMoment): string {
    const { offers = [] } = this.options;
    if (moment !== 'EHLO' || offers.length === 0) return usual[moment];
    return ['scripted', ...offers]
      .map((line, index) => `250${index < offers.length ? '-' : ' '}${line}`)
      .join('\r\n');
  }

  private flush(): void {
    const text = this.outbox;
    this.outbox = '';
    if (text === '') return;
    if (this.options.pace === 'octets') this.sending = this.sending.then(() => this.octetByOctet(text));
    else this.socket.write(text);
  }

  private async octetByOctet(text: string): Promise<void> {
    for (const octet of text) {
      if (this.socket.destroyed) return;
      this.socket.write(octet, 'latin1');
      await setImmediate();
    }
  }

  private end(how: 'end' | 'destroy'): void {
    this.over = true;
    this.flush();
    if (this.options.pace === 'octets') void this.sending.then(() => this.socket[how]());
    else this.socket[how]();
  }

  private startTls(): void {
    this.flush();
    this.socket.removeAllListeners('data');
    const { certificate } = this.options;
    if (!certificate) throw new Error('This scripted server has no certificate for STARTTLS');
    const secured = new TLSSocket(this.socket, { isServer: true, ...certificate });
    secured.on('error', () => undefined);
    secured.once('secure', () => this.smtp.commands.push('TLS'));
    new Conversation(secured, this.script, this.options, this.smtp).listen();
  }
}
