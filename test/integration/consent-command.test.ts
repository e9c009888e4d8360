import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../src/domain/index.js';
import { ConsentRepository } from '../../src/modules/consent/consent.repository.js';
import { ConsentLedger, LedgerSeals } from '../../src/modules/consent/index.js';
import { SealsRepository } from '../../src/modules/consent/seals.repository.js';
import type { DatabaseHandle } from '../../src/app/embedded-database.js';
import { runConsent, runPolicy } from '../../src/app/run-consent.js';
import { loadConfig, type Config } from '../../src/platform/config/index.js';
import { KeyRing } from '../../src/platform/crypto/index.js';
import { loadSecretKey } from '../../src/platform/crypto/secret-key.js';
import { postrider } from '../support/command.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let folder: string;
let config: Config;
const personId = newId();

/** The command in this process: what it prints, and how it ends. */
async function run(...[command, ...args]: string[]): Promise<{ code: number; output: string }> {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const handle = { url: database.url } as DatabaseHandle;
  try {
    const code = command === 'consent' ? await runConsent(config, handle, args, say) : 0;
    if (command === 'policy') say(await runPolicy(config, handle, args));
    return { code, output: lines.join('\n') };
  } catch (error) {
    expect((error as Error).name).toBe('UsageError');
    return { code: 1, output: (error as Error).message };
  }
}
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'postrider-consent-'));
  config = loadConfig(
    { DATA_DIR: folder, LOG_LEVEL: 'silent', MAIL_FROM: 'Shop <news@shop.example>' },
    '/dev/null',
  );
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

test('policy publish takes a file a language, and lists what is published', async () => {
  await writeFile(file('policy.en.md'), '# Privacy\n\nLittle.');
  await writeFile(file('datenschutz.md'), '# Datenschutz\n\nWenig.');
  const published = await run(
    'policy',
    'publish',
    file('policy.en.md'),
    file('datenschutz.md'),
    '--locale',
    'de',
    '--revised',
    '2026-11-22',
  );
  expect(published).toMatchObject({ code: 0, output: expect.stringContaining('Version 1 is published in ') });
  expect((await run('policy', 'list')).output).toContain('1  revised 2026-11-22  de, en');
  const undated = await run('policy', 'publish', file('policy.en.md'));
  expect(undated).toMatchObject({ code: 1, output: expect.stringContaining('--revised is missing') });
  const wrongDay = await run('policy', 'publish', file('policy.en.md'), '--revised', '2026-13-01');
  expect(wrongDay).toMatchObject({ code: 1, output: expect.stringContaining('revisedOn: must be a day') });
});

test('consent verify ends well while all is as it was written, and with 1 where it is not', async () => {
  const keys = await KeyRing.load(database.db, loadSecretKey(config));
  await database.db
    .insertInto('people')
    .values({
      id: personId,
      canonical: 'ada@example.com',
      address: 'Ada@example.com',
      attributes: '{}',
    })
    .execute();
  const said = { act: 'asked', personId, listId: null, text: 'Yes, “letters”', source: 'fair' } as const;
  await new ConsentLedger(new ConsentRepository()).record(database.db, said, said);
  await new LedgerSeals(database.db, keys, new SealsRepository()).sealAll();

  const well = await run('consent', 'verify');
  expect(well).toMatchObject({
    code: 0,
    output: expect.stringContaining('2 rows, 1 seal. 0 rows not under a seal yet'),
  });
  const head = /Last seal: (\S+)/.exec(well.output)?.[1] ?? '';
  expect((await run('consent', 'verify', '--head', head)).code).toBe(0);

  await database.db.pool.query(
    `SET session_replication_role = replica; DELETE FROM consent_ledger WHERE id = 2; RESET session_replication_role`,
  );
  expect(await run('consent', 'verify')).toMatchObject({
    code: 1,
    output: expect.stringMatching(/row 2 is missing: seal 1 knows it\n[\s\S]*1 problem found/),
  });
  const environment = { DATABASE_URL: database.url, DATA_DIR: folder };
  expect((await postrider(['consent', 'verify'], environment)).code).toBe(1);
  const other = await run('consent', 'verify', '--head', `1:${'0'.repeat(32)}`);
  expect(other).toMatchObject({
    code: 1,
    output: expect.stringContaining('seal 1 is not the one that was noted'),
  });
  expect((await run('consent', 'verify', '--head', 'x')).output).toContain(
    '--head x is not what a check prints',
  );
});

test('consent export writes the proof of one person, found by id or address', async () => {
  const byId = JSON.parse((await run('consent', 'export', personId)).output);
  expect(byId).toMatchObject({
    person: { address: 'Ada@example.com' },
    entries: [{ text: 'Yes, “letters”' }],
  });
  expect(await run('consent', 'export', 'ADA@example.com', '--html', file('proof.html'))).toMatchObject({
    code: 0,
  });
  expect(await readFile(file('proof.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*Yes, “letters”/);
  expect(await run('consent', 'export', 'nobody@example.com')).toMatchObject({
    code: 1,
    output: expect.stringContaining('there is no such person'),
  });
});
