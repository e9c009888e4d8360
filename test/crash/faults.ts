import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/engine.js';
import { childrenOf } from '../support/processes.js';
import type { Program } from '../support/program.js';
import type { TestRedis } from '../support/redis.js';
import type { RecordingSmtp } from './recording-smtp.js';
import type { SmallDisk } from './small-disk.js';

export interface Scene {
  readonly program: Program;
  readonly smtp: RecordingSmtp;
  readonly redis: TestRedis | undefined;
  /** Under the journal; or in words why there is none. */
  readonly disk: SmallDisk | string;
  readonly recipients: number;
  /** Connections of the news worker to the relay. */
  readonly connections: number;
  /** Deliveries that a worker may have claimed at one time. */
  readonly claimed: number;
}

export interface Fault {
  readonly name: string;
  /** Whether it makes sense without Redis. */
  readonly needsRedis?: boolean;
  readonly needsDisk?: boolean;
  /** @returns what was wrong with the program while it lasted, in words */
  strike(scene: Scene): Promise<string[] | void>;
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

/** The journal's disk is full from now until what happens meanwhile is over; room that the program makes is taken at once. */
async function withFullDisk(
  { disk }: Scene,
  meanwhile: () => Promise<string[] | void>,
): Promise<string[] | void> {
  if (typeof disk === 'string') return [disk];
  disk.fill();
  const more = setInterval(() => disk.fill(), 10);
  try {
    return await meanwhile();
  } finally {
    clearInterval(more);
    disk.free();
  }
}

/** What the relay has in hand waits for its answer. */
async function holdAnswers({ smtp, connections, recipients }: Scene): Promise<void> {
  smtp.cutNext(Array.from({ length: connections }, () => 'hold'));
  await eventually(async () => smtp.holding > 0 || smtp.count === recipients, 10_000);
  // The other connections get theirs.
  await sleep(300);
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
      await sleep(1_500);
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
      const folder = join(program.dataDir, 'journal');
      for (const name of await readdir(folder)) await rm(join(folder, name));
      kill(pids);
    },
    unknownAtMost: ({ claimed }) => claimed,
  },
  {
    name: 'the disk of the journal is full for a while',
    needsDisk: true,
    strike: (scene) =>
      withFullDisk(scene, async () => {
        const { program, smtp, recipients } = scene;
        const said = program.output.length;
        // What is in hand may still go: each open journal has room to the end of a page.
        await sleep(1_500);
        const before = smtp.count;
        await sleep(2_000);
        if (before === recipients) return [];
        return [
          smtp.count > before && `${smtp.count - before} mails left without a journal`,
          !/ENOSPC|disk is full/.test(program.output.slice(said)) && 'the log says nothing of a full disk',
        ].filter((problem) => problem !== false);
      }),
    unknownAtMost: () => 0,
  },
  {
    name: 'the disk of the journal is full when the answers come',
    needsDisk: true,
    strike: async (scene) => {
      await holdAnswers(scene);
      return withFullDisk(scene, async () => {
        scene.smtp.letGo();
        await sleep(2_000);
      });
    },
    // The results do not need the journal as long as the worker lives.
    unknownAtMost: () => 0,
  },
  {
    name: 'the disk of the journal is full when the answers come, and kill -9 of the news worker',
    needsDisk: true,
    strike: async (scene) => {
      await holdAnswers(scene);
      return withFullDisk(scene, async () => {
        scene.smtp.letGo();
        await sleep(50);
        kill(scene.program.workers('news'));
        await sleep(1_500);
      });
    },
    unknownAtMost: openConnections,
  },
];
