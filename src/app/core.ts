import type { DynamicModule, Type } from '@nestjs/common';
import { ConfigModule, type Config } from '../platform/config/index.js';
import { CryptoModule } from '../platform/crypto/index.js';
import { DatabaseModule } from '../platform/database/index.js';
import { loggingModule } from '../platform/logging/index.js';
import { MetricsModule } from '../platform/metrics/index.js';
import { PersonalDataModule } from '../platform/personal-data/index.js';
import { QueueModule, type QueueName } from '../platform/queue/index.js';

/** How one process of an install is set up. */
export interface ProcessOptions {
  readonly config: Config;
  /** DATABASE_URL, or the embedded PostgreSQL. */
  readonly databaseUrl: string;
  /** Shown in logs, metrics and pg_stat_activity: `api`, `worker orders service`. */
  readonly name: string;
}

/** What every process stands on, whatever it does. @param serves the queues it works on */
export function core(options: ProcessOptions, serves: readonly QueueName[]): (DynamicModule | Type)[] {
  const { config, databaseUrl, name } = options;
  return [
    ConfigModule.forRoot(config),
    loggingModule(config, name),
    DatabaseModule.forRoot({ url: databaseUrl, max: 16, name: `postrider ${name}` }),
    CryptoModule,
    QueueModule.forRoot({ redisUrl: config.env.REDIS_URL, databaseUrl, serves, name: `postrider ${name}` }),
    MetricsModule.forRoot(name),
    PersonalDataModule,
  ];
}
