import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { summarise } from './inbox.summary.js';
import type { InboxStore } from './inbox.types.js';

export interface InboxSmtpOptions {
  store: InboxStore;
  /** 0 or nothing takes a free one. */
  port?: number;
  /** Loopback only: there is neither TLS nor a password. */
  host: '127.0.0.1';
  /** Beyond so many mails, new ones are deferred with 452. */
  maxMessages: number;
  /** The largest mail, in octets; announced by SIZE (RFC 1870). */
  maxBytes: number;
}

export interface InboxSmtp {
  /** `smtp://127.0.0.1:port`, to be used as a relay's address. */
  url: string;
  /** Stops listening and waits a moment for the transactions in hand. */
  close(): Promise<void>;
}

/** Answered to the client as it stands. */
class SmtpRefusal extends Error {
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** Milliseconds. */
const IDLE = 5 * 60_000;
const CLOSING = 2_000;

const logger = new Logger('Inbox');

/**
 * The built-in inbox as a real SMTP server. 250 after the final dot means that the store has committed the mail;
 * where it cannot, the answer is temporary, so that the sender keeps the mail.
 * @throws when the port is taken
 */
export async function startInboxSmtp(options: InboxSmtpOptions): Promise<InboxSmtp> {
  const intake = new Intake(options.store, options.maxMessages, options.maxBytes);
  const server = new SMTPServer({
    name: 'localhost',
    banner: 'Postrider inbox',
    size: options.maxBytes,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    // The library would put its own code in front of ours, and for 452 the wrong one (4.2.2, mailbox full).
    hideENHANCEDSTATUSCODES: true,
    socketTimeout: IDLE,
    closeTimeout: CLOSING,
    onMailFrom: (_address, _session, callback) => void answer(intake.admit(), callback),
    onData: (stream, session, callback) => void answer(intake.take(stream, session), callback),
  });
  server.on('error', (error) => logger.debug(`A connection failed: ${error.message}`));
  server.listen(options.port ?? 0, options.host);
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://${options.host}:${port}`,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

/** Decides about each mail and hands it to the store. */
class Intake {
  private storing = 0;
  private storeFails = false;

  constructor(
    private readonly store: InboxStore,
    private readonly maxMessages: number,
    private readonly maxBytes: number,
  ) {}

  /** At MAIL FROM, so that a full inbox does not have the whole mail sent first; with `places` they are taken at once. */
  async admit(places = 0): Promise<void> {
    const kept = (await this.ask(this.store.count())) + this.storing;
    if (kept < this.maxMessages) {
      this.storing += places;
      return;
    }
    throw new SmtpRefusal(
      452,
      `4.3.1 The inbox is full (${kept} of ${this.maxMessages} messages): empty it at /inbox or raise INBOX_MAX_MESSAGES`,
    );
  }

  async take(stream: SMTPServerDataStream, { envelope }: SMTPServerSession): Promise<string> {
    const raw = await this.read(stream);
    // Asked again: many connections may have been admitted for the last free place.
    await this.admit(1);
    try {
      const mailFrom = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
      const rcptTo = envelope.rcptTo.map(({ address }) => address);
      await this.ask(this.store.add({ mailFrom, rcptTo, ...summarise(raw), raw }));
    } finally {
      this.storing -= 1;
    }
    return '2.6.0 In the inbox';
  }

  /** The whole mail. A client that goes away half-way makes this fail, so that no half mail is kept. */
  private async read(stream: SMTPServerDataStream): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let octets = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      octets += chunk.length;
      if (octets <= this.maxBytes) chunks.push(chunk);
      else chunks.length = 0;
    }
    if (octets > this.maxBytes) {
      throw new SmtpRefusal(
        552,
        `5.3.4 The inbox takes mails of up to ${this.maxBytes} octets; this one has ${octets}`,
      );
    }
    return Buffer.concat(chunks, octets);
  }

  /** What the store answers; where it fails, 451, and the log says so once, not once a mail. */
  private async ask<T>(answer: Promise<T>): Promise<T> {
    try {
      const value = await answer;
      this.storeFails = false;
      return value;
    } catch (error) {
      if (!this.storeFails)
        logger.warn(`Mail is deferred, because it cannot be stored: ${(error as Error).message}`);
      this.storeFails = true;
      throw new SmtpRefusal(
        451,
        '4.3.0 The inbox cannot store mail at the moment: its database does not answer',
      );
    }
  }
}

async function answer(
  work: Promise<string | void>,
  callback: (error?: Error | null, message?: string) => void,
): Promise<void> {
  try {
    callback(null, (await work) ?? undefined);
  } catch (error) {
    callback(
      error instanceof SmtpRefusal ? error : new SmtpRefusal(451, '4.3.0 The mail did not arrive whole'),
    );
  }
}
