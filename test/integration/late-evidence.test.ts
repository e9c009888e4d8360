import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '../../src/domain/index.js';
import { ClaimsRepository } from '../../src/modules/delivery/claims.repository.js';
import { Journal } from '../../src/modules/delivery/journal.js';
import { DeliveryOutcomes } from '../../src/modules/delivery/outcomes/delivery-outcomes.service.js';
import { OutcomesRepository } from '../../src/modules/delivery/outcomes/outcomes.repository.js';
import { RecordRepository } from '../../src/modules/delivery/record.repository.js';
import { Recovery } from '../../src/modules/delivery/recovery.js';
import { SandboxOutcomes } from '../../src/modules/delivery/sandbox/sandbox-outcomes.js';
import { AddressReportsRepository } from '../../src/modules/suppression/address-reports.repository.js';
import { AddressReports, Suppressions } from '../../src/modules/suppression/index.js';
import { SuppressionRepository } from '../../src/modules/suppression/suppression.repository.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { Engine, eventually } from '../support/engine.js';
import { Sink } from '../support/sink.js';

const BUCKET = '2026-11-01';
let database: TestDatabase;
let dataDir: string;
beforeEach(async () => {
  database = await testDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'postrider-evidence-'));
});
afterEach(async () => {
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

/** A delivery of a batch under a claim, and the batch. */
async function claimed(
  token: string,
  delivery: { state: string; leaseSeconds: number | null },
  batch: { state: string },
): Promise<string> {
  const id = newId();
  await database.db.transaction().execute(async (trx) => {
    // The sender and the template do not matter here.
    await sql`SET LOCAL session_replication_role = replica`.execute(trx);
    await sql`
      INSERT INTO batches (id, bucket, sender_id, revision_id, name, state, complete, finished_at)
      VALUES (${id}, ${BUCKET}, ${newId()}, ${newId()}, 'News', ${batch.state}, true,
              CASE WHEN ${batch.state} = 'finished' THEN now() END)`.execute(trx);
    await sql`
      INSERT INTO deliveries (bucket, stream, campaign_id, person_id, address, recipient_domain, state, lease_token, lease_until)
      VALUES (${BUCKET}, 'news', ${id}, ${newId()}, 'a@example.com', 'example.com', ${delivery.state}, ${token},
              now() + make_interval(secs => ${delivery.leaseSeconds}::float8))`.execute(trx);
  });
  return id;
}

/** The journal of a writer that is not this process. */
function journalOf(token: string, change: Record<string, string>): string {
  const folder = join(dataDir, 'journal');
  Journal.open(folder, { token, bucket: BUCKET, relay: 'main' }).leave();
  const file = join(folder, `${token}.journal`);
  const header = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, `${JSON.stringify({ ...header, ...change })}\n`);
  utimesSync(file, 0, 0);
  return file;
}

async function recover(): Promise<void> {
  const config = loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }, '/dev/null');
  const suppressions = new Suppressions(new SuppressionRepository());
  const reports = new AddressReports(config, new AddressReportsRepository(), suppressions);
  const sandbox = new SandboxOutcomes(new DeliveryOutcomes(database.db, new OutcomesRepository()));
  const records = new RecordRepository(database.db, reports, sandbox);
  const recovery = new Recovery(config, new ClaimsRepository(database.db), records);
  recovery.onApplicationBootstrap();
  await recovery.beforeApplicationShutdown();
}

const stateOf = async (batch: string) =>
  await database.db
    .selectFrom('deliveries as d')
    .innerJoin('batches as b', 'b.id', 'd.campaign_id')
    .select(['d.state', 'b.state as batch', 'b.finished_at'])
    .where('b.id', '=', batch)
    .executeTakeFirstOrThrow();

test('a writer in another container that renews its leases keeps its claim and its journal, however old', async () => {
  const token = newId();
  const batch = await claimed(token, { state: 'sending', leaseSeconds: 60 }, { state: 'open' });
  const file = journalOf(token, { namespace: 'pid:[1]' });
  await recover();
  expect(await stateOf(batch)).toMatchObject({ state: 'sending' });
  expect(existsSync(file)).toBe(true);
});

test('a writer in another container whose leases have ended is replayed', async () => {
  const token = newId();
  const batch = await claimed(token, { state: 'sending', leaseSeconds: -1 }, { state: 'open' });
  const file = journalOf(token, { namespace: 'pid:[1]' });
  await recover();
  expect(await stateOf(batch)).toMatchObject({ state: 'queued' });
  expect(existsSync(file)).toBe(false);
});

test('a journal that is found after its batch was finished opens the batch again for what never left', async () => {
  const token = newId();
  const batch = await claimed(token, { state: 'unknown', leaseSeconds: null }, { state: 'finished' });
  journalOf(token, { began: 'another process' });
  await recover();
  expect(await stateOf(batch)).toEqual({ state: 'queued', batch: 'open', finished_at: null });
});

test('a lease that ends under a living worker loses nothing: what did not leave is queued again', async () => {
  const sink = await Sink.start({ delayMs: 300 });
  const engine = await Engine.start({ smtpUrl: sink.url, connections: 1 });
  try {
    const { listId, addresses } = await engine.audience('news', 6);
    const id = await engine.blast(listId);
    await sink.until(() => sink.mails.length > 0);
    await sql`
    UPDATE deliveries SET state = 'unknown', reason = 'lease_ended', lease_until = NULL, settled_at = now()
     WHERE state = 'sending'`.execute(engine.db);
    await eventually(async () => (await engine.counts(id)).sent === 6);
    expect(sink.mails.map(({ to }) => to).sort()).toEqual([...addresses].sort());
  } finally {
    await engine.stop();
    await sink.stop();
  }
}, 40_000);
