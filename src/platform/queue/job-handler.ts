import { Logger } from '@nestjs/common';
import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { queues, type QueueName, type QueuePayload } from './queues.js';

/** Marks the one class that serves a queue. `concurrency` is per process. */
export function Handles(queue: QueueName, options: { concurrency: number }): ClassDecorator {
  return Processor({ name: queue }, options);
}

/**
 * Serves one queue. `handle` must be right however often it is called for the same ids: it re-reads the rows.
 * `due` is the sweeper's question: which wake-ups are owed by rows that are due and that nobody seems to work on?
 */
export abstract class JobHandler<Q extends QueueName> extends WorkerHost {
  private readonly inHand = new Set<Promise<void>>();
  protected readonly logger = new Logger(this.constructor.name);

  abstract readonly queue: Q;
  abstract handle(payload: QueuePayload<Q>): Promise<void>;
  abstract due(): Promise<QueuePayload<Q>[]>;

  override async process(job: Job): Promise<void> {
    const work = this.handle(queues[this.queue].parse(job.data) as QueuePayload<Q>);
    this.inHand.add(work);
    await work.finally(() => this.inHand.delete(work));
  }

  /** Takes no job any more and finishes those in hand. @param force without waiting for the queue's own answers */
  async close(force: boolean): Promise<void> {
    await this.worker.close(force);
    await Promise.allSettled(this.inHand);
  }

  @OnWorkerEvent('failed')
  onFailed(_job: Job | undefined, error: Error): void {
    this.logger.error({ err: error }, `A ${this.queue} job failed; the sweeper will wake its rows again`);
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.logger.warn(`The ${this.queue} queue is out of reach: ${error.message}`);
  }
}
