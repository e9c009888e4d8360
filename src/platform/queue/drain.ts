import { setTimeout } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';

/** Tells long-running work that the process is about to end: finish what is in hand, take nothing new. */
@Injectable()
export class Drain implements BeforeApplicationShutdown {
  private readonly controller = new AbortController();

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Waits, but not beyond the end. @returns false when the end has come */
  async sleep(ms: number): Promise<boolean> {
    await setTimeout(ms, undefined, { signal: this.signal }).catch(() => undefined);
    return !this.signal.aborted;
  }

  beforeApplicationShutdown(): void {
    this.controller.abort();
  }
}
