export type { Copy } from './copy.js';
export { Database, type CopyWork, type Executor, type Work } from './database.js';
export { GroupWriter } from './group-writer.js';
export { ensurePartitions, migrate } from './migrate.js';
export { createPool } from './pool.js';
export type { SubscriptionStatus, Tables } from './tables/index.js';
export { DatabaseModule } from './database.module.js';
