import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config/index.js';
import { PersonalData, type RetentionRule } from '../../platform/personal-data/index.js';
import { DeliverabilityRepository } from './deliverability.repository.js';

const DAYS_A_MONTH = 365.25 / 12;

/** Counts name no person. A domain may be one person's own, so they are kept no longer than who got which mail. */
@Injectable()
export class ReportsPersonalData extends PersonalData {
  readonly tables = ['deliverability_cursor', 'deliverability_days'];
  override readonly retention: readonly RetentionRule[];

  constructor({ env }: Config, repository: DeliverabilityRepository) {
    super();
    const days = Math.round(env.RETAIN_METADATA_MONTHS * DAYS_A_MONTH);
    this.retention = [
      {
        kind: 'deliverability counts',
        days,
        describe: 'How much mail arrived, bounced or was complained about, by day, campaign and domain.',
        count: (executor) => repository.countBefore(executor, days),
        purge: (db) => repository.purgeBefore(db, days),
      },
    ];
  }

  async export(): Promise<Record<string, unknown>> {
    return {};
  }

  async erase(): Promise<void> {}
}
