import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Config } from '../../platform/config/index.js';
import type { Database, Executor } from '../../platform/database/index.js';
import { countRows, inChunks, PersonalData, type RetentionRule } from '../../platform/personal-data/index.js';
import { Erasure } from './erasure.service.js';

/**
 * People who never subscribed to anything and of whom nobody has told anything for so long that their orders and mails are gone. It holds
 * no table of its own: it lets go of a person as a whole. An address that must not be mailed stays, or it would be mailed again.
 */
@Injectable()
export class QuietCustomers extends PersonalData {
  readonly tables: readonly string[] = [];
  override readonly retention: readonly RetentionRule[];

  constructor(
    private readonly erasure: Erasure,
    config: Config,
  ) {
    super();
    const months = config.env.RETAIN_METADATA_MONTHS;
    this.retention = [
      {
        kind: 'customers on no list',
        days: Math.round((months * 365.25) / 12),
        describe: 'People who never subscribed, once their orders and the log of their mails are gone.',
        count: (executor) => countRows(executor, quiet(executor, months)),
        purge: (db) => inChunks((limit) => this.letGo(db, months, limit)),
      },
    ];
  }

  async export(): Promise<Record<string, unknown>> {
    return {};
  }

  async erase(): Promise<void> {}

  private async letGo(db: Database, months: number, limit: number): Promise<number> {
    const people = await quiet(db, months).limit(limit).execute();
    for (const { id } of people) await db.work((work) => this.erasure.letGo(work, id));
    return people.length;
  }
}

function quiet(executor: Executor, months: number) {
  return executor
    .selectFrom('people as p')
    .select('p.id')
    .where('p.erased_at', 'is', null)
    .where('p.updated_at', '<', sql<Date>`now() - make_interval(months => ${months})`)
    .where((row) =>
      row.not(
        row.or([
          row.exists(
            row.selectFrom('suppressions as x').select('x.id').whereRef('x.canonical', '=', 'p.canonical'),
          ),
          row.exists(
            row.selectFrom('subscriptions as s').select('s.id').whereRef('s.person_id', '=', 'p.id'),
          ),
          row.exists(row.selectFrom('orders as o').select('o.id').whereRef('o.person_id', '=', 'p.id')),
          row.exists(row.selectFrom('events as e').select('e.id').whereRef('e.person_id', '=', 'p.id')),
        ]),
      ),
    );
}
