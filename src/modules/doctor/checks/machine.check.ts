import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { diskRoom, inGib } from '../../../domain/index.js';
import { askRedis } from '../../../platform/queue/index.js';
import type { DoctorRepository } from '../doctor.repository.js';
import { findingsOf, type Finding } from '../finding.js';
import type { Check } from '../surroundings.js';

const CLOCK_MS = 1_000;
const CLOCK_BAD_MS = 30_000;
const REDIS_MS = 4_000;

/** PostgreSQL: its version, whether it keeps what it confirmed, its clock. */
export const databaseCheck =
  (repository: Pick<DoctorRepository, 'database'>): Check =>
  async () => {
    const find = findingsOf('database', null);
    const began = Date.now();
    const { version, settings, now } = await repository.database();
    const middle = (began + Date.now()) / 2;
    const off = (Object.keys(settings) as (keyof typeof settings)[]).filter(
      (name) => settings[name] === 'off',
    );
    return [
      off.length > 0
        ? find.failure(
            `PostgreSQL ${version} has ${off.join(' and ')} off: after a power cut accepted mail is lost or sent twice`,
            `Turn ${off.join(' and ')} on in postgresql.conf.`,
          )
        : find.ok(
            `PostgreSQL ${version}, keeps what it confirmed (synchronous_commit ${settings.synchronous_commit})`,
          ),
      clockFinding(now.getTime() - middle),
    ];
  };

function clockFinding(ahead: number): Finding {
  const find = findingsOf('clock', 'database');
  const is = `The database's clock is ${(Math.abs(ahead) / 1_000).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`;
  const todo = 'Let both machines keep their time with NTP.';
  if (Math.abs(ahead) > CLOCK_BAD_MS) return find.failure(is, todo);
  return Math.abs(ahead) > CLOCK_MS
    ? find.warning(is, todo)
    : find.ok('The clocks of this machine and the database agree');
}

/** Room where the journal is, without which nothing leaves, and in the database, where that can be told. */
export const diskCheck =
  (repository: Pick<DoctorRepository, 'database'>): Check =>
  async ({ config }) => [
    await dataDir(config.dataDir),
    await databaseRoom(repository, config.env.DATABASE_URL),
  ];

async function dataDir(path: string): Promise<Finding> {
  const find = findingsOf('disk', 'DATA_DIR');
  try {
    const { bavail, bsize } = await statfs(path);
    const free = bavail * bsize;
    const is = `${inGib(free)} free at ${path}`;
    const todo = 'Make room: when it is full, no mail leaves.';
    const room = diskRoom(free);
    if (room === 'none') return find.failure(is, todo);
    return room === 'little' ? find.warning(is, todo) : find.ok(is);
  } catch (error) {
    return find.unknown(
      `${path} cannot be looked at: ${(error as Error).message}`,
      'Run this as the user that runs Postrider.',
    );
  }
}

async function databaseRoom(
  repository: Pick<DoctorRepository, 'database'>,
  url: string | undefined,
): Promise<Finding> {
  const find = findingsOf('disk', 'database');
  const { size } = await repository.database();
  const is = `The database has ${inGib(size)}`;
  return url === undefined
    ? find.ok(`${is}, and lies in DATA_DIR`)
    : find.unknown(
        `${is}; PostgreSQL does not say how much room is left`,
        'Look at the free space of its machine.',
      );
}

/** Redis, where it carries the queue. */
export const redisCheck: Check = async ({ config }) => {
  const { REDIS_URL } = config.env;
  if (REDIS_URL === undefined) return [];
  const find = findingsOf('redis', null);
  try {
    const { version, evictionPolicy } = await askRedis(REDIS_URL, REDIS_MS);
    return [
      evictionPolicy === null || evictionPolicy === 'noeviction'
        ? find.ok(`Redis ${version ?? ''} answers`)
        : find.warning(
            `Redis ${version ?? ''} answers, and throws keys away when it is full (${evictionPolicy})`,
            'Set maxmemory-policy noeviction: wake-ups that are thrown away delay mail by seconds.',
          ),
    ];
  } catch (error) {
    return [
      find.failure(
        `Redis does not answer: ${(error as Error).message}`,
        'Start it, or correct REDIS_URL; until then each mail waits for the sweeper, up to 2 s.',
      ),
    ];
  }
};

/** The key that opens all others: lost with it are links, contents and DKIM keys. */
export const secretsCheck: Check = async ({ config, relays }) => {
  const find = findingsOf('secrets', 'SECRET_KEY');
  if (config.env.SECRET_KEY !== undefined) return [find.ok('It is set')];
  const file = join(config.dataDir, 'secret.key');
  const mode = await stat(file).then(
    (found) => found.mode & 0o077,
    () => 0,
  );
  if (mode !== 0)
    return [find.failure(`${file} may be read by other users of this machine`, `chmod 600 ${file}`)];
  if (relays.length === 0) return [find.ok(`It is kept in ${file}`)];
  return [
    find.warning(
      `It is not set; the one in ${file} is used, on this machine only`,
      'Set SECRET_KEY to it from a secret store: without it no key, link or content in the database can be read.',
    ),
  ];
};
