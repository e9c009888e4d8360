import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { JobHandler } from './job-handler.js';
import type { QueueName } from './queues.js';
import { WakeUps } from './wake-ups.js';

const SWEEP_EVERY_MS = 2_000;

/** A queue that would be served by nobody, or twice. Found at start, not at the first lost mail. */
export function assertHandlers(
  served: readonly QueueName[],
  handlers: readonly { queue: QueueName }[],
): void {
  for (const queue of served) {
    const count = handlers.filter((handler) => handler.queue === queue).length;
    if (count !== 1)
      throw new Error(
        `Queue "${queue}" has ${count === 0 ? 'no handler' : `${count} handlers`}, it needs one`,
      );
  }
  const stray = handlers.find((handler) => !served.includes(handler.queue));
  if (stray) throw new Error(`Queue "${stray.queue}" has a handler in a process that does not serve it`);
}

/** Served queues of this process; given by the composition. */
export const SERVED_QUEUES = Symbol('SERVED_QUEUES');

/**
 * A timer in every worker, not a job: it asks each handler which rows are due and wakes the queue for them. Thus a lost
 * job, a queue that was down or a retry time that has come costs two seconds, never a mail.
 */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Sweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private sweep: Promise<void> | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly wakeUps: WakeUps,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sweep ??= this.sweepOnce().finally(() => (this.sweep = undefined));
    }, SWEEP_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.sweep;
  }

  handlers(): JobHandler<QueueName>[] {
    return this.discovery
      .getProviders()
      .map((wrapper) => wrapper.instance as unknown)
      .filter((instance) => instance instanceof JobHandler);
  }

  async sweepOnce(): Promise<void> {
    for (const handler of this.handlers()) {
      try {
        await this.wakeUps.wakeAgain(handler.queue, await handler.due());
      } catch (error) {
        this.logger.warn(`The sweep for ${handler.queue} did not run: ${(error as Error).message}`);
      }
    }
  }
}
