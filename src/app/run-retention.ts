import { NestFactory } from '@nestjs/core';
import { Retention, retentionCommand } from '../modules/privacy/index.js';
import type { Config } from '../platform/config/index.js';
import { core } from './core.js';
import type { DatabaseHandle } from './embedded-database.js';
import { HoldersModule } from './holders.module.js';
import { migrateDatabase } from './migrate.js';
import { UsageError } from './usage-error.js';

/** `postrider retention [--dry-run]`. @returns what to print */
export async function runRetention(config: Config, { url }: DatabaseHandle, args: string[]): Promise<string> {
  const unknown = args.find((arg) => arg !== '--dry-run');
  if (unknown !== undefined) throw new UsageError(`retention knows --dry-run, and no "${unknown}"`);
  await migrateDatabase(config, url, () => undefined);
  const imports = [...core({ config, databaseUrl: url, name: 'retention' }, []), HoldersModule];
  const app = await NestFactory.createApplicationContext(
    { module: class RetentionCommand {}, imports },
    { logger: ['error'] },
  );
  try {
    return await retentionCommand(app.get(Retention, { strict: false }), args.includes('--dry-run'));
  } finally {
    await app.close();
  }
}
