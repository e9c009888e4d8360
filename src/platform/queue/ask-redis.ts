import { Redis } from 'ioredis';

interface RedisState {
  readonly version: string | null;
  /** What it does when its memory is full: anything but `noeviction` loses jobs. */
  readonly evictionPolicy: string | null;
}

/**
 * Asks a Redis how it is.
 * @param ms how long it may take to connect, and to answer
 * @throws when there is no answer
 */
export async function askRedis(url: string, ms: number): Promise<RedisState> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: ms,
    commandTimeout: ms,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    // Where there was no connection ioredis waits for its end all the same, 2 s by default, and the process with it.
    disconnectTimeout: 100,
  });
  let problem: Error | undefined;
  client.on('error', (error: Error) => (problem = error));
  try {
    await client.connect();
    const info = await client.info();
    const field = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? null;
    return { version: field('redis_version'), evictionPolicy: field('maxmemory_policy') };
  } catch (error) {
    // "Connection is closed" says less than what closed it.
    throw problem ?? error;
  } finally {
    client.disconnect();
  }
}
