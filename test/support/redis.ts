import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './ports.js';

export interface TestRedis {
  readonly url: string;
  /** kill -9, and an empty Redis on the same port a second later: every job is lost. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** Why tests on Redis cannot run here, or undefined when they can. */
export function whyNoRedis(): string | undefined {
  return spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'redis-server is not installed';
}

/** A Redis of this test's own that keeps nothing. @param wanted its port; a free one when left out */
export async function startRedis(wanted?: number): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'postrider-redis-'));
  const port = wanted ?? (await freePort());
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir];
  const run = () => spawn('redis-server', args, { stdio: 'ignore' });
  let server = run();
  const url = `redis://127.0.0.1:${port}`;
  const answers = async () => {
    const probe = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: 100 });
    probe.on('error', () => undefined);
    await probe.ping();
    probe.disconnect();
  };
  const end = async (signal: NodeJS.Signals) => {
    const gone = once(server, 'exit');
    server.kill(signal);
    await gone;
  };
  await answers();
  return {
    url,
    crash: async () => {
      await end('SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      server = run();
      await answers();
    },
    stop: async () => {
      await end('SIGTERM');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
