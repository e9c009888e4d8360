import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { INBOX_STORE, startInboxSmtp } from '../../src/modules/inbox/index.js';
import { InboxController } from '../../src/modules/inbox/inbox.controller.js';
import { ConfigModule, loadConfig } from '../../src/platform/config/index.js';
import { PagesModule } from '../../src/platform/pages/index.js';
import { MemoryInbox } from './memory-inbox.js';

export interface InboxApp {
  url: string;
  smtpUrl: string;
  store: MemoryInbox;
  close(): Promise<void>;
}

/** The pages of the inbox and its SMTP side over a store in memory, on free ports. */
export async function startInboxApp(environment: Record<string, string> = {}): Promise<InboxApp> {
  const store = new MemoryInbox();
  const config = loadConfig({ PORT: '0', ...environment }, '/dev/null');

  @Module({
    imports: [ConfigModule.forRoot(config), PagesModule],
    controllers: [InboxController],
    providers: [{ provide: INBOX_STORE, useValue: store }],
  })
  class InboxAppModule {}

  const adapter = new FastifyAdapter({ trustProxy: config.trustProxy });
  const app = await NestFactory.create<NestFastifyApplication>(InboxAppModule, adapter, {
    logger: ['error'],
  });
  await app.listen(0, '127.0.0.1');
  const smtp = await startInboxSmtp({
    store,
    host: '127.0.0.1',
    maxMessages: 1000,
    maxBytes: 25 * 1024 * 1024,
  });
  return {
    url: await app.getUrl(),
    smtpUrl: smtp.url,
    store,
    close: async () => {
      await smtp.close();
      await app.close();
    },
  };
}
