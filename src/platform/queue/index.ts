export { Drain } from './drain.js';
export { Handles, JobHandler } from './job-handler.js';
export { QueueModule, type QueueOptions } from './queue.module.js';
export { queueNames, queues, type QueueName, type QueuePayload } from './queues.js';
export { Sweeper } from './sweeper.js';
export { WakeUps } from './wake-ups.js';
