import { Logger } from '@nestjs/common';
import type { Settlement } from './settlement.js';

const GROUP = 100;
const FLUSH_EVERY_MS = 200;
/** Results that may wait for a database that does not answer; then the lanes stop handing over. */
const MOST_WAITING = 500;
const RETRY_MS = 500;

/**
 * Writes results in groups. While the database is away they wait here and in the journal, and nothing more is handed over:
 * a result is never dropped.
 */
export class Results {
  private readonly logger = new Logger('Delivery');
  private waiting: Settlement[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;

  constructor(private readonly write: (settlements: readonly Settlement[]) => Promise<void>) {}

  add(settlement: Settlement): void {
    this.waiting.push(settlement);
    if (this.waiting.length >= GROUP) this.start();
    else this.timer ??= setTimeout(() => this.start(), FLUSH_EVERY_MS);
  }

  /** Settles when there is room for more. */
  async roomy(): Promise<void> {
    while (this.waiting.length >= MOST_WAITING) {
      this.start();
      await this.writing;
    }
  }

  async flush(): Promise<void> {
    while (this.waiting.length > 0 || this.writing) {
      this.start();
      await this.writing;
    }
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing ??= this.writeAll().finally(() => (this.writing = undefined));
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.waiting.slice(0, MOST_WAITING);
      try {
        await this.write(group);
        this.waiting.splice(0, group.length);
      } catch (error) {
        this.logger.warn(`${group.length} results wait for the database: ${(error as Error).message}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}
