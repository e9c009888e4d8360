import { NestFactory } from '@nestjs/core';
import { AccessModule, ApiKeys, keysCommand } from '../modules/access/index.js';
import { ConfigModule, type Config } from '../platform/config/index.js';
import { DatabaseModule } from '../platform/database/index.js';
import type { DatabaseHandle } from './embedded-database.js';
import { migrateDatabase } from './migrate.js';

/** `key create | list | revoke`. @returns what to print */
export async function runKey(config: Config, { url }: DatabaseHandle, args: string[]): Promise<string> {
  await migrateDatabase(config, url, () => undefined);
  const imports = [
    ConfigModule.forRoot(config),
    DatabaseModule.forRoot({ url, max: 2, name: 'postrider key' }),
    AccessModule,
  ];
  const app = await NestFactory.createApplicationContext(
    { module: class KeyCommand {}, imports },
    { logger: ['error'] },
  );
  try {
    return await keysCommand(app.get(ApiKeys), args);
  } finally {
    await app.close();
  }
}
