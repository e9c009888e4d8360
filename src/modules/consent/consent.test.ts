import { createSecretKey, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { newId } from '../../domain/index.js';
import { KeyRing } from '../../platform/crypto/index.js';
import { ConsentRepository } from './consent.repository.js';
import { ConsentLedger, ErasureHashes, verify, type ConsentRow } from './index.js';
import { hashOfRow } from './ledger-hash.js';

let database: TestDatabase;
let ledger: ConsentLedger;
let hashes: ErasureHashes;

beforeAll(async () => {
  database = await testDatabase();
  const repository = new ConsentRepository();
  ledger = new ConsentLedger(repository);
  hashes = new ErasureHashes(await KeyRing.load(database.db, createSecretKey(randomBytes(32))), repository);
});
afterAll(() => database.drop());

const words = {
  text: 'Yes, send me “The Sunday Letter” ✉',
  textVersion: 'form-1',
  policyVersion: '2026-11',
  source: 'https://shop.example/checkout',
  ip: '203.0.113.77',
  userAgent: 'curl/8.9.1',
};

async function recorded(personId = newId()): Promise<ConsentRow> {
  await ledger.record(database.db, { ...words, act: 'asked', personId, listId: null, requestId: newId() });
  const [row] = await ledger.ofPerson(database.db, personId);
  return row!;
}

describe('a row', () => {
  test('holds the words, and of the person no more than it needs', async () => {
    const row = await recorded();
    expect(row).toMatchObject({
      act: 'asked',
      facts: {
        text: words.text,
        textVersion: 'form-1',
        policyVersion: '2026-11',
        source: words.source,
        requestId: expect.any(String),
      },
      personal: { ip: '203.0.113.0/24', client: 'other' },
    });
    expect(JSON.stringify(row)).not.toMatch(/113\.77|curl/);
  });

  test('verifies as it was written, from the database too', async () => {
    const row = await recorded();
    expect(verify(row)).toBe('intact');
    expect(row.hash).toEqual(hashOfRow(row.salt!, row));
  });

  test.each<[string, (row: ConsentRow) => Partial<ConsentRow>]>([
    ['time', ({ at }) => ({ at: new Date(at.getTime() - 1) })],
    ['act', () => ({ act: 'confirmed' })],
    ['list', () => ({ listId: newId() })],
    ['words', ({ facts }) => ({ facts: { ...facts, text: 'Yes to everything' } })],
    ['a word more', ({ facts }) => ({ facts: { ...facts, note: 'also ads' } })],
    ['person', () => ({ personId: newId() })],
    ['address of the network', ({ personal }) => ({ personal: { ...personal!, ip: null } })],
    ['salt', () => ({ salt: randomBytes(32) })],
    ['salt that is gone', () => ({ salt: null })],
    ['hash', () => ({ hash: randomBytes(32) })],
  ])('with another %s is found out', async (_, change) => {
    const row = await recorded();
    expect(verify({ ...row, ...change(row) })).toBe('changed');
  });

  test('the same act twice has two hashes: nobody can try out who it was', async () => {
    const personId = newId();
    const record = { ...words, act: 'left' as const, personId, listId: null };
    await ledger.record(database.db, record, record);
    const [one, two] = await ledger.ofPerson(database.db, personId);
    expect(one!.hash.equals(two!.hash)).toBe(false);
  });
});

describe('the ledger', () => {
  test('refuses every change, removal and emptying', async () => {
    const { id } = await recorded();
    const changes = [
      `UPDATE consent_ledger SET facts = '{}' WHERE id = ${id}`,
      `UPDATE consent_ledger SET act = 'confirmed' WHERE id = ${id}`,
      `UPDATE consent_ledger SET at = now() WHERE id = ${id}`,
      `UPDATE consent_ledger SET hash = '\\x00' WHERE id = ${id}`,
      `UPDATE consent_ledger SET salt = NULL WHERE id = ${id}`,
      `UPDATE consent_ledger SET personal = NULL, salt = NULL WHERE id = ${id}`,
      `DELETE FROM consent_ledger WHERE id = ${id}`,
      'TRUNCATE consent_ledger',
    ];
    for (const change of changes)
      await expect(database.db.pool.query(change)).rejects.toThrow('is append-only');
  });

  test('lets an erasure take the person out, and nothing else', async () => {
    const personId = newId();
    const before = await recorded(personId);
    await database.db.work(({ trx }) => ledger.erase(trx, personId, 'api'));
    expect(await ledger.ofPerson(database.db, personId)).toEqual([]);
    const { rows } = await database.db.pool.query(
      `SELECT id, at, act, list_id AS "listId", facts, person_id AS "personId", personal, salt, hash
         FROM consent_ledger WHERE id >= $1 ORDER BY id`,
      [before.id],
    );
    const [asked, erased] = rows as [ConsentRow, ConsentRow];
    expect(asked).toEqual({ ...before, id: expect.anything(), personId: null, personal: null, salt: null });
    expect(erased).toMatchObject({
      act: 'erased',
      facts: { source: 'api' },
      personId: null,
      personal: null,
      salt: null,
    });
    expect([verify(asked), verify(erased)]).toEqual(['erased', 'erased']);
  });

  test('keeps nothing of a transaction that fails', async () => {
    const personId = newId();
    const failing = database.db.work(async ({ trx }) => {
      await ledger.record(trx, { ...words, act: 'asked', personId, listId: null });
      throw new Error('later');
    });
    await expect(failing).rejects.toThrow('later');
    expect(await ledger.ofPerson(database.db, personId)).toEqual([]);
  });
});

test('an erased address is known again by its hash, and cannot be read', async () => {
  await hashes.add(database.db, 'ada@example.com');
  await hashes.add(database.db, 'ada@example.com');
  expect(await hashes.has(database.db, 'ada@example.com')).toBe(true);
  expect(await hashes.has(database.db, 'bob@example.com')).toBe(false);
  const { rows } = await database.db.pool.query('SELECT * FROM erasure_hashes');
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain('ada');
});
