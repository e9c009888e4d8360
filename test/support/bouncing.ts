import { eventually } from './engine.js';
import type { BouncingTo, MailServer } from './mail-servers.js';
import { freePort } from './ports.js';
import { Program } from './program.js';

/** The whole program behind a real mail server whose bounces come back to it. */
export class Bouncing {
  private constructor(
    readonly server: MailServer,
    readonly program: Program,
  ) {}

  static async start(startServer: (bounces: BouncingTo) => Promise<MailServer>): Promise<Bouncing> {
    const [domain, port] = ['bounces.shop.example', await freePort()];
    const server = await startServer({ domain, port });
    try {
      const program = await Program.start({
        SMTP_URL: server.url,
        MAIL_FROM: 'Shop <news@shop.example>',
        BOUNCE_DOMAIN: domain,
        INBOUND_SMTP_PORT: String(port),
      });
      return new Bouncing(server, program);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Sends one mail. @returns its id */
  async send(to: string): Promise<string> {
    const answer = await this.program.call('POST', '/v1/emails', { to, subject: 'Hello', text: 'Hello' });
    if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
    return answer.body.id as string;
  }

  /** What became of it, as soon as its outcome is this. */
  async outcome(id: string, outcome: string) {
    const look = async () => {
      const { body } = await this.program.call('GET', `/v1/emails/${id}`);
      const [recipient] = body.deliveries ?? [];
      return recipient?.outcome === outcome && recipient;
    };
    return eventually(look, 45_000).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.server.log()}\n${this.program.output}`);
    });
  }

  /** What is held against an address. */
  async score(address: string) {
    return (await this.program.call('POST', '/v1/suppressions/scores', { address })).body;
  }

  async stop(): Promise<void> {
    await this.program.remove();
    await this.server.stop();
  }
}
