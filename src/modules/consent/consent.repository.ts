import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import { bucketOf, isId } from '../../domain/index.js';
import type { Copy, Executor, Tables } from '../../platform/database/index.js';
import type { ConsentFacts, ConsentPersonal, ConsentRow } from './consent.types.js';

/** With facts and personal as JSON. */
type CopiedRow = Omit<ConsentRow, 'id' | 'facts' | 'personal'> & {
  readonly facts: string;
  readonly personal: string;
};

@Injectable()
export class ConsentRepository {
  async append(executor: Executor, rows: readonly Omit<ConsentRow, 'id'>[]): Promise<void> {
    await executor
      .insertInto('consent_ledger')
      .values(
        rows.map((row) => ({
          at: row.at,
          act: row.act,
          list_id: row.listId,
          facts: JSON.stringify(row.facts),
          person_id: row.personId,
          personal: JSON.stringify(row.personal),
          salt: row.salt,
          hash: row.hash,
        })),
      )
      .execute();
  }

  /** The same, for thousands of rows. */
  async copy(copy: Copy, rows: Iterable<CopiedRow>): Promise<void> {
    await copy('consent_ledger (at, act, list_id, facts, person_id, personal, salt, hash)', copied(rows));
  }

  async ofPerson(executor: Executor, personId: string): Promise<ConsentRow[]> {
    const rows = await executor
      .selectFrom('consent_ledger')
      .selectAll()
      .where('person_id', '=', personId)
      .orderBy('id')
      .execute();
    return rows.map(toConsentRow);
  }

  async listNames(
    executor: Executor,
    rows: readonly ConsentRow[],
  ): Promise<Map<string, { slug: string; name: string }>> {
    const ids = [...new Set(rows.flatMap(({ listId }) => listId ?? []))];
    if (ids.length === 0) return new Map();
    const lists = await executor
      .selectFrom('lists')
      .select(['id', 'slug', 'name'])
      .where('id', 'in', ids)
      .execute();
    return new Map(lists.map(({ id, slug, name }) => [id, { slug, name }]));
  }

  /** What is still kept of the mails that the rows speak of. */
  async mails(
    executor: Executor,
    personId: string,
    rows: readonly ConsentRow[],
  ): Promise<Map<string, { subject: string | null; sentAt: Date | null }>> {
    const ids = [...new Set(rows.flatMap(({ facts }) => facts['messageId'] ?? []))].filter(isId);
    if (ids.length === 0) return new Map();
    const mails = await executor
      .selectFrom('messages as m')
      .leftJoin('deliveries as d', (join) =>
        join.onRef('d.message_id', '=', 'm.id').on('d.person_id', '=', personId).on('d.state', '=', 'sent'),
      )
      .select(['m.id', 'm.subject', 'd.settled_at'])
      .where('m.bucket', 'in', [...new Set(ids.map(bucketOf))])
      .where('m.id', 'in', ids)
      .execute();
    return new Map(mails.map(({ id, subject, settled_at }) => [id, { subject, sentAt: settled_at }]));
  }

  /** The one change that the ledger's trigger lets through. */
  async forget(executor: Executor, personId: string): Promise<void> {
    await executor
      .updateTable('consent_ledger')
      .set({ person_id: null, personal: null, salt: null })
      .where('person_id', '=', personId)
      .execute();
  }

  async addErasureHash(executor: Executor, hash: Buffer): Promise<void> {
    await executor
      .insertInto('erasure_hashes')
      .values({ hash })
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .execute();
  }

  async dropErasureHash(executor: Executor, hash: Buffer): Promise<void> {
    await executor.deleteFrom('erasure_hashes').where('hash', '=', hash).execute();
  }

  async hasErasureHash(executor: Executor, hash: Buffer): Promise<boolean> {
    const row = await executor
      .selectFrom('erasure_hashes')
      .select('hash')
      .where('hash', '=', hash)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** @param hashes in hexadecimal digits, as what comes back */
  async erasureHashesAmong(executor: Executor, hashes: readonly string[]): Promise<string[]> {
    const { rows } = await sql<{ hash: string }>`
      SELECT encode(e.hash, 'hex') AS hash FROM unnest(${hashes}::text[]) asked
        JOIN erasure_hashes e ON e.hash = decode(asked, 'hex')`.execute(executor);
    return rows.map(({ hash }) => hash);
  }
}

function* copied(rows: Iterable<CopiedRow>) {
  for (const { at, act, listId, facts, personId, personal, salt, hash } of rows)
    yield [at, act, listId, facts, personId, personal, salt, hash];
}

export function toConsentRow(row: Selectable<Tables['consent_ledger']>): ConsentRow {
  return {
    id: row.id,
    at: row.at,
    act: row.act,
    listId: row.list_id,
    facts: row.facts as ConsentFacts,
    personId: row.person_id,
    personal: row.personal as ConsentPersonal | null,
    salt: row.salt,
    hash: row.hash,
  };
}
