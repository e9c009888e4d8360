import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import { Database } from './database.js';
import { createPool } from './pool.js';

export interface DatabaseOptions {
  url: string;
  max: number;
  name: string;
}

/** Owns the process's pool: opened lazily by the first query, closed after everything else has stopped. */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly db: Database) {}

  static forRoot(options: DatabaseOptions): DynamicModule {
    const logger = new Logger('Database');
    const useFactory = () =>
      new Database(
        createPool({ ...options, onError: (error) => logger.warn(`connection lost: ${error.message}`) }),
      );
    return { module: DatabaseModule, providers: [{ provide: Database, useFactory }], exports: [Database] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.db.destroy();
  }
}
