import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { newId } from '../src/domain/index.js';
import { LedgerCheck, LedgerSeals } from '../src/modules/consent/index.js';
import { hashOfRow } from '../src/modules/consent/ledger-hash.js';
import { SealsRepository } from '../src/modules/consent/seals.repository.js';
import { KeyRing } from '../src/platform/crypto/index.js';
import { createPool, Database, migrate } from '../src/platform/database/index.js';
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres/index.js';
import { describeMachine } from './support/machine.js';
import { print } from './support/print.js';

const CHUNK = 10_000;

/** A large consent ledger: how long its rows wait for their seals, how long a check of all takes, and how much memory. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { rows: { type: 'string', default: '1000000' } } });
  const rows = Number(values.rows);
  const dataDir = await mkdtemp(join(tmpdir(), 'postrider-bench-'));
  const server = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  const db = new Database(createPool({ url: server.url, max: 4, name: 'bench', onError: () => undefined }));
  try {
    await migrate(db.pool, { queue: false });
    for (const line of await describeMachine(db.pool)) print(line);
    const keys = await KeyRing.load(db, createSecretKey(randomBytes(32)));
    const repository = new SealsRepository();
    for (let made = 0; made < rows; made += CHUNK) await insert(db, Math.min(CHUNK, rows - made));
    const seals = await timed(`${rows} rows sealed`, () => new LedgerSeals(db, keys, repository).sealAll());
    const memory = watchMemory();
    const problems: unknown[] = [];
    const verdict = await timed('all of them checked', () =>
      new LedgerCheck(db, keys, repository).run((problem) => problems.push(problem)),
    );
    print(`memory while checking: ${memory.before} MB before, ${memory.peak()} MB at most`);
    if (verdict.rows !== rows || verdict.seals !== seals.length || problems.length > 0)
      throw new Error(`The check is wrong: ${JSON.stringify(verdict)}`);
  } finally {
    await db.destroy();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Rows such as an import writes them. */
async function insert(db: Database, count: number): Promise<void> {
  const rows = Array.from({ length: count }, () => {
    const row = {
      at: new Date(),
      act: 'imported' as const,
      listId: null,
      facts: {
        text: 'Yes, send me the news of the shop',
        source: 'import, fair 2026',
        policyVersion: '2026-11',
      },
      personId: newId(),
      personal: { ip: null, client: null },
    };
    const salt = randomBytes(32);
    return { ...row, salt, hash: hashOfRow(salt, row) };
  });
  const json = (pick: (row: (typeof rows)[number]) => unknown) =>
    rows.map((row) => JSON.stringify(pick(row)));
  await sql`
    INSERT INTO consent_ledger (at, act, facts, person_id, personal, salt, hash)
    SELECT at, 'imported', facts, person_id, personal, salt, hash FROM unnest(
      ${rows.map(({ at }) => at)}::timestamptz[], ${json(({ facts }) => facts)}::jsonb[],
      ${rows.map(({ personId }) => personId)}::uuid[], ${json(({ personal }) => personal)}::jsonb[],
      ${rows.map(({ salt }) => salt)}::bytea[], ${rows.map(({ hash }) => hash)}::bytea[])
      AS r (at, facts, person_id, personal, salt, hash)`.execute(db);
}

async function timed<T>(what: string, run: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
  print(
    `${what}: ${seconds(performance.now() - began)}, of which this process ${seconds((user + system) / 1000)} CPU`,
  );
  return result;
}

function watchMemory(): { before: number; peak(): number } {
  const megabytes = () => Math.round(process.memoryUsage().rss / 2 ** 20);
  const before = megabytes();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, megabytes())), 50);
  return {
    before,
    peak: () => {
      clearInterval(timer);
      return most;
    },
  };
}
