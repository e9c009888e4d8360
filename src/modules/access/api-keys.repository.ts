import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import { isId, type KeyLimits } from '../../domain/index.js';
import { Database, type Executor, type Tables } from '../../platform/database/index.js';
import type { ApiKey } from './access.types.js';

/** The key's hash stays inside the database: nothing that shows keys has a use for it. */
const columns = [
  'id',
  'name',
  'prefix',
  'scopes',
  'senders',
  'rate_requests',
  'rate_per',
  'allow_ips',
  'created_at',
  'expires_at',
  'last_used_at',
  'revoked_at',
] as const;
type Row = Pick<Selectable<Tables['api_keys']>, (typeof columns)[number]>;

export interface StoredKey extends KeyLimits {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly hash: Buffer;
}

@Injectable()
export class ApiKeysRepository {
  constructor(private readonly db: Database) {}

  async insert(executor: Executor, key: StoredKey): Promise<void> {
    await executor.insertInto('api_keys').values(rowOf(key)).execute();
  }

  /**
   * Inserts the key unless this secret is known. A known one that still works gets the scopes of this version.
   * @returns whether it was inserted
   */
  async ensure(executor: Executor, key: StoredKey): Promise<boolean> {
    const row = await executor
      .insertInto('api_keys')
      .values(rowOf(key))
      .onConflict((conflict) =>
        conflict
          .column('hash')
          .doUpdateSet({ scopes: [...key.scopes] })
          .where('api_keys.revoked_at', 'is', null),
      )
      .returning('id')
      .executeTakeFirst();
    return row?.id === key.id;
  }

  /** Until the end of the transaction nobody else makes, changes or revokes a key. */
  async lock(executor: Executor): Promise<void> {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended('api keys', 0))`.execute(executor);
  }

  /** The oldest first. @param limit how many at most; all when left out */
  async list(limit?: number, after?: string): Promise<ApiKey[]> {
    const rows = await this.db
      .selectFrom('api_keys')
      .select(columns)
      .$if(after !== undefined, (query) => query.where('id', '>', after!))
      .orderBy('id')
      .$if(limit !== undefined, (query) => query.limit(limit!))
      .execute();
    return rows.map(toApiKey);
  }

  async byHash(hash: Buffer): Promise<ApiKey | undefined> {
    const row = await this.db
      .selectFrom('api_keys')
      .select(columns)
      .where('hash', '=', hash)
      .executeTakeFirst();
    return row && toApiKey(row);
  }

  async byId(executor: Executor, id: string): Promise<ApiKey | undefined> {
    const row = await executor.selectFrom('api_keys').select(columns).where('id', '=', id).executeTakeFirst();
    return row && toApiKey(row);
  }

  async byIdOrPrefix(idOrPrefix: string): Promise<ApiKey[]> {
    const rows = await this.db
      .selectFrom('api_keys')
      .select(columns)
      .where(isId(idOrPrefix) ? 'id' : 'prefix', '=', idOrPrefix)
      .execute();
    return rows.map(toApiKey);
  }

  async update(executor: Executor, id: string, key: KeyLimits & { readonly name: string }): Promise<void> {
    await executor
      .updateTable('api_keys')
      .set({ name: key.name, ...limitColumns(key) })
      .where('id', '=', id)
      .execute();
  }

  async revoke(executor: Executor, id: string): Promise<void> {
    await executor
      .updateTable('api_keys')
      .set({ revoked_at: sql`now()` })
      .where('id', '=', id)
      .execute();
  }

  /** How many keys with a scope work now, but for one. */
  async othersWith(executor: Executor, scope: string, except: string): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*)::int AS count FROM api_keys
       WHERE ${scope} = ANY(scopes) AND id <> ${except} AND revoked_at IS NULL AND coalesce(expires_at > now(), true)`.execute(
      executor,
    );
    return rows[0]?.count ?? 0;
  }

  /** Those of the slugs that no sender has. */
  async unknownSenders(executor: Executor, slugs: readonly string[]): Promise<string[]> {
    const { rows } = await sql<{ slug: string }>`
      SELECT slug FROM unnest(${slugs}::text[]) AS asked (slug)
       WHERE slug NOT IN (SELECT s.slug FROM senders s)`.execute(executor);
    return rows.map(({ slug }) => slug);
  }

  /** Several processes may see the same key at once: only the first of them in a minute writes. */
  async touch(id: string): Promise<void> {
    await this.db
      .updateTable('api_keys')
      .set({ last_used_at: sql`now()` })
      .where('id', '=', id)
      .where(sql<boolean>`coalesce(last_used_at < now() - interval '1 minute', true)`)
      .execute();
  }
}

function rowOf(key: StoredKey) {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    hash: key.hash,
    last_used_at: null,
    revoked_at: null,
    ...limitColumns(key),
  };
}

function limitColumns({ scopes, senders, rate, allowIps, expiresAt }: KeyLimits) {
  return {
    scopes: [...scopes],
    senders: senders && [...senders],
    rate_requests: rate?.requests ?? null,
    rate_per: rate?.per ?? null,
    allow_ips: allowIps && [...allowIps],
    expires_at: expiresAt,
  };
}

function toApiKey(row: Row): ApiKey {
  const { rate_requests: requests, rate_per: per } = row;
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    senders: row.senders,
    rate: requests === null || per === null ? null : { requests, per },
    allowIps: row.allow_ips,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
