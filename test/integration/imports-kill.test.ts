import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Erasure } from '../../src/modules/privacy/erasure.service.js';
import { ImportRun } from '../../src/modules/imports/index.js';
import { postrider, Service } from '../support/command.js';
import { eventually } from '../support/engine.js';
import { ImportApi } from '../support/import-api.js';

let imports: ImportApi;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  imports = await ImportApi.start();
  await imports.people.list('news', { optIn: 'single' });
  const { databaseUrl, dataDir } = imports.api.shared;
  environment = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'n@s.example',
  };
}, 60_000);
afterAll(() => imports?.stop());

/** Every tenth row is wrong. */
function file(name: string, rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) =>
    row % 10 === 3 ? 'wrong' : `${name}-${row}@example.com`,
  );
  return `email\n${lines.join('\n')}\n`;
}

async function countsOf(
  table: 'subscriptions' | 'consent_ledger' | 'events' | 'import_errors',
): Promise<number> {
  const { n } = await imports.api.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return n;
}

test('kill -9 in the middle: another worker goes on, nothing is there twice and nothing is lost', async () => {
  const rows = 60_000;
  const { body } = await imports.upload(file('kill', rows));
  const look = async () => (await imports.api.read(`/v1/imports/${body.id}`)).body;
  const first = await Service.start(['worker', 'imports'], environment);
  await eventually(async () => (await look()).counts.rows >= 10_000);
  process.kill(first.pid, 'SIGKILL');
  await first.stop();
  const { counts } = await look();
  expect(counts.rows).toBeLessThan(rows);
  const second = await Service.start(['worker', 'imports'], environment);
  const done = await eventually(async () => {
    const now = await look();
    return now.finishedAt !== null && now;
  }, 90_000);
  await second.stop();
  const [failed, added] = [rows / 10, rows - rows / 10];
  expect(done).toMatchObject({
    state: 'finished',
    counts: { rows, added, updated: 0, unchanged: 0, failed },
  });
  expect(await countsOf('subscriptions')).toBe(added);
  expect(await countsOf('consent_ledger')).toBe(added);
  expect(await countsOf('events')).toBe(added);
  expect(await countsOf('import_errors')).toBe(failed);
}, 180_000);

test('somebody who is erased while an import with their address runs stays out', async () => {
  const email = 'racer@example.com';
  const asking = { email, lists: ['news'], consent: { text: 'Yes', source: 'form' } };
  const personId: string = (await imports.api.post('/v1/subscriptions', asking)).body.subscriberId;
  const { body } = await imports.upload(`email\n${email}\nother-racer@example.com\n`);
  // The erasure has the row of the person when the import comes to it, and commits then.
  let run: Promise<void> = Promise.resolve();
  await imports.api.db.work(async (work) => {
    await imports.api.get(Erasure).erase(work, personId, 'api');
    run = imports.api.get(ImportRun).run(body.id);
    await eventually(async () => {
      const { rows } = await sql<{ n: number }>`
        SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`.execute(
        imports.api.db,
      );
      return (rows[0]?.n ?? 0) > 0;
    });
  });
  await run;
  const done = (await imports.api.read(`/v1/imports/${body.id}`)).body;
  expect(done.counts).toMatchObject({ rows: 2, added: 1, skipped: { erased: 1 } });
  expect(await imports.subscriber(email)).toBeUndefined();
});

test('the command imports a file and writes what is wrong with it beside it; export writes it out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-import-'));
  const csv = join(folder, 'people.csv');
  await writeFile(csv, 'E-Mail;Stadt\ncli@example.com;Ulm\nno address;Bonn\n');
  const words = [
    '--list',
    'news',
    '--consent-text',
    'Yes',
    '--consent-source',
    'Fair 2026',
    '--attribute',
    'Stadt',
  ];
  const dry = await postrider(['import', csv, ...words, '--dry-run'], environment);
  expect(dry.output).toContain('Dry run, nothing was changed: finished\n2 rows: 1 added');
  const { code, output } = await postrider(['import', csv, ...words], environment);
  expect(output).toContain('2 rows: 1 added, 0 updated, 0 unchanged, 1 with errors');
  expect(code).toBe(1);
  expect(await readFile(`${csv}.errors.csv`, 'utf8')).toBe(
    '\uFEFFrow,column,problem\r\n3,E-Mail,is not an email address\r\n',
  );
  expect(await imports.subscriber('cli@example.com')).toMatchObject({ attributes: { Stadt: 'Ulm' } });
  const out = join(folder, 'out.csv');
  expect(await postrider(['export', '--list', 'news', out], environment)).toMatchObject({ code: 0 });
  expect(await readFile(out, 'utf8')).toMatch(/\r\ncli@example\.com,,,,news,confirmed,/);

  expect(await postrider(['import', csv, '--list', 'news'], environment)).toMatchObject({ code: 1 });
  const missing = await postrider(['import', `${csv}x`, ...words], environment);
  expect(missing.output).toContain('no such file');
  const list = await postrider(['import', csv, ...words.with(1, 'nowhere')], environment);
  expect(list.output).toContain('there is no list "nowhere"');
  await rm(folder, { recursive: true });
}, 120_000);
