import { Injectable } from '@nestjs/common';
import type { Work } from '../../platform/database/index.js';
import { PersonalData, type PersonRef, type RetentionRule } from '../../platform/personal-data/index.js';
import { LinkRequestsRepository } from './links.repository.js';

const DAYS = 1;

/** Addresses that were typed at /preferences. A worker takes each out within seconds; what could not be taken goes after a day. */
@Injectable()
export class LinkRequestsPersonalData extends PersonalData {
  readonly tables = ['link_requests'];
  override readonly retention: readonly RetentionRule[] = [
    {
      kind: 'requests for a link',
      days: DAYS,
      describe: 'Addresses that were typed at /preferences and that no worker has looked up.',
      count: (executor) => this.repository.countOld(executor, DAYS),
      purge: (db) => this.repository.removeOld(db, DAYS),
    },
  ];

  constructor(private readonly repository: LinkRequestsRepository) {
    super();
  }

  override async export(): Promise<Record<string, unknown>> {
    return {};
  }

  override async erase({ trx }: Work, { canonical }: PersonRef): Promise<void> {
    if (canonical !== null) await this.repository.removeOf(trx, canonical);
  }
}
