import { NestFactory } from '@nestjs/core';
import { Relays } from '../modules/delivery/index.js';
import {
  diagnosisJson,
  diagnosisText,
  Doctor,
  DoctorModule,
  exitCodeOf,
  findingsOf,
  readDoctorArguments,
  type Diagnosis,
} from '../modules/doctor/index.js';
import { Senders } from '../modules/lists/index.js';
import { ConfigError, ConfigModule, type Config } from '../platform/config/index.js';
import { CryptoModule } from '../platform/crypto/index.js';
import { DatabaseModule } from '../platform/database/index.js';
import type { DatabaseHandle } from './embedded-database.js';
import { migrateDatabase } from './migrate.js';

/** `postrider doctor [--json] [DOMAIN…]`. @returns the exit code: 1 where anything fails */
export async function runDoctor(
  config: Config,
  { url }: DatabaseHandle,
  args: string[],
  say: (line: string) => void,
): Promise<0 | 1> {
  const { json, domains } = readDoctorArguments(args);
  const diagnosis = await examine(config, url, domains).catch(withoutDatabase);
  say(json ? diagnosisJson(diagnosis) : diagnosisText(diagnosis));
  return exitCodeOf(diagnosis);
}

async function examine(config: Config, url: string, domains: readonly string[]): Promise<Diagnosis> {
  await migrateDatabase(config, url, () => undefined);
  const imports = [
    ConfigModule.forRoot(config),
    DatabaseModule.forRoot({ url, max: 4, name: 'postrider doctor' }),
    CryptoModule,
    DoctorModule,
  ];
  const app = await NestFactory.createApplicationContext(
    { module: class DoctorCommand {}, imports },
    { logger: ['error'], abortOnError: false },
  );
  try {
    // As every start does: what the environment says of sender and relay holds.
    await app.get(Senders, { strict: false }).ensureDefaults(config);
    const { SMTP_URL } = config.env;
    if (SMTP_URL !== undefined) await app.get(Relays, { strict: false }).ensureDefault(SMTP_URL);
    return await app.get(Doctor).examine(domains);
  } finally {
    await app.close();
  }
}

/** Without a database, or with the wrong key for it, nothing else can be looked at. */
function withoutDatabase(error: unknown): Diagnosis {
  if (!(error instanceof ConfigError)) throw error;
  const finding = findingsOf('database', null).failure(
    error.message,
    'Start the database, or correct the setting that is named.',
  );
  return { findings: [finding], oneClick: null };
}
