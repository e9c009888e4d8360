import { Injectable } from '@nestjs/common';
import type { Database, Executor, Work } from '../../platform/database/index.js';
import { PersonalData, type PersonRef, type RetentionRule } from '../../platform/personal-data/index.js';
import { ChoicesRepository } from './choices.repository.js';
import { FreshLinksRepository } from './fresh-links.repository.js';

/** Links are worthless after an hour; a month of them tells support what happened. */
const LINK_DAYS = 30;

/** What a person chose, why they left, and the links that they asked for. */
@Injectable()
export class ChoicesPersonalData extends PersonalData {
  readonly tables = ['fresh_links'];

  override readonly retention: readonly RetentionRule[] = [
    {
      kind: 'links asked for by mail',
      days: LINK_DAYS,
      describe: 'Links to personal data that somebody asked for, with a new address where one was given.',
      count: (executor) => this.links.countOld(executor, LINK_DAYS),
      purge: (db) => this.purge(db),
    },
  ];

  constructor(
    private readonly choices: ChoicesRepository,
    private readonly links: FreshLinksRepository,
  ) {
    super();
  }

  override async export(executor: Executor, { id }: PersonRef): Promise<Record<string, unknown>> {
    const links = await this.links.ofPerson(executor, id);
    const choices = await this.choices.exported(executor, id);
    return {
      trackingAgreedAt: await this.choices.trackingAgreedAt(executor, id),
      choices: choices.map((row) => ({
        listId: row.list_id,
        pausedUntil: row.paused_until,
        minDaysBetween: row.min_days_between,
        leftReason: row.left_reason,
        leftNote: row.left_note,
      })),
      linksAskedFor: links.map((row) => ({
        purpose: row.purpose,
        at: row.created_at,
        usedAt: row.used_at,
      })),
    };
  }

  override async erase({ trx }: Work, { id }: PersonRef): Promise<void> {
    await this.links.removeOfPerson(trx, id);
    await this.choices.forget(trx, id);
  }

  private async purge(db: Database): Promise<number> {
    let gone = 0;
    for (;;) {
      const some = await this.links.removeOld(db, LINK_DAYS);
      if (some === 0) return gone;
      gone += some;
    }
  }
}
