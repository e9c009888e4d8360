import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { needsSmtpUtf8, parseReply, type SmtpReply, type SmtpStage } from '../../domain/index.js';
import type { Courier, CourierSlot, HandOver, OutgoingMail } from './courier.js';
import type { RelaySettings } from './relay-settings.js';

/** RFC 5321 §4.5.3.2: five minutes for the greeting, ten for the answer to the final dot. */
const GREETING_TIMEOUT_MS = 5 * 60_000;
const SOCKET_TIMEOUT_MS = 10 * 60_000;
const CONNECT_TIMEOUT_MS = 60_000;
/** Kept connections are given back before most servers would drop them. */
const IDLE_MS = 30_000;

interface SmtpError extends Error {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
}

/** Takes mail to one relay over a bounded number of kept connections, each made by nodemailer (TLS, AUTH, dialogue). */
export class SmtpCourier implements Courier {
  readonly relay: string;
  readonly slots: number;
  private free: number;
  private readonly idle: KeptConnection[] = [];
  private readonly waiting: (() => void)[] = [];
  private closed = false;

  constructor(private readonly settings: RelaySettings) {
    this.relay = settings.name;
    this.slots = settings.connections;
    this.free = settings.connections;
  }

  async slot(): Promise<CourierSlot> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    let released = false;
    return {
      send: (mail) => this.send(mail),
      release: () => {
        if (released) return;
        released = true;
        const next = this.waiting.shift();
        if (next) next();
        else this.free += 1;
      },
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const connection of this.idle.splice(0)) connection.quit();
  }

  private async send(mail: OutgoingMail): Promise<HandOver> {
    let connection = this.idle.pop();
    if (connection) {
      const result = await connection.send(mail);
      this.keep(connection);
      // A kept connection may have been dropped while it was idle. Nothing was handed over, so a fresh one may try.
      if (result.kind !== 'unreached') return result;
    }
    connection = new KeptConnection(this.settings, (gone) => this.forget(gone));
    const trouble = await connection.open();
    if (trouble) return trouble;
    const result = await connection.send(mail);
    this.keep(connection);
    return result;
  }

  private keep(connection: KeptConnection): void {
    if (!connection.usable) return connection.quit();
    if (this.closed) return connection.quit();
    this.idle.push(connection);
    connection.quitAfter(IDLE_MS);
  }

  private forget(connection: KeptConnection): void {
    const index = this.idle.indexOf(connection);
    if (index >= 0) this.idle.splice(index, 1);
  }
}

