import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { bucketOf, firstIdAt } from '../../domain/index.js';
import type { Work } from '../../platform/database/index.js';
import {
  countRows,
  daysAgo,
  inChunks,
  PersonalData,
  type PersonRef,
  type RetentionRule,
} from '../../platform/personal-data/index.js';

const KEPT_DAYS = 90;
const end = (): string => firstIdAt(daysAgo(KEPT_DAYS));

/** Alerts hold ids; what they mean is looked up when a mail is made. */
@Injectable()
export class AlertsPersonalData extends PersonalData {
  readonly tables = ['alerts', 'alert_cursor'];

  override readonly retention: readonly RetentionRule[] = [
    {
      kind: 'alerts',
      days: KEPT_DAYS,
      describe: 'What the operator was told of, by ids; nothing of it stays.',
      count: (executor) =>
        countRows(executor, executor.selectFrom('alerts').select('id').where('id', '<', end())),
      purge: (db) =>
        inChunks(async (limit) => {
          const old = db.selectFrom('alerts').select('id').where('id', '<', end()).orderBy('id').limit(limit);
          const { numDeletedRows } = await db.deleteFrom('alerts').where('id', 'in', old).executeTakeFirst();
          return Number(numDeletedRows);
        }),
    },
  ];

  override async export(): Promise<Record<string, unknown>> {
    return {};
  }

  /** A mail to the operator names the order: of one that has left only the ids stay. One that still waits goes with its time. */
  override async erase({ trx }: Work, { id }: PersonRef): Promise<void> {
    const { rows } = await sql<{ mail: string }>`
      SELECT DISTINCT a.told_in AS mail FROM alerts a
       WHERE a.told_in IS NOT NULL
         AND a.message_id IN (SELECT message_id FROM events WHERE person_id = ${id})`.execute(trx);
    for (const { mail } of rows) {
      await sql`
        UPDATE messages m SET content = NULL, subject = NULL
         WHERE m.bucket = ${bucketOf(mail)} AND m.id = ${mail} AND NOT EXISTS (
           SELECT FROM deliveries d
            WHERE d.message_id = m.id AND d.state IN ('queued', 'sending', 'deferred'))`.execute(trx);
    }
  }
}
