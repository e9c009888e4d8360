import { Injectable, Logger } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { jobId, queues, type QueueName, type QueuePayload } from './queues.js';
import { within } from './within.js';

/** A request that has committed its rows waits no longer than this for the queue before it answers. */
const PATIENCE_MS = 2_000;
/** On PostgreSQL one `add` takes 1.1 ms, `addBulk` of one 6 ms (and of hundreds about 0.1 ms each). */
const FEW = 8;
const SWEEP_WINDOW_MS = 5_000;

@Injectable()
export class WakeUps {
  private readonly logger = new Logger(WakeUps.name);

  /**
   * Queues that still owe the answer to an addition. Nothing is added behind it: commands to a Redis that is down wait in memory,
   * and no request should wait its two seconds for a queue that is known to be away.
   */
  private readonly awaited = new Set<QueueName>();

  constructor(private readonly modules: ModuleRef) {}

  /** Wakes the workers of a queue. Call it after the commit. Never throws: the sweeper makes up for a queue that is down. */
  async wake<Q extends QueueName>(queue: Q, ...payloads: QueuePayload<Q>[]): Promise<void> {
    await this.addAll(queue, payloads, '');
  }

  /**
   * The sweeper's wake-up. Its jobs have ids of their own for every five seconds: a job whose worker was killed stays "active"
   * in the queue for up to a minute, and the same id would be taken for it (measured: a blast stood still for 60 s).
   */
  async wakeAgain<Q extends QueueName>(queue: Q, payloads: readonly QueuePayload<Q>[]): Promise<void> {
    await this.addAll(queue, payloads, `_${Math.floor(Date.now() / SWEEP_WINDOW_MS)}`);
  }

  private async addAll<Q extends QueueName>(
    queue: Q,
    payloads: readonly QueuePayload<Q>[],
    suffix: string,
  ): Promise<void> {
    if (payloads.length === 0 || this.awaited.has(queue)) return;
    const jobs = payloads.map((payload) => {
      const data = queues[queue].parse(payload);
      return {
        name: queue,
        data,
        opts: { jobId: jobId(data) + suffix, removeOnComplete: true, removeOnFail: true },
      };
    });
    const added = this.add(queue, jobs);
    try {
      await within(PATIENCE_MS, added);
    } catch (error) {
      this.waitFor(queue, added);
      this.logger.warn(
        `The ${queue} queue took no wake-up (${(error as Error).message}); the sweeper will find the rows`,
      );
    }
  }

  private waitFor(queue: QueueName, added: Promise<unknown>): void {
    this.awaited.add(queue);
    const settled = () => void this.awaited.delete(queue);
    added.then(settled, settled);
  }

  private async add(queue: QueueName, jobs: Parameters<Queue['addBulk']>[0]): Promise<unknown> {
    if (jobs.length > FEW) return this.queue(queue).addBulk(jobs);
    return Promise.all(jobs.map(({ name, data, opts }) => this.queue(queue).add(name, data, opts)));
  }

  queue(name: QueueName): Queue {
    return this.modules.get<Queue>(getQueueToken(name), { strict: false });
  }
}
