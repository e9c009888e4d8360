import { NestFactory } from '@nestjs/core';
import { AccessModule, ApiKeys, keysCommand } from '../modules/access/index.js';
import { ConfigModule, type Config } from '../platform/config/index.js';
import { CryptoModule, KeyRing } from '../platform/crypto/index.js';
import { Database, DatabaseModule } from '../platform/database/index.js';
import type { DatabaseHandle } from './embedded-database.js';
import { migrateDatabase } from './migrate.js';
import { rotateCommand } from './rotate-command.js';

/** `key create | list | revoke` for API keys, `key rotate` for the keys of this install. @returns what to print */
export async function runKey(config: Config, { url }: DatabaseHandle, args: string[]): Promise<string> {
  await migrateDatabase(config, url, () => undefined);
  const rotates = args[0] === 'rotate';
  const imports = [
    ConfigModule.forRoot(config),
    DatabaseModule.forRoot({ url, max: 2, name: 'postrider key' }),
    // The keys of the install are opened only by the command that needs them.
    rotates ? CryptoModule : AccessModule,
  ];
  const app = await NestFactory.createApplicationContext(
    { module: class KeyCommand {}, imports },
    { logger: ['error'] },
  );
  try {
    return rotates
      ? await rotateCommand(app.get(KeyRing), args.slice(1))
      : await keysCommand(app.get(ApiKeys), app.get(Database), args);
  } finally {
    await app.close();
  }
}
