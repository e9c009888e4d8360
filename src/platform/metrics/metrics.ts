import {
  Global,
  Inject,
  Injectable,
  Logger,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { sql } from 'kysely';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import { Database } from '../database/index.js';

const PROCESS_NAME = Symbol('PROCESS_NAME');
const PUBLISH_EVERY_MS = 5_000;

/** The measurements of one process, in the words that the operator's graphs use. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly smtpReplies = new Counter({
    name: 'postrider_smtp_replies_total',
    help: 'Answers to a hand-over, by class: 2xx, 4xx, 5xx, none',
    labelNames: ['stream', 'class'],
    registers: [this.registry],
  });

  readonly handOver = new Histogram({
    name: 'postrider_hand_over_seconds',
    help: 'From the moment a delivery was due to the answer of the relay',
    labelNames: ['stream'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}

/**
 * Every process publishes what it measured in the database, and the API process shows all of them with a `process` label:
 * one address to scrape, however many workers there are on however many machines.
 */
@Injectable()
export class MetricsPublisher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Metrics');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: Database,
    private readonly metrics: Metrics,
    @Inject(PROCESS_NAME) private readonly name: string,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.publish(), PUBLISH_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.publish();
  }

  async publish(): Promise<void> {
    try {
      const metrics = JSON.stringify({ text: await this.metrics.registry.metrics() });
      await sql`
        INSERT INTO process_metrics (process, metrics) VALUES (${this.name}, ${metrics})
        ON CONFLICT (process) DO UPDATE SET metrics = excluded.metrics, updated_at = now()`.execute(this.db);
    } catch (error) {
      this.logger.debug(`not published: ${(error as Error).message}`);
    }
  }
}

@Global()
@Module({})
export class MetricsModule {
  static forRoot(processName: string): DynamicModule {
    return {
      module: MetricsModule,
      providers: [Metrics, MetricsPublisher, { provide: PROCESS_NAME, useValue: processName }],
      exports: [Metrics],
    };
  }
}
