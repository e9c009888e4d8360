import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { sql } from 'kysely';
import { Retention } from '../modules/privacy/index.js';
import { Database, ensurePartitions } from '../platform/database/index.js';

const HOUR_MS = 3_600_000;
/** The first time soon after the start, so that a worker that is restarted every half hour does it too; not at the very start. */
const FIRST_AFTER_MS = 60_000;

/** Once an hour in every worker: partitions for the months ahead, and away with what has had its time. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Housekeeping.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly db: Database,
    private readonly retention: Retention,
  ) {}

  onApplicationBootstrap(): void {
    this.again(FIRST_AFTER_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    await this.running;
  }

  private again(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.running = this.run().catch((error: Error) =>
        this.logger.warn(`Housekeeping did not end: ${error.message}`),
      );
      this.again(HOUR_MS);
    }, afterMs);
  }

  async run(): Promise<void> {
    await ensurePartitions(this.db);
    await this.db
      .deleteFrom('rate_limits')
      .where('expires_at', '<', sql<Date>`now() - interval '1 hour'`)
      .execute();
    await this.db
      .deleteFrom('process_metrics')
      .where('updated_at', '<', sql<Date>`now() - interval '1 day'`)
      .execute();
    await this.retention.runIfDue();
  }
}
