import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { KeyRing } from '../../platform/crypto/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import { PersonalData, type PersonRef, type RetentionRule } from '../../platform/personal-data/index.js';
import { AddressReportsRepository } from './address-reports.repository.js';

/** As long as the deliveries that they speak of. */
const KEPT_DAYS = 395;
const MOST_SHOWN = 1_000;

/**
 * Suppressions, and what counts against an address, outlive an erasure under the keyed hash of the address, so that a hard bounce or a complaint still holds for somebody
 * who comes back, and nobody can read whose they are (docs/decisions/0010).
 */
@Injectable()
export class SuppressionPersonalData extends PersonalData {
  readonly tables = ['suppressions', 'mail_reports'];
  override readonly retention: readonly RetentionRule[] = [
    {
      kind: 'bounces and complaints',
      days: KEPT_DAYS,
      describe: 'What servers and people said of mails goes; the suppressions that came of it stay.',
      count: (executor) => this.reports.countBefore(executor, KEPT_DAYS),
      purge: (db) => this.reports.purgeBefore(db, KEPT_DAYS),
    },
  ];

  constructor(
    private readonly keys: KeyRing,
    private readonly reports: AddressReportsRepository,
  ) {
    super();
  }

  async export(executor: Executor, { canonical }: PersonRef): Promise<Record<string, unknown>> {
    if (canonical === null) return { suppressions: [], mailReports: [] };
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
    return { suppressions, mailReports: await this.reports.of(executor, canonical, MOST_SHOWN) };
  }

  async erase({ trx }: Work, { canonical }: PersonRef): Promise<void> {
    if (canonical === null) return;
    await rename(trx, canonical, this.hashed(canonical));
    await this.reports.rename(trx, canonical, this.hashed(canonical), true);
    await trx
      .updateTable('suppressions')
      .set({ evidence: null, release_note: null })
      .where('canonical', '=', this.hashed(canonical))
      .execute();
  }

  override async comeBack(executor: Executor, { canonical }: PersonRef): Promise<void> {
    if (canonical === null) return;
    await rename(executor, this.hashed(canonical), canonical);
    await this.reports.rename(executor, this.hashed(canonical), canonical, false);
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
