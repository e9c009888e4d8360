import { Module, type DynamicModule } from '@nestjs/common';
import type { Stream } from '../../../domain/index.js';
import { Config } from '../../../platform/config/index.js';
import { Database } from '../../../platform/database/index.js';
import { Quotas } from '../quotas/quotas.js';
import { ConnectionLeasesRepository } from './connection-leases.repository.js';
import { RelayPool } from './relay-pool.js';
import { RelaysModule } from './relays.module.js';
import { RelaysRepository } from './relays.repository.js';
import { Relays } from './relays.service.js';

/** What a worker process needs of relays: the pool and the quotas. */
@Module({})
export class RelayEngineModule {
  /**
   * @param defaultUrl  SMTP_URL, or the built-in inbox
   * @param streams     what the process sends
   */
  static forWorker(defaultUrl: string, streams: readonly Stream[]): DynamicModule {
    return {
      module: RelayEngineModule,
      imports: [RelaysModule],
      providers: [
        { provide: Quotas, inject: [Database], useFactory: (db: Database) => new Quotas(db) },
        {
          provide: RelayPool,
          inject: [Config, Relays, RelaysRepository, ConnectionLeasesRepository, Quotas],
          useFactory: (
            { env, publicUrl }: Config,
            relays: Relays,
            repository: RelaysRepository,
            leases: ConnectionLeasesRepository,
            quotas: Quotas,
          ) =>
            new RelayPool(relays, repository, leases, quotas, {
              defaultUrl,
              streams,
              connections: env.SMTP_CONNECTIONS,
              helloName: new URL(publicUrl).hostname,
            }),
        },
      ],
      exports: [Quotas, RelayPool, RelaysModule],
    };
  }
}
