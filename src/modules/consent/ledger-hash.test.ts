import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { canonicalJson } from '../../domain/index.js';
import { hashOfRow } from './ledger-hash.js';

test('the hash is over the salt and the canonical JSON of the row: what ledgers hold was made so', () => {
  const salt = Buffer.alloc(32, 7);
  const row = {
    at: new Date('2026-11-22T09:41:00Z'),
    act: 'imported' as const,
    listId: '0190a5c2-0000-7000-8000-000000000001',
    facts: { text: 'Ja, "gern"\n', source: 'x', agreedAt: '2024' },
    personId: '0190a5c2-0000-7000-8000-000000000002',
    personal: { ip: '192.0.2.0/24', client: null },
  };
  for (const one of [row, { ...row, listId: null, personId: null, personal: null }]) {
    const expected = createHash('sha256')
      .update(salt)
      .update(canonicalJson({ ...one, at: one.at.toISOString() }))
      .digest();
    expect(hashOfRow(salt, one)).toEqual(expected);
  }
});
