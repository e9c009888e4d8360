import { NestFactory } from '@nestjs/core';
import { mailEventsCommand, ProviderRequestsRepository } from '../modules/bounces/index.js';
import type { Config } from '../platform/config/index.js';
import { DatabaseModule } from '../platform/database/index.js';
import type { DatabaseHandle } from './embedded-database.js';
import { migrateDatabase } from './migrate.js';

/** `postrider mail-events …`. @returns what to print */
export async function runMailEvents(
  config: Config,
  { url }: DatabaseHandle,
  args: string[],
): Promise<string> {
  await migrateDatabase(config, url, () => undefined);
  const app = await NestFactory.createApplicationContext(
    {
      module: class MailEventsCommand {},
      imports: [DatabaseModule.forRoot({ url, max: 2, name: 'postrider mail-events' })],
      providers: [ProviderRequestsRepository],
    },
    { logger: ['error'] },
  );
  try {
    return await mailEventsCommand(app.get(ProviderRequestsRepository), args);
  } finally {
    await app.close();
  }
}
