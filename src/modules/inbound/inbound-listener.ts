import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { domainToASCII } from 'node:url';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { Config, ConfigError } from '../../platform/config/index.js';
import { Clients, networkOf, type ClientLimits } from './clients.js';
import { InboundMetrics } from './inbound-metrics.js';
import { InboundRoutes } from './inbound-routes.js';
import { Intake } from './intake.service.js';
import { readMail } from './read-mail.js';
import { Room } from './room.js';
import { SmtpRefusal } from './smtp-refusal.js';
import { TlsFiles } from './tls-files.js';

export interface InboundLimits extends ClientLimits {
  /** The largest mail, in octets; announced by SIZE (RFC 1870). */
  readonly maxBytes: number;
  readonly maxRecipients: number;
  /** Connections at once. */
  readonly maxClients: number;
  /** Milliseconds without a sign of the client. RFC 5321 §4.5.3.2.7 asks for five minutes. */
  readonly idleMs: number;
  /** Octets of all mails that are being received at once. */
  readonly heldBytes: number;
}

const MB = 1024 * 1024;
const DEFAULTS: InboundLimits = {
  maxBytes: 20 * MB,
  maxRecipients: 100,
  maxClients: 200,
  perNetwork: 20,
  sessionMs: 30 * 60_000,
  idleMs: 5 * 60_000,
  wrongRecipients: 20,
  heldBytes: 64 * MB,
};

/** Sockets that are told "too many" before they are closed; more than that are closed without a word. */
const POLITE = 50;
const CLOSING_MS = 2_000;
/** RFC 5321 §4.5.3.1.4 asks for 512 octets, and more for the parameters of extensions. */
const COMMAND_OCTETS = 4_096;

/**
 * Receives mail for BOUNCE_DOMAIN over SMTP. It takes what was sent to an address that a route recognises, and nothing else: there
 * is no catch-all, nothing is relayed, and no mail is sent in answer. 250 after the final dot means that the mail is committed.
 */
