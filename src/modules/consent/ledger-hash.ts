import { hash } from 'node:crypto';
import { canonicalJson } from '../../domain/index.js';
import type { ConsentRow } from './consent.types.js';

export type HashedRow = Omit<ConsentRow, 'id' | 'hash' | 'salt'>;

/**
 * SHA-256 over the salt and everything that the row says, as canonical JSON. The salt is what ties the row to its hash: without it
 * nobody can find out by trying which person a hash belongs to, so erasure drops it.
 */
export function hashOfRow(salt: Buffer, row: HashedRow): Buffer {
  return hashOfTexts(salt, row, canonicalJson(row.facts), canonicalJson(row.personal));
}

/**
 * The same where many rows share their facts, whose text is then made once. What is hashed is the canonical JSON of the whole row; its
 * keys are in their order here. (A row takes 3 µs; sorting each one's keys and a Hash object would make it 13.)
 */
export function hashOfTexts(
  salt: Buffer,
  { at, act, listId, personId }: Omit<HashedRow, 'facts' | 'personal'>,
  facts: string,
  personal: string,
): Buffer {
  const said =
    `{"act":${JSON.stringify(act)},"at":${JSON.stringify(at.toISOString())},"facts":${facts},` +
    `"listId":${JSON.stringify(listId)},"personId":${JSON.stringify(personId)},"personal":${personal}}`;
  return hash('sha256', Buffer.concat([salt, Buffer.from(said)]), 'buffer');
}

/** `intact`: what the row says is what was written. `erased`: its person was forgotten, so nothing can be shown any more. */
export type Verdict = 'intact' | 'changed' | 'erased';

export function verify(row: ConsentRow): Verdict {
  const { personId, personal, salt } = row;
  if (personId === null && personal === null && salt === null) return 'erased';
  return salt !== null && hashOfRow(salt, row).equals(row.hash) ? 'intact' : 'changed';
}
