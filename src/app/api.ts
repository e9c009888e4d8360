import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { InboundListener } from '../modules/inbound/index.js';
import { INBOX_STORE, startInboxSmtp, type InboxStore } from '../modules/inbox/index.js';
import { createHttpApp } from '../platform/http/index.js';
import { NestLogger } from '../platform/logging/index.js';
import { ApiModule } from './api.module.js';
import type { ProcessOptions } from './core.js';
import { listenError } from './listen-error.js';
import { serveDocs } from './openapi.js';
import { errorPages } from './page-kit.js';

/** RFC 1870: what the built-in inbox takes, in octets. */
const INBOX_MAIL_BYTES = 25 * 1024 * 1024;

export interface RunningApi {
  readonly url: string;
  close(): Promise<void>;
}

/** The API without a listening socket: what the OpenAPI document is made of. */
export async function createApi(options: ProcessOptions): Promise<NestFastifyApplication> {
  const app = await createHttpApp(ApiModule.forRoot(options), options.config, errorPages);
  app.useLogger(app.get(NestLogger));
  app.flushLogs();
  serveDocs(app);
  return app;
}

/**
 * Starts the API, the receiving of mail where INBOUND_SMTP_PORT is set and, where a port for it is given, the built-in inbox.
 * @throws ConfigError when a port is in use
 */
export async function startApi(options: ProcessOptions, inboxPort?: number): Promise<RunningApi> {
  const { HOST, PORT, INBOX_MAX_MESSAGES } = options.config.env;
  const app = await createApi(options);
  try {
    await app.listen(PORT, HOST);
  } catch (error) {
    await app.close();
    throw listenError(error, HOST, PORT);
  }
  try {
    await app.get(InboundListener, { strict: false }).start();
  } catch (error) {
    await app.close();
    throw error;
  }
  const inbox =
    inboxPort === undefined
      ? undefined
      : await startInboxSmtp({
          store: app.get<InboxStore>(INBOX_STORE, { strict: false }),
          host: '127.0.0.1',
          port: inboxPort,
          maxMessages: INBOX_MAX_MESSAGES,
          maxBytes: INBOX_MAIL_BYTES,
        });
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    url: `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}`,
    close: async () => {
      await app.close();
      await inbox?.close();
    },
  };
}
