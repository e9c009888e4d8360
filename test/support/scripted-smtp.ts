import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type SmtpMoment = 'greeting' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'body' | 'RSET' | 'QUIT';

/** What the server does at a moment: an answer, or `drop` for a connection that ends without one. */
export type Script = (moment: SmtpMoment, line: string) => string | undefined;

const usual: Record<SmtpMoment, string> = {
  greeting: '220 scripted ESMTP',
  EHLO: '250 scripted',
  MAIL: '250 2.1.0 Ok',
  RCPT: '250 2.1.5 Ok',
  DATA: '354 End data with <CR><LF>.<CR><LF>',
  body: '250 2.0.0 Ok: queued as SCRIPTED',
  RSET: '250 2.0.0 Ok',
  QUIT: '221 2.0.0 Bye',
};

/** An SMTP server that does what the test says at each moment of the dialogue; where it says nothing, all is well. */
export class ScriptedSmtp {
  readonly bodies: string[] = [];
  private constructor(
    private readonly server: Server,
    private readonly sockets: Set<Socket>,
  ) {}

  static async start(script: Script): Promise<ScriptedSmtp> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
      converse(socket, script, smtp.bodies);
    }).listen(0, '127.0.0.1');
    const smtp = new ScriptedSmtp(server, sockets);
    await once(server, 'listening');
    return smtp;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}?tls=off`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

function converse(socket: Socket, script: Script, bodies: string[]): void {
  let buffer = '';
  let inBody = false;
  const answer = (moment: SmtpMoment, line: string): boolean => {
    const reply = script(moment, line) ?? usual[moment];
    if (reply === 'drop') {
      socket.destroy();
      return false;
    }
    socket.write(`${reply}\r\n`);
    return reply.startsWith('3');
  };
  answer('greeting', '');
  socket.on('data', (chunk) => {
    buffer += chunk.toString('latin1');
    for (;;) {
      const end = inBody ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n');
      if (end < 0 || socket.destroyed) return;
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + (inBody ? 5 : 2));
      if (inBody) {
        inBody = false;
        bodies.push(line);
        answer('body', line);
      } else {
        const verb = line.slice(0, 4).toUpperCase();
        const moment = verb === 'HELO' ? 'EHLO' : (verb as SmtpMoment);
        inBody = answer(moment, line) && moment === 'DATA';
      }
    }
  });
}
