import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Webhook } from 'standardwebhooks';
import { core } from '../../src/app/core.js';
import { EventDetailsReader } from '../../src/app/event-details.js';
import { WebhooksProcessor, WebhooksSendingModule } from '../../src/modules/webhooks/index.js';
import { loadConfig } from '../../src/platform/config/index.js';

export interface ReceivedWebhook {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly raw: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- what a payload holds is what a test is there to find out
  readonly body: any;
  readonly at: number;
}

/** A real HTTP server that keeps what it is sent and answers as a test says. */
export class Receiver {
  readonly received: ReceivedWebhook[] = [];
  /** What it does with a request that it has read; 204 unless set. */
  answer: (response: ServerResponse, request: IncomingMessage, webhook: ReceivedWebhook) => void = (
    response,
  ) => void response.writeHead(204).end();
  /** The most requests that were on their way at one time. */
  most = 0;
  connections = 0;
  private busy = 0;

  private constructor(private readonly server: Server) {
    server.on('connection', () => (this.connections += 1));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.busy += 1;
      this.most = Math.max(this.most, this.busy);
      response.on('close', () => (this.busy -= 1));
      let raw = '';
      request.on('data', (part) => (raw += String(part)));
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        const id = headers['webhook-id'] ?? '';
        const webhook = { id, headers, raw, body: JSON.parse(raw), at: Date.now() };
        this.received.push(webhook);
        this.answer(response, request, webhook);
      });
    });
  }

  static async start(): Promise<Receiver> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Receiver(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  get types(): string[] {
    return this.received.map(({ body }) => body.type as string);
  }

  /** Answers every request with this status. */
  says(status: number, headers: Record<string, string> = {}, body = ''): void {
    this.answer = (response) => void response.writeHead(status, headers).end(body);
  }

  /** Whether the package `standardwebhooks` takes it. @throws when not */
  verify({ raw, headers }: ReceivedWebhook, secret: string): void {
    new Webhook(secret).verify(raw, headers);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** A worker that serves the queue `webhooks` of an API under test. */
export async function startWebhookWorker(
  shared: { readonly databaseUrl: string; readonly dataDir: string },
  environment: Record<string, string> = {},
): Promise<INestApplicationContext> {
  const config = loadConfig({ DATA_DIR: shared.dataDir, LOG_LEVEL: 'silent', ...environment }, '/dev/null');
  return NestFactory.createApplicationContext(
    {
      module: class WebhookWorkerUnderTest {},
      imports: [
        ...core({ config, databaseUrl: shared.databaseUrl, name: 'test webhooks' }, ['webhooks']),
        WebhooksSendingModule.withDetails(EventDetailsReader),
      ],
      providers: [WebhooksProcessor],
    },
    { logger: false, abortOnError: false },
  );
}
