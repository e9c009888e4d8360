import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import type { Executor, Tables } from '../../platform/database/index.js';
import type { Policy, PolicyHead } from './policies.types.js';

const head = ['id', 'version', 'revised_on', 'published_at'] as const;

@Injectable()
export class PoliciesRepository {
  /** Two that are published at once come one after the other. */
  async lock(executor: Executor): Promise<void> {
    await sql`LOCK TABLE privacy_policies IN SHARE ROW EXCLUSIVE MODE`.execute(executor);
  }

  async insert(executor: Executor, policy: Omit<Policy, 'publishedAt' | 'locales'>): Promise<void> {
    await executor
      .insertInto('privacy_policies')
      .values({
        id: policy.id,
        version: policy.version,
        revised_on: policy.revisedOn,
        bodies: JSON.stringify(policy.bodies),
        // Not the start of the transaction: it may have waited for the lock.
        published_at: sql<Date>`clock_timestamp()`,
      })
      .execute();
  }

  /** The newest first, without their bodies. */
  async heads(executor: Executor, limit: number | null = null): Promise<PolicyHead[]> {
    const rows = await executor
      .selectFrom('privacy_policies')
      .select([...head, sql<string[]>`ARRAY(SELECT jsonb_object_keys(bodies) ORDER BY 1)`.as('locales')])
      .orderBy('published_at', 'desc')
      .$if(limit !== null, (query) => query.limit(limit!))
      .execute();
    return rows.map(toHead);
  }

  async byVersion(executor: Executor, version: string): Promise<Policy | undefined> {
    const row = await executor
      .selectFrom('privacy_policies')
      .selectAll()
      .where('version', '=', version)
      .executeTakeFirst();
    if (!row) return undefined;
    const { bodies } = row;
    return { ...toHead({ ...row, locales: Object.keys(bodies) }), bodies };
  }
}

type HeadRow = Pick<Selectable<Tables['privacy_policies']>, (typeof head)[number]> & { locales: string[] };

function toHead({ id, version, revised_on, published_at, locales }: HeadRow): PolicyHead {
  return { id, version, revisedOn: revised_on, publishedAt: published_at, locales };
}
