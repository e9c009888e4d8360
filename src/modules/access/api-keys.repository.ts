import { Injectable } from '@nestjs/common';
import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import { isId } from '../../domain/index.js';
import { Database, type Tables } from '../../platform/database/index.js';

export type ApiKeyRow = Omit<Selectable<Tables['api_keys']>, 'hash'>;

/** The key's hash stays inside the database: nothing that shows keys has a use for it. */
const columns = [
  'id',
  'name',
  'prefix',
  'scopes',
  'created_at',
  'expires_at',
  'last_used_at',
  'revoked_at',
] as const;

export interface NewApiKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly hash: Buffer;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
}

@Injectable()
export class ApiKeysRepository {
  constructor(private readonly db: Database) {}

  async insert(key: NewApiKey): Promise<void> {
    await this.db.insertInto('api_keys').values(rowOf(key)).execute();
  }

  /** Inserts the key unless this secret is known. A known one that still works gets the scopes of this version. */
  async ensure(key: NewApiKey): Promise<void> {
    await this.db
      .insertInto('api_keys')
      .values(rowOf(key))
      .onConflict((conflict) =>
        conflict
          .column('hash')
          .doUpdateSet({ scopes: [...key.scopes] })
          .where('api_keys.revoked_at', 'is', null),
      )
      .execute();
  }

  async list(): Promise<ApiKeyRow[]> {
    return this.db.selectFrom('api_keys').select(columns).orderBy('id').execute();
  }

  async byHash(hash: Buffer): Promise<ApiKeyRow | undefined> {
    return this.db.selectFrom('api_keys').select(columns).where('hash', '=', hash).executeTakeFirst();
  }

  async byIdOrPrefix(idOrPrefix: string): Promise<ApiKeyRow[]> {
    return this.db
      .selectFrom('api_keys')
      .select(columns)
      .where(isId(idOrPrefix) ? 'id' : 'prefix', '=', idOrPrefix)
      .execute();
  }

  /** Keeps the time of the first revocation. */
  async revoke(id: string): Promise<ApiKeyRow> {
    return this.db
      .updateTable('api_keys')
      .set({ revoked_at: sql`coalesce(revoked_at, now())` })
      .where('id', '=', id)
      .returning(columns)
      .executeTakeFirstOrThrow();
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

function rowOf(key: NewApiKey) {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    hash: key.hash,
    scopes: [...key.scopes],
    expires_at: key.expiresAt,
    last_used_at: null,
    revoked_at: null,
  };
}
