import { createSecretKey, randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { newId } from '../../domain/index.js';
import { KeyRing } from '../../platform/crypto/index.js';
import { ConsentRepository, toConsentRow } from './consent.repository.js';
import { ConsentLedger } from './consent-ledger.service.js';
import { has } from './id-ranges.js';
import { LedgerCheck, type LedgerHead } from './ledger-check.service.js';
import { hashOfRow } from './ledger-hash.js';
import { LedgerSealer } from './ledger-sealer.js';
import { LedgerSeals } from './ledger-seals.service.js';
import type { Seal } from './seal.js';
import { SealsRepository } from './seals.repository.js';

const secret = createSecretKey(randomBytes(32));
let database: TestDatabase;
let ledger: ConsentLedger;
let keys: KeyRing;

beforeAll(async () => {
  database = await testDatabase();
  ledger = new ConsentLedger(new ConsentRepository());
});
afterAll(() => database.drop());
beforeEach(async () => {
  keys = await KeyRing.load(database.db, secret);
  await tamper('TRUNCATE consent_ledger, consent_seals RESTART IDENTITY');
});

const seals = () => new LedgerSeals(database.db, keys, new SealsRepository());
const record = (personId = newId(), executor: TestDatabase['db'] = database.db) =>
  ledger.record(executor, {
    act: 'asked',
    personId,
    listId: null,
    text: 'Yes',
    source: 'https://shop.example/',
  });

async function check(known?: LedgerHead) {
  const problems: string[] = [];
  const verdict = await new LedgerCheck(database.db, keys, new SealsRepository()).run(
    ({ what, id, problem }) => problems.push(`${what} ${id} ${problem}`),
    known,
  );
  return { ...verdict, problems };
}

/** As somebody who may do everything in the database. */
async function tamper(statement: string): Promise<void> {
  const all = `SET session_replication_role = replica; ${statement}; RESET session_replication_role`;
  await database.db.pool.query(all);
}

/** An id is unused when all transactions of its time are over, and those of other tests on the same server count too. */
async function sealUntilUnused(id: number): Promise<Seal> {
  for (let tries = 0; tries < 100; tries += 1) {
    await record();
    const seal = (await seals().sealAll()).find(({ unused }) => has(unused, id));
    if (seal) return seal;
    await setTimeout(50);
  }
  throw new Error(`Id ${id} is still awaited`);
}

/** Two seals: rows 1 to 3, and 4 to 6. */
async function twoSeals(): Promise<void> {
  for (let row = 1; row <= 6; row += 1) {
    await record();
    if (row === 3 || row === 6) await seals().sealAll();
  }
}

describe('an honest ledger', () => {
  test('is in order, erased rows too, and says what is not sealed yet', async () => {
    const personId = newId();
    await record(personId);
    await twoSeals();
    await database.db.work(({ trx }) => ledger.erase(trx, personId, 'api'));
    const verdict = await check();
    expect(verdict).toMatchObject({ rows: 8, seals: 2, unsealed: 1, problems: [] });
    expect(verdict.head).toMatchObject({ id: 2, signature: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await seals().sealAll();
    expect(await check()).toMatchObject({ rows: 8, seals: 3, unsealed: 0, problems: [] });
  });

  test('is in order after its key was rotated', async () => {
    await twoSeals();
    // A new key is used when it is a minute old, and so may be rotated.
    const age = () =>
      database.db.pool.query(
        `UPDATE keys SET created_at = created_at - interval '2 minutes' WHERE purpose = 'ledger'`,
      );
    await age();
    await keys.rotate('ledger');
    await age();
    await keys.refresh();
    await record();
    await seals().sealAll();
    const used = await database.db.selectFrom('consent_seals').select('key_id').distinct().execute();
    expect(used).toHaveLength(2);
    expect(await check()).toMatchObject({ seals: 3, unsealed: 0, problems: [] });
  });

  test('has a seal a day when nothing happens, and no other', async () => {
    await twoSeals();
    expect(await seals().sealAll()).toEqual([]);
    const tomorrow = new Date(Date.now() + 24 * 3_600_000);
    expect(await seals().sealAll(tomorrow)).toMatchObject([{ id: 3, rowCount: 0 }]);
    expect(await seals().sealAll(tomorrow)).toEqual([]);
    expect(await check()).toMatchObject({ seals: 3, problems: [] });
  });

  test('is sealed by a worker ten seconds after it was written to', async () => {
    await record();
    jest.useFakeTimers({
      doNotFake: [
        'Date',
        'nextTick',
        'queueMicrotask',
        'setImmediate',
        'clearImmediate',
        'setTimeout',
        'clearTimeout',
        'performance',
      ],
    });
    try {
      const sealer = new LedgerSealer(seals());
      sealer.onApplicationBootstrap();
      jest.advanceTimersByTime(9_999);
      await sealer.beforeApplicationShutdown();
      expect(await check()).toMatchObject({ seals: 0, unsealed: 1 });
      sealer.onApplicationBootstrap();
      jest.advanceTimersByTime(10_000);
      await sealer.beforeApplicationShutdown();
      expect(await check()).toMatchObject({ seals: 1, unsealed: 0, problems: [] });
    } finally {
      jest.useRealTimers();
    }
  });

  test('seals a row that was committed late, after ids that are higher', async () => {
    await record();
    await database.db.work(async ({ trx }) => {
      await record(newId(), trx as unknown as TestDatabase['db']);
      await record();
      expect(await seals().sealAll()).toMatchObject([
        {
          ids: [
            [1, 2],
            [3, 4],
          ],
          awaited: [[2, 3]],
        },
      ]);
      await record();
      expect(await seals().sealAll()).toMatchObject([{ ids: [[4, 5]], awaited: [[2, 3]], unused: [] }]);
    });
    expect(await check()).toMatchObject({ rows: 4, unsealed: 1, problems: [] });
    expect(await seals().sealAll()).toMatchObject([{ ids: [[2, 3]], top: 4, awaited: [] }]);
    expect(await check()).toMatchObject({ rows: 4, unsealed: 0, problems: [] });
  });

  test('names ids as unused once nobody can bring them any more', async () => {
    const failing = database.db.work(async ({ trx }) => {
      await record(newId(), trx as unknown as TestDatabase['db']);
      throw new Error('later');
    });
    await expect(failing).rejects.toThrow('later');
    await record();
    expect(await seals().sealAll()).toMatchObject([{ ids: [[2, 3]], awaited: [[1, 2]] }]);
    expect(await sealUntilUnused(1)).toMatchObject({ awaited: [], unused: [[1, 2]] });
  });

  test('numbers a transaction before it gives an id: nobody holds one unseen', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('BEGIN');
      const insert = `INSERT INTO consent_ledger (act, facts, hash) SELECT 'asked', '{}', '\\x00' WHERE pg_current_xact_id_if_assigned() IS NOT NULL`;
      expect((await client.query(insert)).rowCount).toBe(1);
      await client.query('ROLLBACK');
    } finally {
      await client.end();
    }
  });

  test('is sealed once by many workers at a time', async () => {
    for (let row = 0; row < 20; row += 1) await record();
    const made = await Promise.all(Array.from({ length: 6 }, () => seals().sealAll()));
    expect(made.flat()).toHaveLength(1);
    expect(await check()).toMatchObject({ rows: 20, seals: 1, problems: [] });
  });

  test('is sealed and read in pieces when there is much of it', async () => {
    await sql`
      INSERT INTO consent_ledger (at, act, facts, hash)
      SELECT now(), 'asked', '{}', '\\x00' FROM generate_series(1, 12000)`.execute(database.db);
    expect(await seals().sealAll()).toMatchObject([
      { rowCount: 5000 },
      { rowCount: 5000 },
      { rowCount: 2000 },
    ]);
    expect(await check()).toMatchObject({ rows: 12_000, seals: 3, unsealed: 0, problems: [] });
  });
});

describe('tampering', () => {
  beforeEach(twoSeals);

  test.each([
    [
      `UPDATE consent_ledger SET facts = '{"text":"Yes to all"}' WHERE id = 2`,
      ['row 2 was changed: it does not fit its own hash'],
    ],
    [
      `UPDATE consent_ledger SET person_id = gen_random_uuid() WHERE id = 5`,
      ['row 5 was changed: it does not fit its own hash'],
    ],
    [`DELETE FROM consent_ledger WHERE id = 3`, ['row 3 is missing: seal 1 knows it']],
    [
      `DELETE FROM consent_ledger WHERE id = 6; DELETE FROM consent_ledger WHERE id = 1`,
      ['row 1 is missing: seal 1 knows it', 'row 6 is missing: seal 2 knows it'],
    ],
    [
      `UPDATE consent_seals SET row_count = 2, ids = '{[1,3)}', marks = substring(marks FROM 1 FOR 16) WHERE id = 1`,
      [
        'seal 1 was changed: its signature does not fit',
        'seal 1 has a digest that does not fit its rows',
        'row 3 was added afterwards: the seals of its time do not know it',
      ],
    ],
    [
      `UPDATE consent_seals SET signature = '\\x00' WHERE id = 1`,
      ['seal 1 was changed: its signature does not fit', 'seal 2 does not follow the seal before it'],
    ],
    [
      `UPDATE consent_seals SET at = at - interval '1 year' WHERE id = 2`,
      ['seal 2 was changed: its signature does not fit'],
    ],
    [
      `UPDATE consent_seals SET key_id = 999 WHERE id = 2`,
      ['seal 2 is signed with key 999, which is not a ledger key here'],
    ],
    [
      `DELETE FROM consent_seals WHERE id = 1`,
      [
        'seal 1 is missing',
        ...[1, 2, 3].map((id) => `row ${id} is in no seal: its seal is missing, or it was added afterwards`),
      ],
    ],
  ])('%s', async (statement, problems) => {
    await tamper(statement);
    expect((await check()).problems).toEqual(problems);
  });

  test('a row whose hash was made anew does not fit its seal', async () => {
    const row = toConsentRow(
      await database.db
        .selectFrom('consent_ledger')
        .selectAll()
        .where('id', '=', 2)
        .executeTakeFirstOrThrow(),
    );
    const hash = hashOfRow(row.salt!, { ...row, facts: { text: 'Yes to all' } });
    await tamper(
      `UPDATE consent_ledger SET facts = '{"text":"Yes to all"}', hash = '\\x${hash.toString('hex')}' WHERE id = 2`,
    );
    expect((await check()).problems).toEqual([
      'row 2 was changed and its hash was made anew: it does not fit its seal',
    ]);
  });

  test('the words of an erased row are under the seal too', async () => {
    await tamper(`UPDATE consent_ledger SET person_id = NULL, personal = NULL, salt = NULL WHERE id = 2`);
    expect((await check()).problems).toEqual([]);
    await tamper(`UPDATE consent_ledger SET facts = '{"text":"Yes to all"}' WHERE id = 2`);
    expect((await check()).problems).toEqual([
      'row 2 was changed and its hash was made anew: it does not fit its seal',
    ]);
  });

  test('a row in an old gap was slipped in', async () => {
    await sql`SELECT nextval(pg_get_serial_sequence('consent_ledger', 'id'))`.execute(database.db);
    await record();
    await seals().sealAll();
    await sealUntilUnused(7);
    await tamper(
      `INSERT INTO consent_ledger OVERRIDING SYSTEM VALUE SELECT 7, at, act, list_id, facts, person_id, personal, salt, hash FROM consent_ledger WHERE id = 6`,
    );
    expect((await check()).problems).toEqual([
      'row 7 was added afterwards: the seals of its time do not know it',
    ]);
  });

  test.each(['0', '-7', '-9223372036854775808'])(
    'a row before the first, as %s, was slipped in',
    async (id) => {
      await tamper(
        `INSERT INTO consent_ledger OVERRIDING SYSTEM VALUE SELECT ${id}, at, act, list_id, facts, person_id, personal, salt, hash FROM consent_ledger WHERE id = 6`,
      );
      await seals().sealAll();
      expect((await check()).problems).toEqual([
        `row ${Number(id)} was added afterwards: the seals of its time do not know it`,
      ]);
    },
  );

  test('a chain that was cut off is found by who has noted its head', async () => {
    const { head } = await check();
    await tamper('DELETE FROM consent_seals WHERE id = 2; DELETE FROM consent_ledger WHERE id = 6');
    expect((await check()).problems).toEqual([]);
    await record();
    await seals().sealAll();
    expect((await check(head!)).problems).toEqual([
      'seal 2 is not the one that was noted: it, or what came before it, was replaced',
    ]);
  });

  test('who has no SECRET_KEY can sign nothing', async () => {
    await tamper('DELETE FROM consent_seals');
    const forged = new LedgerSeals(database.db, await otherKeys(), new SealsRepository());
    await forged.sealAll();
    expect((await check()).problems).toEqual(['seal 1 was changed: its signature does not fit']);
  });
});

/** Keys of somebody else's install, with the same ids. */
async function otherKeys(): Promise<KeyRing> {
  const other = await testDatabase();
  try {
    return await KeyRing.load(other.db, createSecretKey(randomBytes(32)));
  } finally {
    await other.drop();
  }
}