class KeptConnection {
  usable = true;
  private readonly smtp: SMTPConnection;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: RelaySettings,
    onEnd: (connection: KeptConnection) => void,
  ) {
    this.smtp = new SMTPConnection({
      host: settings.host,
      port: settings.port,
      secure: settings.tls === 'implicit',
      requireTLS: settings.tls === 'required',
      ignoreTLS: settings.tls === 'off',
      name: settings.helloName,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: GREETING_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      ...(!settings.verifyCertificate && { tls: { rejectUnauthorized: false } }),
    });
    this.smtp.on('error', () => (this.usable = false));
    this.smtp.once('end', () => {
      this.usable = false;
      clearTimeout(this.idleTimer);
      onEnd(this);
    });
  }

  /** Connects and signs in. The answer is the trouble, if there was any. */
  async open(): Promise<HandOver | undefined> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.smtp.once('error', reject);
        this.smtp.once('end', () => reject(new Error('the relay closed the connection before it greeted')));
        this.smtp.connect((error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      return this.fail(failedConnect(error as SmtpError, 'connect'));
    }
    const { user, password } = this.settings;
    if (user === null) return undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.smtp.login({ user, credentials: { user, pass: password ?? '' } }, (error) =>
          error ? reject(error) : resolve(),
        );
      });
      return undefined;
    } catch (error) {
      return this.fail(failedConnect(error as SmtpError, 'auth'));
    }
  }

  async send(mail: OutgoingMail): Promise<HandOver> {
    clearTimeout(this.idleTimer);
    if (needsSmtpUtf8(mail.to) && !this.offers('SMTPUTF8')) {
      const text = 'The relay does not offer SMTPUTF8, which this address needs (RFC 6531)';
      return { kind: 'refused', stage: 'rcpt', reply: { code: 553, enhanced: '5.6.7', text } };
    }
    let handedOver = false;
    const body = streamOf(mail.raw, () => {
      handedOver = true;
      mail.onHandOver();
    });
    try {
      const info = await new Promise<{ response: string }>((resolve, reject) => {
        const size = mail.raw.length;
        this.smtp.send({ from: mail.from, to: [mail.to], size, use8BitMime: true }, body, (error, result) =>
          error ? reject(error) : resolve(result),
        );
      });
      const reply = parseReply(info.response) ?? { code: 250, enhanced: null, text: info.response };
      return { kind: 'accepted', reply, relayId: queueId(reply.text) };
    } catch (error) {
      const result = failedSend(error as SmtpError, handedOver);
      if (result.kind === 'refused' && result.reply.code !== 421) await this.reset();
      else this.usable = false;
      return result;
    }
  }

  quitAfter(ms: number): void {
    this.idleTimer = setTimeout(() => this.quit(), ms);
    this.idleTimer.unref();
  }

  quit(): void {
    this.usable = false;
    clearTimeout(this.idleTimer);
    this.smtp.quit();
  }

  /** RSET, so that the refused recipient is not in the next mail's envelope. */
  private async reset(): Promise<void> {
    const done = await new Promise<boolean>((resolve) => {
      const onEnd = () => resolve(false);
      this.smtp.once('end', onEnd);
      this.smtp.reset((error) => {
        this.smtp.off('end', onEnd);
        resolve(!error);
      });
    });
    this.usable &&= done;
  }

  private offers(extension: string): boolean {
    return (this.smtp as unknown as { _supportedExtensions: string[] })._supportedExtensions.includes(
      extension,
    );
  }

  private fail(trouble: HandOver): HandOver {
    this.usable = false;
    this.smtp.close();
    return trouble;
  }
}

/** The mail as a stream that says when its last octets are fetched: nodemailer reads it after the server's 354 only. */
function streamOf(raw: Buffer, onLast: () => void): Readable {
  let sent = false;
  return new Readable({
    read() {
      if (sent) return;
      sent = true;
      onLast();
      this.push(raw);
      this.push(null);
    },
  });
}

function replyIn(error: SmtpError): SmtpReply | undefined {
  if (error.responseCode === undefined || typeof error.response !== 'string') return undefined;
  return parseReply(error.response) ?? { code: error.responseCode, enhanced: null, text: error.response };
}

function failedConnect(error: SmtpError, stage: SmtpStage): HandOver {
  const reply = replyIn(error);
  return reply ? { kind: 'refused', reply, stage } : { kind: 'unreached', problem: error.message };
}

function failedSend(error: SmtpError, handedOver: boolean): HandOver {
  const reply = replyIn(error);
  if (reply) return { kind: 'refused', reply, stage: stageOf(error.command) };
  return { kind: handedOver ? 'unknown' : 'unreached', problem: error.message };
}

function stageOf(command: string | undefined): SmtpStage {
  if (command === 'MAIL FROM') return 'mail';
  if (command === 'RCPT TO') return 'rcpt';
  if (command === 'DATA') return 'data';
  return command?.startsWith('AUTH') ? 'auth' : 'connect';
}

/** `250 2.0.0 Ok: queued as 4Xy…` and the forms of other servers: the relay's own name for the mail. */
function queueId(text: string): string | null {
  return (
    /(?:queued(?: mail for delivery)?(?: as)?|\bid=|OK\s+id=)[\s:]*<?([\w.@+/=-]{4,200})>?/i.exec(
      text,
    )?.[1] ?? null
  );
}
