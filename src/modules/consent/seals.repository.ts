import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import type { Executor, Tables } from '../../platform/database/index.js';
import { toConsentRow } from './consent.repository.js';
import type { ConsentRow } from './consent.types.js';
import { formatRanges, parseRanges, type IdRanges } from './id-ranges.js';
import type { Seal } from './seal.js';

@Injectable()
export class SealsRepository {
  /** One seal at a time. It takes no snapshot, so that what is read after it is what is there after the seal before. */
  async lock(executor: Executor): Promise<void> {
    await sql`LOCK TABLE consent_seals IN EXCLUSIVE MODE`.execute(executor);
  }

  async last(executor: Executor): Promise<Seal | undefined> {
    const row = await executor
      .selectFrom('consent_seals')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && toSeal(row);
  }

  async after(executor: Executor, id: number, limit: number): Promise<Seal[]> {
    const rows = await executor
      .selectFrom('consent_seals')
      .selectAll()
      .where('id', '>', id)
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toSeal);
  }

  /** The seals that cover any of these rows. */
  async covering(executor: Executor, ids: IdRanges): Promise<Seal[]> {
    const rows = await executor
      .selectFrom('consent_seals')
      .selectAll()
      .where(sql<boolean>`ids && ${formatRanges(ids)}::int8multirange`)
      .orderBy('id')
      .execute();
    return rows.map(toSeal);
  }

  async insert(executor: Executor, seal: Seal): Promise<void> {
    await executor
      .insertInto('consent_seals')
      .values({
        id: seal.id,
        at: seal.at,
        ids: formatRanges(seal.ids),
        row_count: seal.rowCount,
        top: seal.top,
        awaited: formatRanges(seal.awaited),
        unused: formatRanges(seal.unused),
        horizon: seal.horizon,
        marks: seal.marks,
        digest: seal.digest,
        previous: seal.previous,
        key_id: seal.keyId,
        signature: seal.signature,
      })
      .execute();
  }

  /** The transactions that had ended, and those that had not begun, when this transaction's snapshot was taken. */
  async snapshot(executor: Executor): Promise<{ oldest: bigint; next: bigint }> {
    const { rows } = await sql<{ oldest: string; next: string }>`
      SELECT pg_snapshot_xmin(s)::text AS oldest, pg_snapshot_xmax(s)::text AS next
        FROM pg_current_snapshot() s`.execute(executor);
    return { oldest: BigInt(rows[0]!.oldest), next: BigInt(rows[0]!.next) };
  }

  /** The rows with these ids, in their order. Each run is one look into the primary key. */
  async rowsIn(executor: Executor, ids: IdRanges, limit: number): Promise<ConsentRow[]> {
    if (ids.length === 0) return [];
    const { rows } = await sql<Selectable<Tables['consent_ledger']>>`
      SELECT l.* FROM unnest(${formatRanges(ids)}::int8multirange) r
       CROSS JOIN LATERAL (
         SELECT * FROM consent_ledger WHERE id >= lower(r) AND id < upper(r) ORDER BY id LIMIT ${limit}) l
       ORDER BY l.id LIMIT ${limit}`.execute(executor);
    return rows.map(toConsentRow);
  }
}

function toSeal(row: Selectable<Tables['consent_seals']>): Seal {
  return {
    id: row.id,
    at: row.at,
    ids: parseRanges(row.ids),
    rowCount: row.row_count,
    top: row.top,
    awaited: parseRanges(row.awaited),
    unused: parseRanges(row.unused),
    horizon: row.horizon,
    marks: row.marks,
    digest: row.digest,
    previous: row.previous,
    keyId: row.key_id,
    signature: row.signature,
  };
}
