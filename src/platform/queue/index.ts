export { Drain } from './drain.js';
export { Handles, JobHandler } from './job-handler.js';
export { QueueModule } from './queue.module.js';
export { queueNames, type QueueName, type QueuePayload } from './queues.js';
export { WakeUps } from './wake-ups.js';
export { askRedis } from './ask-redis.js';
export { within } from './within.js';
