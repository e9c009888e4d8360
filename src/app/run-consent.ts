import { NestFactory } from '@nestjs/core';
import { LedgerCheck, Policies } from '../modules/consent/index.js';
import { Senders } from '../modules/lists/index.js';
import {
  consentCommand,
  ConsentProofPages,
  policyCommand,
  PolicyPagesModule,
} from '../modules/privacy/index.js';
import { People } from '../modules/subscribers/index.js';
import type { Config } from '../platform/config/index.js';
import { Database } from '../platform/database/index.js';
import { PagesModule } from '../platform/pages/index.js';
import { core } from './core.js';
import type { DatabaseHandle } from './embedded-database.js';
import { migrateDatabase } from './migrate.js';

/** `consent verify | export`. @returns the exit code */
export async function runConsent(
  config: Config,
  { url }: DatabaseHandle,
  args: string[],
  say: (line: string) => void,
): Promise<0 | 1> {
  return withModules(config, url, 'consent', async (get) => {
    // A proof shows the brand, which the first start makes.
    await get(Senders).ensureDefaults(config);
    const tools = {
      db: get(Database),
      check: get(LedgerCheck),
      people: get(People),
      proofs: get(ConsentProofPages),
      say,
    };
    return consentCommand(tools, args);
  });
}

/** `policy publish | list`. @returns what to print */
export async function runPolicy(config: Config, { url }: DatabaseHandle, args: string[]): Promise<string> {
  return withModules(config, url, 'policy', (get) =>
    policyCommand({ policies: get(Policies), db: get(Database), publicUrl: config.publicUrl }, args),
  );
}

type Get = <T>(type: abstract new (...args: never[]) => T) => T;

async function withModules<T>(
  config: Config,
  url: string,
  name: string,
  run: (get: Get) => Promise<T>,
): Promise<T> {
  await migrateDatabase(config, url, () => undefined);
  const imports = [...core({ config, databaseUrl: url, name }, []), PagesModule, PolicyPagesModule];
  const app = await NestFactory.createApplicationContext(
    { module: class ConsentCommand {}, imports },
    { logger: ['error'] },
  );
  try {
    return await run((type) => app.get(type as never, { strict: false }));
  } finally {
    await app.close();
  }
}
