import { NestFactory } from '@nestjs/core';
import { NestLogger } from '../platform/logging/index.js';
import type { QueueName } from '../platform/queue/index.js';
import type { ProcessOptions } from './core.js';
import { WorkerModule } from './worker.module.js';

export interface RunningWorker {
  /** Finishes what is in hand, gives back the rest. */
  close(): Promise<void>;
}

/** Starts working on the queues; mail leaves through the relay. */
export async function startWorker(
  options: ProcessOptions,
  serves: readonly QueueName[],
  relayUrl: string,
): Promise<RunningWorker> {
  const app = await NestFactory.createApplicationContext(WorkerModule.forQueues(options, serves, relayUrl), {
    bufferLogs: true,
    // A start that fails says why in the error that it throws, not in the lines before it.
    autoFlushLogs: false,
    abortOnError: false,
  });
  app.useLogger(app.get(NestLogger));
  app.flushLogs();
  return { close: () => app.close() };
}
