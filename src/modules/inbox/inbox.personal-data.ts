import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { firstIdAt } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import {
  countRows,
  daysAgo,
  inChunks,
  PersonalData,
  type PersonRef,
  type RetentionRule,
} from '../../platform/personal-data/index.js';

/** Whole mails, where no relay is set. A mail to a person, or from one, goes with the person, whoever else got it. */
@Injectable()
export class InboxPersonalData extends PersonalData {
  readonly tables = ['inbox_messages'];
  override readonly retention: readonly RetentionRule[];

  constructor(config: Config) {
    super();
    const days = config.env.RETAIN_CONTENT_DAYS;
    const old = (executor: Executor) =>
      executor
        .selectFrom('inbox_messages')
        .select('id')
        .where('id', '<', firstIdAt(daysAgo(days)));
    this.retention = [
      {
        kind: 'mails in the built-in inbox',
        days,
        describe: 'Whole mails that were caught because no relay is set.',
        count: (executor) => countRows(executor, old(executor)),
        purge: (db) =>
          inChunks(async (limit) => {
            const { numDeletedRows } = await db
              .deleteFrom('inbox_messages')
              .where('id', 'in', old(db).limit(limit))
              .executeTakeFirstOrThrow();
            return Number(numDeletedRows);
          }),
      },
    ];
  }

  async export(executor: Executor, person: PersonRef): Promise<Record<string, unknown>> {
    const rows = await executor
      .selectFrom('inbox_messages')
      .select(['received_at as receivedAt', 'from_header as from', 'to_header as to', 'subject', 'size'])
      .where(concerns(person))
      .orderBy('id')
      .execute();
    return { mailsInTheInbox: rows };
  }

  async erase({ trx }: Work, person: PersonRef): Promise<void> {
    await trx.deleteFrom('inbox_messages').where(concerns(person)).execute();
  }
}

/** Headers too: a mail to two people names both in each copy. */
function concerns({ canonical, address }: PersonRef) {
  const names = [canonical, address].flatMap((name) => (name === null ? [] : [name.toLowerCase()]));
  return sql<boolean>`(
    lower(mail_from) = ANY(${names}::text[])
    OR EXISTS (SELECT FROM unnest(rcpt_to) recipient WHERE lower(recipient) = ANY(${names}::text[]))
    OR EXISTS (SELECT FROM unnest(${names}::text[]) name
                WHERE strpos(lower(to_header), name) > 0 OR strpos(lower(from_header), name) > 0))`;
}
