import type { Config } from '../platform/config/index.js';
import { createPool, migrate } from '../platform/database/index.js';

/** Brings the database to this version; safe while others do the same. @param log one line when something was applied */
export async function migrateDatabase(
  config: Config,
  url: string,
  log: (line: string) => void,
): Promise<void> {
  const pool = createPool({ url, max: 2, name: 'postrider migrate', onError: () => undefined });
  try {
    const { applied } = await migrate(pool, { queue: config.env.REDIS_URL === undefined });
    if (applied.length > 0) log(`Database migrated: ${applied.join(', ')}`);
  } finally {
    await pool.end();
  }
}
