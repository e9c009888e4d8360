import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { firstIdAt } from '../../domain/index.js';
import type { Database, Executor } from '../../platform/database/index.js';
import { PersonalData, type RetentionRule } from '../../platform/personal-data/index.js';
import { KEPT_DAYS } from './webhooks.schemas.js';

const CHUNK = 5_000;

/**
 * Nothing here names a person: messages hold the ids of events, an address is looked up when one is sent, and answers are kept
 * without addresses. So there is nothing to export or to erase, only what has had its time.
 */
@Injectable()
export class WebhooksPersonalData extends PersonalData {
  readonly tables = ['webhook_endpoints', 'webhook_messages', 'webhook_attempts', 'webhook_cursor'];

  override readonly retention = [
    ruleFor(
      'webhook_attempts',
      'attempts of webhooks',
      'What was sent to an endpoint and the beginning of its answer',
    ),
    ruleFor('webhook_messages', 'messages of webhooks', 'Which event was queued for which endpoint'),
  ];

  override async export(): Promise<Record<string, unknown>> {
    return {};
  }

  override async erase(): Promise<void> {
    // Nothing is held.
  }
}

/** Ids are UUIDv7: what is old is the beginning of the primary key. */
function ruleFor(table: 'webhook_attempts' | 'webhook_messages', kind: string, what: string): RetentionRule {
  const end = (): string => firstIdAt(new Date(Date.now() - KEPT_DAYS * 86_400_000));
  return {
    kind,
    days: KEPT_DAYS,
    describe: `${what}; nothing of it stays.`,
    async count(executor: Executor): Promise<number> {
      const { count } = await executor
        .selectFrom(table)
        .select(sql<number>`count(*)`.as('count'))
        .where('id', '<', end())
        .executeTakeFirstOrThrow();
      return count;
    },
    async purge(db: Database): Promise<number> {
      for (let total = 0, went = CHUNK; ; total += went) {
        if (went < CHUNK) return total;
        const old = db.selectFrom(table).select('id').where('id', '<', end()).orderBy('id').limit(CHUNK);
        const { numDeletedRows } = await db.deleteFrom(table).where('id', 'in', old).executeTakeFirst();
        went = Number(numDeletedRows);
      }
    },
  };
}
