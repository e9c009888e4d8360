import {
  Global,
  Inject,
  Logger,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { BullModule } from '@nestjs/bullmq';
import { createPostgresBackend, setDefaultBackendFactory, type ConnectionOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { createPool } from '../database/index.js';
import { Drain } from './drain.js';
import { queueNames, type QueueName } from './queues.js';
import { assertHandlers, SERVED_QUEUES, Sweeper } from './sweeper.js';
import { WakeUps } from './wake-ups.js';

export interface QueueOptions {
  /** Redis when set, else PostgreSQL. */
  redisUrl: string | undefined;
  databaseUrl: string;
  /** The queues that this process works on; none in the API process. */
  serves: readonly QueueName[];
  name: string;
}

interface Connection {
  readonly client: unknown;
  isUp(): boolean;
  close(): Promise<unknown>;
}

const CONNECTION = Symbol('QUEUE_CONNECTION');

/**
 * BullMQ on PostgreSQL or on Redis; the rest of the program does not know which. On shutdown the order matters: workers
 * finish their jobs, then the queues close, then the connection (closing them together leaves a job that adds a job hanging).
 */
@Global()
@Module({})
export class QueueModule implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly sweeper: Sweeper,
    private readonly wakeUps: WakeUps,
    @Inject(SERVED_QUEUES) private readonly serves: readonly QueueName[],
    @Inject(CONNECTION) private readonly connection: Connection,
  ) {}

  static forRoot(options: QueueOptions): DynamicModule {
    const connection = options.redisUrl === undefined ? onPostgres(options) : onRedis(options.redisUrl);
    return {
      module: QueueModule,
      imports: [
        DiscoveryModule,
        BullModule.forRoot({ connection: connection.client as ConnectionOptions }),
        BullModule.registerQueue(...queueNames.map((name) => ({ name }))),
      ],
      providers: [
        Drain,
        Sweeper,
        WakeUps,
        { provide: SERVED_QUEUES, useValue: options.serves },
        { provide: CONNECTION, useValue: connection },
      ],
      exports: [Drain, WakeUps, Sweeper],
    };
  }

  onModuleInit(): void {
    assertHandlers(this.serves, this.sweeper.handlers());
    for (const name of queueNames) this.wakeUps.queue(name).on('error', () => undefined);
  }

  async beforeApplicationShutdown(): Promise<void> {
    // A worker that says goodbye to a Redis that is away waits for its answer for ever: it is told to just go.
    const force = !this.connection.isUp();
    await Promise.all(this.sweeper.handlers().map((handler) => handler.close(force)));
    await Promise.all(queueNames.map((name) => this.wakeUps.queue(name).close()));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}

/** One pool for all queues of the process. Each worker pins one connection for LISTEN, so there must be more than workers. */
function onPostgres(options: QueueOptions): Connection {
  setDefaultBackendFactory(
    createPostgresBackend as unknown as Parameters<typeof setDefaultBackendFactory>[0],
  );
  const logger = new Logger('Queue');
  const pool = createPool({
    url: options.databaseUrl,
    max: options.serves.length + 6,
    name: `${options.name} queue`,
    searchPath: 'bullmq',
    onError: (error) => logger.warn(`connection lost: ${error.message}`),
  });
  // Each queue and each worker listens to it; Node takes more than ten for a leak.
  pool.setMaxListeners(0);
  return { client: pool, isUp: () => true, close: () => pool.end() };
}

function onRedis(url: string): Connection {
  setDefaultBackendFactory(undefined);
  const logger = new Logger('Queue');
  // BullMQ asks for null: a blocked read must wait for Redis to come back, however long.
  const client = new Redis(url, { maxRetriesPerRequest: null });
  client.on('error', (error: Error) => logger.warn(`Redis is out of reach: ${error.message}`));
  const isUp = (): boolean => client.status === 'ready';
  return {
    client,
    isUp,
    close: async () => {
      if (isUp()) await client.quit().catch(() => undefined);
      client.disconnect();
    },
  };
}
