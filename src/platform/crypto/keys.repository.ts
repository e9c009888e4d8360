import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { ConfigError } from '../config/index.js';
import type { Database } from '../database/index.js';
import type { KeyPurpose, KeyStore, StoredKey } from './key-store.js';
import { seal, unseal } from './seal.js';

/** A new key is used when every process has had the time to learn of it. */
const SETTLES_AFTER_S = 60;

/** The table of keys, each wrapped with SECRET_KEY. */
export class KeysRepository implements KeyStore {
  /** Unwrapped before: a refresh opens only what is new. */
  private readonly opened = new Map<number, KeyObject>();

  constructor(
    private readonly db: Database,
    private readonly secretKey: KeyObject,
  ) {}

  /** Makes the keys that are missing; of several processes that start at once each purpose gets one. */
  async ensure(purposes: readonly KeyPurpose[]): Promise<void> {
    for (const purpose of purposes) {
      await this.db
        .insertInto('keys')
        .values(this.fresh(purpose))
        .onConflict((conflict) => conflict.column('purpose').where('retired_at', 'is', null).doNothing())
        .execute();
    }
  }

  /** @throws ConfigError when SECRET_KEY is not the one that wrapped them */
  async all(): Promise<StoredKey[]> {
    const rows = await this.db
      .selectFrom('keys')
      .selectAll()
      .select(sql<boolean>`created_at <= now() - make_interval(secs => ${SETTLES_AFTER_S})`.as('settled'))
      .orderBy('id')
      .execute();
    return rows.map(({ id, purpose, wrapped, retired_at: retiredAt, settled }) => ({
      id,
      purpose,
      key: this.unwrap(id, wrapped),
      retiredAt,
      settled,
    }));
  }

  async replace(purpose: KeyPurpose): Promise<{ id: number; retired: number } | undefined> {
    return this.db.work(async ({ trx }) => {
      const old = await trx
        .updateTable('keys')
        .set({ retired_at: sql`now()` })
        .where('purpose', '=', purpose)
        .where('retired_at', 'is', null)
        .where('created_at', '<=', sql<Date>`now() - make_interval(secs => ${SETTLES_AFTER_S})`)
        .returning('id')
        .executeTakeFirst();
      if (!old) return undefined;
      const { id } = await trx
        .insertInto('keys')
        .values(this.fresh(purpose))
        .returning('id')
        .executeTakeFirstOrThrow();
      return { id, retired: old.id };
    });
  }

  private fresh(purpose: KeyPurpose) {
    return { purpose, wrapped: seal(this.secretKey, randomBytes(32)), retired_at: null };
  }

  private unwrap(id: number, wrapped: Buffer): KeyObject {
    const known = this.opened.get(id);
    if (known) return known;
    const bytes = unseal(this.secretKey, wrapped);
    if (!bytes)
      throw new ConfigError(
        'SECRET_KEY: does not open the keys in this database. Start with the SECRET_KEY (or DATA_DIR/secret.key) that it was made with.',
      );
    const key = createSecretKey(bytes);
    this.opened.set(id, key);
    return key;
  }
}
