import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { KeyRing } from '../../platform/crypto/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import { PersonalData, type PersonRef } from '../../platform/personal-data/index.js';

/**
 * Suppressions outlive an erasure under the keyed hash of the address, so that a hard bounce or a complaint still holds for somebody
 * who comes back, and nobody can read whose they are (docs/decisions/0010).
 */
@Injectable()
export class SuppressionPersonalData extends PersonalData {
  readonly tables = ['suppressions'];

  constructor(private readonly keys: KeyRing) {
    super();
  }

  async export(executor: Executor, { canonical }: PersonRef): Promise<Record<string, unknown>> {
    if (canonical === null) return { suppressions: [] };
    const suppressions = await executor
      .selectFrom('suppressions')
      .select([
        'scope',
        'reason',
        'evidence',
        'created_at as createdAt',
        'released_at as releasedAt',
        'release_note as releaseNote',
      ])
      .where('canonical', '=', canonical)
      .orderBy('id')
      .execute();
    return { suppressions };
  }

  async erase({ trx }: Work, { canonical }: PersonRef): Promise<void> {
    if (canonical === null) return;
    await rename(trx, canonical, this.hashed(canonical));
    await trx
      .updateTable('suppressions')
      .set({ evidence: null, release_note: null })
      .where('canonical', '=', this.hashed(canonical))
      .execute();
  }

  override async comeBack(executor: Executor, { canonical }: PersonRef): Promise<void> {
    if (canonical !== null) await rename(executor, this.hashed(canonical), canonical);
  }

  /** No address begins so: a colon is not allowed in the local part unless it is quoted. */
  private hashed(canonical: string): string {
    return `erased:${this.keys.hash('erasure', canonical).toString('hex')}`;
  }
}

/** Where the same one is active under the new name already, that one is enough. */
async function rename(executor: Executor, from: string, to: string): Promise<void> {
  await sql`
    DELETE FROM suppressions old USING suppressions kept
     WHERE old.canonical = ${from} AND old.released_at IS NULL
       AND kept.canonical = ${to} AND kept.released_at IS NULL
       AND kept.scope = old.scope AND kept.reason = old.reason AND kept.list_id IS NOT DISTINCT FROM old.list_id`.execute(
    executor,
  );
  await executor.updateTable('suppressions').set({ canonical: to }).where('canonical', '=', from).execute();
}
