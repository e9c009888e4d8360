import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Executor, Work } from '../../platform/database/index.js';
import { IDEMPOTENCY_HOURS } from '../../platform/http/index.js';
import {
  inChunks,
  PersonalData,
  type PersonRef,
  type RetentionRule,
} from '../../platform/personal-data/index.js';

/** What the platform keeps for everybody: answers to an Idempotency-Key may repeat an address, and so may the key itself. */
@Injectable()
export class PlatformPersonalData extends PersonalData {
  readonly tables = ['idempotency_keys'];
  override readonly retention: readonly RetentionRule[] = [
    {
      kind: 'answers to an Idempotency-Key',
      days: IDEMPOTENCY_HOURS / 24,
      describe: 'After that the same key is a new request.',
      count: async (executor) => {
        const { rows } = await sql<{ count: number }>`
          SELECT count(*) AS count FROM idempotency_keys WHERE ${pastItsTime}`.execute(executor);
        return rows[0]?.count ?? 0;
      },
      purge: (db) =>
        inChunks(async (limit) => {
          const { numAffectedRows } = await sql`
            DELETE FROM idempotency_keys WHERE ctid = ANY(ARRAY(
              SELECT ctid FROM idempotency_keys WHERE ${pastItsTime} LIMIT ${limit}))`.execute(db);
          return Number(numAffectedRows ?? 0);
        }),
    },
  ];

  async export(): Promise<Record<string, unknown>> {
    return {};
  }

  /** The rows live two days: reading all of them costs less than an index that every request would pay for. */
  async erase({ trx }: Work, { canonical, address }: PersonRef): Promise<void> {
    for (const name of new Set([canonical, address])) {
      if (name !== null) await this.eraseAnswers(trx, name.toLowerCase());
    }
  }

  private async eraseAnswers(executor: Executor, name: string): Promise<void> {
    await sql`
      DELETE FROM idempotency_keys
       WHERE strpos(lower(key), ${name}) > 0 OR strpos(lower(response::text), ${name}) > 0`.execute(executor);
  }
}

const pastItsTime = sql`created_at < now() - make_interval(hours => ${IDEMPOTENCY_HOURS})`;
