import type { Config } from '../platform/config/index.js';
import { startApi } from './api.js';
import type { DatabaseHandle } from './embedded-database.js';
import { inboxPort } from './inbox-port.js';
import { drain } from './lifetime.js';
import { migrateDatabase } from './migrate.js';

/** The API until it is asked to stop. */
export async function runApi(config: Config, { url }: DatabaseHandle, asked: Promise<void>): Promise<void> {
  await migrateDatabase(config, url, () => undefined);
  const api = await startApi({ config, databaseUrl: url, name: 'api' }, inboxPort());
  process.send?.({ url: api.url });
  await asked;
  await drain(() => api.close());
}
