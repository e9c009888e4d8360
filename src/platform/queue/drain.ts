import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';

/** Tells long-running work that the process is about to end: finish what is in hand, take nothing new. */
@Injectable()
export class Drain implements BeforeApplicationShutdown {
  private readonly controller = new AbortController();

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  beforeApplicationShutdown(): void {
    this.controller.abort();
  }
}
