import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/index.js';
import type { ConsentRow } from './consent.types.js';
import { each, formatRanges, rangesOf, sizeOf, type IdRanges } from './id-ranges.js';

/** Rows of one seal: what one transaction reads and what a check holds in memory. */
export const SEAL_ROWS = 5_000;
/** Of each row's mark so many octets are kept, enough to say which row it is that breaks the digest. */
export const MARK_BYTES = 8;

/** What a seal says, before it is signed. */
export interface SealBody {
  /** One more than the seal before. */
  readonly id: number;
  readonly at: Date;
  /** The rows that it covers. */
  readonly ids: IdRanges;
  readonly rowCount: number;
  /** The highest id that this seal or one before has seen. */
  readonly top: number;
  /** Ids up to `top` whose rows may come yet. */
  readonly awaited: IdRanges;
  /** Ids that were awaited and that no transaction can bring any more. */
  readonly unused: IdRanges;
  /** Transactions from this one on have no part in `awaited`. */
  readonly horizon: string;
  /** The beginning of the mark of each row, in the order of ids. */
  readonly marks: Buffer;
  /** SHA-256 over the marks of all rows. */
  readonly digest: Buffer;
  /** The signature of the seal before; empty in the first. */
  readonly previous: Buffer;
  readonly keyId: number;
}

export interface Seal extends SealBody {
  readonly signature: Buffer;
}

/**
 * SHA-256 over a row's hash and over what an erasure leaves of it. The hash alone would not do: without its salt nobody could say any
 * more whether the words of an erased row are the ones that it was made of.
 */
export function markOf({ id, at, act, listId, facts, hash }: ConsentRow): Buffer {
  const said = canonicalJson({ id, at: at.toISOString(), act, listId, facts, hash: hash.toString('hex') });
  return createHash('sha256').update(said).digest();
}

/** @param rows in the order of ids */
export function sealed(rows: readonly ConsentRow[]): Pick<SealBody, 'ids' | 'rowCount' | 'marks' | 'digest'> {
  const marks = rows.map(markOf);
  return {
    ids: rangesOf(rows.map(({ id }) => id)),
    rowCount: rows.length,
    marks: Buffer.concat(marks.map((mark) => mark.subarray(0, MARK_BYTES))),
    digest: digestOf(marks),
  };
}

export function digestOf(marks: readonly Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(marks)).digest();
}

/** The bytes that are signed. */
export function signedBytes(seal: SealBody): Buffer {
  const { id, at, ids, rowCount, top, awaited, unused, horizon, marks, digest, previous, keyId } = seal;
  const said = canonicalJson({
    id,
    at: at.toISOString(),
    ids: formatRanges(ids),
    rowCount,
    top,
    awaited: formatRanges(awaited),
    unused: formatRanges(unused),
    horizon,
    marks: marks.toString('hex'),
    digest: digest.toString('hex'),
    previous: previous.toString('hex'),
    keyId,
  });
  return Buffer.from(said);
}

/** Whether its parts fit each other; one that does not is not worth reading rows for. */
export function isWellFormed({ ids, rowCount, marks }: SealBody): boolean {
  const size = sizeOf(ids);
  return size === rowCount && size <= SEAL_ROWS && marks.length === size * MARK_BYTES;
}

/** The kept part of each mark, by row id. */
export function* keptMarks({ ids, marks }: SealBody): Generator<readonly [id: number, kept: Buffer]> {
  let at = 0;
  for (const id of each(ids)) {
    yield [id, marks.subarray(at, at + MARK_BYTES)];
    at += MARK_BYTES;
  }
}
