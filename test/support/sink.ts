import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface SunkMail {
  readonly from: string;
  readonly to: string;
  readonly raw: Buffer;
}

export interface SinkOptions {
  /** An answer other than 250 for a recipient: `550 5.1.1 No such user`. */
  refuse?: (address: string) => string | undefined;
  /** An answer other than 250 after the final dot. */
  refuseMessage?: (address: string) => string | undefined;
  /** Milliseconds between the final dot and the answer. */
  delayMs?: number;
  port?: number;
}

/** A real SMTP server on loopback that keeps what it gets. */
export class Sink {
  readonly mails: SunkMail[] = [];
  options: SinkOptions;
  private readonly server: SMTPServer;
  private readonly waiting = new Set<() => void>();

  private constructor(options: SinkOptions) {
    this.options = options;
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      hideENHANCEDSTATUSCODES: true,
      closeTimeout: 100,
      onRcptTo: ({ address }, _session, callback) => callback(refusal(this.options.refuse?.(address))),
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const to = session.envelope.rcptTo[0]?.address ?? '';
          const refused = refusal(this.options.refuseMessage?.(to));
          if (!refused)
            this.take({
              from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
              to,
              raw: Buffer.concat(chunks),
            });
          setTimeout(() => callback(refused), this.options.delayMs ?? 0);
        });
      },
    });
    this.server.on('error', () => undefined);
  }

  static async start(options: SinkOptions = {}): Promise<Sink> {
    const sink = new Sink(options);
    sink.server.listen(options.port ?? 0, '127.0.0.1');
    await once(sink.server.server, 'listening');
    return sink;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}?tls=off`;
  }

  to(address: string): SunkMail[] {
    return this.mails.filter((mail) => mail.to === address);
  }

  /** The first mail that fits, as soon as it is there. */
  async mail(fits: (mail: SunkMail) => boolean, timeoutMs = 15_000): Promise<Email & { raw: string }> {
    const found = await this.until(() => this.mails.find(fits), timeoutMs);
    return { ...(await PostalMime.parse(found.raw)), raw: found.raw.toString('utf8') };
  }

  async until<T>(look: () => T | undefined | false, timeoutMs = 15_000): Promise<T> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const value = look();
      if (value !== undefined && value !== false) return value;
      if (Date.now() > end)
        throw new Error(`The sink waited ${timeoutMs} ms in vain; it has ${this.mails.length} mails`);
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, 100);
        this.waiting.add(done);
      });
    }
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private take(mail: SunkMail): void {
    this.mails.push(mail);
    // Each takes itself out of the set.
    for (const done of Array.from(this.waiting)) done();
  }
}

function refusal(reply: string | undefined): (Error & { responseCode: number }) | null {
  if (reply === undefined) return null;
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}
