import { ConfigError, type Config } from '../platform/config/index.js';
import { createPool, migrate } from '../platform/database/index.js';

/**
 * Brings the database to this version; safe while others do the same.
 * @param log one line when something was applied
 * @throws ConfigError when there is no connection to be had
 */
export async function migrateDatabase(
  config: Config,
  url: string,
  log: (line: string) => void,
): Promise<void> {
  const pool = createPool({ url, max: 2, name: 'postrider migrate', onError: () => undefined });
  try {
    await assertReachable(pool);
    const { applied, newer } = await migrate(pool, { queue: config.env.REDIS_URL === undefined });
    if (applied.length > 0) log(`Database migrated: ${applied.join(', ')}`);
    if (newer.length > 0) log(`The database is of a newer version of Postrider (${newer.join(', ')})`);
  } finally {
    await pool.end();
  }
}

async function assertReachable(pool: ReturnType<typeof createPool>): Promise<void> {
  try {
    (await pool.connect()).release();
  } catch (error) {
    // "localhost" is several addresses; that none answers is an error without a message.
    const { message, code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`DATABASE_URL: no connection to the database (${message || code})`);
  }
}
