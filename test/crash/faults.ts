import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { childrenOf } from '../support/processes.js';
import type { Program } from '../support/program.js';
import type { TestRedis } from '../support/redis.js';
import type { RecordingSmtp } from './recording-smtp.js';

export interface Scene {
  readonly program: Program;
  readonly smtp: RecordingSmtp;
  readonly redis: TestRedis | undefined;
  /** Connections of the news worker to the relay. */
  readonly connections: number;
  /** Deliveries that a worker may have claimed at one time. */
  readonly claimed: number;
}

export interface Fault {
  readonly name: string;
  /** Whether it makes sense without Redis. */
  readonly needsRedis?: boolean;
  strike(scene: Scene): Promise<void>;
  /** The most deliveries that may end as unknown. */
  unknownAtMost(scene: Scene): number;
}

const kill = (pids: readonly number[]): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
};

/** PostgreSQL's first process, which takes the others with it. */
async function postmaster({ dataDir }: Program): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

const openConnections = ({ connections }: Scene): number => connections;

/** Every way in which a blast is disturbed; each round draws one. */
export const faults: readonly Fault[] = [
  {
    name: 'kill -9 of the news worker',
    strike: async ({ program }) => kill(program.workers('news')),
    unknownAtMost: openConnections,
  },
  {
    name: 'kill -9 of every worker',
    strike: async ({ program }) => kill([...program.workers('news'), ...program.workers('orders')]),
    unknownAtMost: openConnections,
  },
  {
    name: 'kill -9 of the API',
    strike: async ({ program }) => kill(childrenOf(program.pid, 'api')),
    unknownAtMost: () => 0,
  },
  {
    name: 'kill -9 of everything, then a new start',
    strike: async ({ program }) => {
      kill([...program.workers('news'), ...program.workers('orders'), ...childrenOf(program.pid, 'api')]);
      await program.kill();
      await program.run();
    },
    unknownAtMost: openConnections,
  },
  {
    name: 'kill -9 of PostgreSQL',
    strike: async ({ program }) => kill([await postmaster(program)]),
    unknownAtMost: () => 0,
  },
  {
    name: 'kill -9 of Redis',
    needsRedis: true,
    strike: async ({ redis }) => redis?.crash(),
    unknownAtMost: () => 0,
  },
  {
    name: 'connections cut before, during and after the final dot',
    strike: async ({ smtp }) =>
      smtp.cutNext(['before', 'after', 'during', 'before', 'during', 'after', 'after']),
    // Cut during the body the octets may still have arrived: nobody on this side can tell.
    unknownAtMost: () => 5,
  },
  {
    name: 'a relay that stops answering',
    strike: async ({ smtp }) => smtp.cutNext(['mute', 'mute', 'mute', 'mute', 'mute']),
    unknownAtMost: openConnections,
  },
  {
    name: 'the relay goes away and comes back',
    strike: async ({ smtp }) => {
      await smtp.stop();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await smtp.start();
    },
    unknownAtMost: openConnections,
  },
  {
    name: 'kill -9 of the news worker, and its journal deleted',
    strike: async ({ program }) => {
      const pids = program.workers('news');
      // Stopped first, so that no other worker reads the journal before it is gone.
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await rm(join(program.dataDir, 'journal'), { recursive: true, force: true });
      kill(pids);
    },
    unknownAtMost: ({ claimed }) => claimed,
  },
];
