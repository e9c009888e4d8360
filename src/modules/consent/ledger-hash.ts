import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/index.js';
import type { ConsentRow } from './consent.types.js';

export type HashedRow = Omit<ConsentRow, 'id' | 'hash' | 'salt'>;

/**
 * SHA-256 over the salt and everything that the row says, as canonical JSON. The salt is what ties the row to its hash: without it
 * nobody can find out by trying which person a hash belongs to, so erasure drops it.
 */
export function hashOfRow(salt: Buffer, { at, act, listId, facts, personId, personal }: HashedRow): Buffer {
  const said = canonicalJson({ at: at.toISOString(), act, listId, facts, personId, personal });
  return createHash('sha256').update(salt).update(said).digest();
}

/** `intact`: what the row says is what was written. `erased`: its person was forgotten, so nothing can be shown any more. */
export type Verdict = 'intact' | 'changed' | 'erased';

export function verify(row: ConsentRow): Verdict {
  const { personId, personal, salt } = row;
  if (personId === null && personal === null && salt === null) return 'erased';
  return salt !== null && hashOfRow(salt, row).equals(row.hash) ? 'intact' : 'changed';
}
