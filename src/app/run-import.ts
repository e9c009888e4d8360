import { NestFactory } from '@nestjs/core';
import {
  exportCommand,
  importCommand,
  ImportRun,
  Imports,
  SubscribersExport,
} from '../modules/imports/index.js';
import type { Config } from '../platform/config/index.js';
import { Database } from '../platform/database/index.js';
import { ApiError } from '../platform/http/index.js';
import { core } from './core.js';
import type { DatabaseHandle } from './embedded-database.js';
import { HoldersModule } from './holders.module.js';
import { migrateDatabase } from './migrate.js';
import { UsageError } from './usage-error.js';

type Get = <T>(type: new (...args: never[]) => T) => T;

/** `import FILE --list …`. @returns the exit code */
export async function runImport(
  config: Config,
  { url }: DatabaseHandle,
  args: string[],
  say: (line: string) => void,
): Promise<0 | 1> {
  return withModules(config, url, 'import', (get) =>
    importCommand({ db: get(Database), imports: get(Imports), run: get(ImportRun), say }, args),
  );
}

/** `export [--list …] [FILE]`. */
export async function runExport(config: Config, { url }: DatabaseHandle, args: string[]): Promise<void> {
  await withModules(config, url, 'export', (get) =>
    exportCommand(get(SubscribersExport), args, process.stdout),
  );
}

async function withModules<T>(
  config: Config,
  url: string,
  name: string,
  work: (get: Get) => Promise<T>,
): Promise<T> {
  await migrateDatabase(config, url, () => undefined);
  const imports = [...core({ config, databaseUrl: url, name }, []), HoldersModule];
  const app = await NestFactory.createApplicationContext(
    { module: class ImportCommand {}, imports },
    { logger: ['error'] },
  );
  try {
    return await work((type) => app.get(type as never, { strict: false }));
  } catch (error) {
    // What the API would answer, and a file that is not there, are for the person at the terminal.
    if (error instanceof ApiError || (error as { code?: string }).code === 'ENOENT')
      throw new UsageError((error as Error).message);
    throw error;
  } finally {
    await app.close();
  }
}
