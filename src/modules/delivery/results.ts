import { Injectable, Logger } from '@nestjs/common';
import { RecordRepository, type Result } from './record.repository.js';
import type { Settlement } from './settlement.js';

/** A statement has its price whatever its size: groups of 15 cost four times as much a row as groups of 200. */
const GROUP = 200;
const FLUSH_EVERY_MS = 200;
/** Results that may wait for a database that does not answer; then the lanes stop handing over. */
const MOST_WAITING = 1_000;
const RETRY_MS = 500;

/**
 * Writes the results of all claims of this process in groups. While the database is away they wait here and in the journal,
 * and nothing more is handed over: a result is never dropped.
 */
@Injectable()
export class Results {
  private readonly logger = new Logger('Delivery');
  private waiting: Result[] = [];
  private readonly claims = new Map<string, Outstanding>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private urgent = false;

  constructor(private readonly records: RecordRepository) {}

  add(claim: { bucket: string; token: string }, settlement: Settlement): void {
    this.waiting.push({ bucket: claim.bucket, token: claim.token, settlement });
    const outstanding = this.claims.get(claim.token);
    if (outstanding) outstanding.results += 1;
    else this.claims.set(claim.token, { results: 1, whenDone: [] });
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

  /**
   * Settles when the database has every result of a claim.
   * @param now whether somebody waits for it; otherwise the group is filled first, or its time ends
   */
  recorded(token: string, now: boolean): Promise<void> {
    const outstanding = this.claims.get(token);
    if (!outstanding) return Promise.resolve();
    if (now) {
      this.urgent = true;
      this.start();
    }
    return new Promise((resolve) => outstanding.whenDone.push(resolve));
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
      if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.start(), FLUSH_EVERY_MS);
    });
  }

  /** What waits at the start, and then as long as there are full groups or somebody waits for one. */
  private async writeAll(): Promise<void> {
    do {
      this.urgent = false;
      const group = this.nextGroup();
      try {
        await this.records.record(group);
        this.done(group);
      } catch (error) {
        this.logger.warn(`${group.length} results wait for the database: ${(error as Error).message}`);
        this.urgent = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    } while (this.waiting.length >= GROUP || (this.urgent && this.waiting.length > 0));
  }

  /** Those that wait first; one month at a time, because a month is a partition. */
  private nextGroup(): Result[] {
    const bucket = this.waiting[0]?.bucket;
    const other = this.waiting.findIndex((result) => result.bucket !== bucket);
    return this.waiting.slice(0, Math.min(MOST_WAITING, other < 0 ? Infinity : other));
  }

  private done(group: readonly Result[]): void {
    this.waiting.splice(0, group.length);
    for (const { token } of group) {
      const outstanding = this.claims.get(token);
      if (!outstanding || (outstanding.results -= 1) > 0) continue;
      this.claims.delete(token);
      for (const resolve of outstanding.whenDone) resolve();
    }
  }
}

interface Outstanding {
  results: number;
  readonly whenDone: (() => void)[];
}
