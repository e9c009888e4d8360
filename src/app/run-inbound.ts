import { NestFactory } from '@nestjs/core';
import { inboundCommand, InboundRepository } from '../modules/inbound/index.js';
import type { Config } from '../platform/config/index.js';
import { DatabaseModule } from '../platform/database/index.js';
import type { DatabaseHandle } from './embedded-database.js';
import { migrateDatabase } from './migrate.js';

/** `postrider inbound …`. @returns what to print */
export async function runInbound(config: Config, { url }: DatabaseHandle, args: string[]): Promise<string> {
  await migrateDatabase(config, url, () => undefined);
  const app = await NestFactory.createApplicationContext(
    {
      module: class InboundCommand {},
      imports: [DatabaseModule.forRoot({ url, max: 2, name: 'postrider inbound' })],
      providers: [InboundRepository],
    },
    { logger: ['error'] },
  );
  try {
    return await inboundCommand(app.get(InboundRepository), args);
  } finally {
    await app.close();
  }
}
