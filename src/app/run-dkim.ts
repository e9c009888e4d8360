import { NestFactory } from '@nestjs/core';
import { DkimKeys, dkimCommand, DkimModule } from '../modules/delivery/index.js';
import { ConfigModule, type Config } from '../platform/config/index.js';
import { CryptoModule } from '../platform/crypto/index.js';
import { DatabaseModule } from '../platform/database/index.js';
import type { DatabaseHandle } from './embedded-database.js';
import { migrateDatabase } from './migrate.js';

/** `postrider dkim …`. @returns what to print */
export async function runDkim(config: Config, { url }: DatabaseHandle, args: string[]): Promise<string> {
  await migrateDatabase(config, url, () => undefined);
  const imports = [
    ConfigModule.forRoot(config),
    DatabaseModule.forRoot({ url, max: 2, name: 'postrider dkim' }),
    CryptoModule,
    DkimModule,
  ];
  const app = await NestFactory.createApplicationContext(
    { module: class DkimCommand {}, imports },
    { logger: ['error'] },
  );
  try {
    return await dkimCommand(app.get(DkimKeys), args);
  } finally {
    await app.close();
  }
}