@Injectable()
export class InboundListener implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Inbound');
  private server: SMTPServer | undefined;
  private tls: TlsFiles | undefined;

  constructor(
    private readonly config: Config,
    private readonly routes: InboundRoutes,
    private readonly intake: Intake,
    private readonly metrics: InboundMetrics,
  ) {}

  /**
   * Begins to listen on INBOUND_SMTP_PORT (0 takes a free one); does nothing where it is not set.
   * @returns the port
   * @throws ConfigError when the port is in use, or the certificate is of no use
   */
  async start(limits: Partial<InboundLimits> = {}): Promise<number | undefined> {
    const { INBOUND_SMTP_PORT, INBOUND_HOST, INBOUND_TLS_CERT, INBOUND_TLS_KEY } = this.config.env;
    if (INBOUND_SMTP_PORT === undefined) return undefined;
    if (INBOUND_TLS_CERT !== undefined && INBOUND_TLS_KEY !== undefined)
      this.tls = new TlsFiles(INBOUND_TLS_CERT, INBOUND_TLS_KEY);
    const server = this.serve({ ...DEFAULTS, ...limits });
    this.tls?.watch((certificate) => server.updateSecureContext({ ...certificate }));
    server.listen(INBOUND_SMTP_PORT, INBOUND_HOST);
    try {
      await once(server.server, 'listening');
    } catch (error) {
      throw new ConfigError(
        `INBOUND_SMTP_PORT: ${INBOUND_SMTP_PORT} on ${INBOUND_HOST} cannot be listened on: ${(error as Error).message}`,
      );
    }
    this.server = server;
    this.metrics.showMails();
    const { port } = server.server.address() as AddressInfo;
    this.logger.log(`Mail for ${this.domain} is received on ${INBOUND_HOST}:${port}`);
    return port;
  }

  /** The mails in hand are finished; no new ones are begun. */
  async beforeApplicationShutdown(): Promise<void> {
    this.tls?.stop();
    const { server } = this;
    if (server) await new Promise<void>((closed) => server.close(() => closed()));
    this.server = undefined;
  }

  private get domain(): string {
    return this.config.env.BOUNCE_DOMAIN ?? '';
  }

  private serve(limits: InboundLimits): SMTPServer {
    const room = new Room(limits.heldBytes);
    const clients = new Clients(limits, (id) =>
      end(server, id, new SmtpRefusal('cut', 421, '4.4.2 This connection took too long')),
    );
    const server = new SMTPServer({
      name: this.domain,
      banner: 'Postrider',
      size: limits.maxBytes,
      maxClients: limits.maxClients,
      maxRecipients: limits.maxRecipients,
      maxCommandLength: COMMAND_OCTETS,
      socketTimeout: limits.idleMs,
      closeTimeout: CLOSING_MS,
      authOptional: true,
      disableReverseLookup: true,
      // The last three are jokes of old sendmail.
      disabledCommands: ['AUTH', 'WIZ', 'SHELL', 'KILL', ...(this.tls ? [] : ['STARTTLS'])],
      ...this.tls?.current,
      onConnect: (session, callback) => void this.answer(callback, async () => clients.open(session)),
      onClose: (session) => clients.close(session),
      onRcptTo: ({ address }, session, callback) =>
        void this.answer(callback, async () => this.admit(address, () => clients.wrongRecipient(session))),
      onData: (stream, session, callback) => {
        const cut = (why: SmtpRefusal) => end(server, session.id, why);
        void this.answer(callback, () =>
          this.take(stream, session, { maxBytes: limits.maxBytes, room, cut }),
        );
      },
    });
    server.server.maxConnections = limits.maxClients + POLITE;
    server.on('error', (error) => this.logger.debug(`A connection failed: ${error.message}`));
    return server;
  }

  /** @throws SmtpRefusal for an address that is not ours or that nobody made; the same words for both kinds of it */
  private admit(address: string, wrong: () => void): void {
    const at = address.lastIndexOf('@');
    // The library writes domains as U-labels.
    if (domainToASCII(address.slice(at + 1)) !== this.domain) {
      wrong();
      throw new SmtpRefusal('domain', 550, '5.7.1 Mail for this domain is not taken here');
    }
    if (!this.routes.of(address.slice(0, at))) {
      wrong();
      throw new SmtpRefusal('address', 550, '5.1.1 There is no such address');
    }
  }

  private async take(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    limits: Parameters<typeof readMail>[1],
  ): Promise<string> {
    const { mailFrom, rcptTo } = session.envelope;
    const recipients = rcptTo.flatMap(({ address }) => {
      const localPart = address.slice(0, address.lastIndexOf('@')).toLowerCase();
      const route = this.routes.of(localPart);
      return route ? [{ localPart, route: route.name }] : [];
    });
    await readMail(stream, limits, (raw) =>
      this.intake.take({
        sender: mailFrom === false ? '' : mailFrom.address,
        recipients,
        network: networkOf(session.remoteAddress),
        raw,
      }),
    );
    return '2.6.0 Received';
  }

  /** Whatever goes wrong, the client gets an answer, and one that lets it try again where the fault may be ours. */
  private async answer(
    callback: (error?: Error | null, message?: string) => void,
    decide: () => Promise<string | void>,
  ): Promise<void> {
    let message: string | void;
    try {
      message = await decide();
    } catch (error) {
      const refusal =
        error instanceof SmtpRefusal
          ? error
          : new SmtpRefusal('cut', 451, '4.3.0 The mail did not arrive whole');
      this.metrics.refuse(refusal.reason);
      callback(refusal);
      return;
    }
    callback(null, message ?? undefined);
  }
}

/** Says why and closes: also in the middle of a mail. */
function end(server: SMTPServer, sessionId: string, { responseCode, message }: SmtpRefusal): void {
  for (const connection of server.connections) {
    if (connection.id !== sessionId) continue;
    connection.send(responseCode, message);
    connection.close();
  }
}
