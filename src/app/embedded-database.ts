import { startEmbeddedPostgres, type EmbeddedPostgres } from '../platform/embedded-postgres/index.js';
import type { Config } from '../platform/config/index.js';

export interface DatabaseHandle {
  readonly url: string;
  stop(): Promise<void>;
}

const WATCH_EVERY_MS = 3_000;

/** DATABASE_URL, which is not ours to stop, or the embedded PostgreSQL in DATA_DIR. */
export async function openDatabase(config: Config, log: (line: string) => void): Promise<DatabaseHandle> {
  const { DATABASE_URL } = config.env;
  if (DATABASE_URL !== undefined) return { url: DATABASE_URL, stop: async () => undefined };
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
  // The last process that uses the server stops it: a command beside a running `start` leaves it alone.
  return { url: postgres.url, stop: () => postgres.stop() };
}

/** The same for `start`, which owns the server whoever began it, and starts it again when it ends by itself. */
export async function keepDatabase(config: Config, log: (line: string) => void): Promise<DatabaseHandle> {
  if (config.env.DATABASE_URL !== undefined) return openDatabase(config, log);
  let postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
  let stopped = false;
  let watching = true;
  let checking: Promise<void> | undefined;
  const check = async (): Promise<void> => {
    const current: EmbeddedPostgres = await startEmbeddedPostgres({
      dataDir: config.dataDir,
      // Each look finds the server "adopted": of that only the end is worth a line.
      log: (line) => (watching ? undefined : log(line)),
    });
    if (!current.adopted) log('PostgreSQL had ended and was started again');
    postgres = current;
  };
  const timer = setInterval(() => {
    checking ??= check()
      .catch((error: Error) => log(error.message))
      .finally(() => (checking = undefined));
  }, WATCH_EVERY_MS);
  return {
    url: postgres.url,
    stop: async () => {
      if (stopped) return;
      stopped = true;
      clearInterval(timer);
      await checking;
      watching = false;
      await postgres.stop();
    },
  };
}
