import { Injectable } from '@nestjs/common';
import { mayBeSaidAnew, published, summed, type Grouped } from '../../domain/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import { AudienceRepository, type PublishedList, type Release, type Tables } from './audience.repository.js';

export interface AudienceList {
  readonly list: string;
  readonly name: string;
  /** The day of the count; null for a list that is too small to say anything of it. */
  readonly asOf: string | null;
  readonly published: PublishedList | null;
}

export interface AudienceReport {
  readonly lists: readonly AudienceList[];
  /** Sums of what is published, and of nothing else. */
  readonly all: PublishedList;
}

/** How many people read what, safe to show to anybody: the rules are in domain/disclosure.ts. */
@Injectable()
export class Audience {
  constructor(
    private readonly repository: AudienceRepository,
    private readonly db: Database,
  ) {}

  async report(): Promise<AudienceReport> {
    const lists = await this.db.work(async ({ trx }) => {
      await this.repository.lock(trx);
      const found = [];
      for (const { id, slug, name } of await this.repository.lists(trx)) {
        const release = await this.current(trx, id);
        const asOf = release.published === null ? null : release.takenAt.toISOString().slice(0, 10);
        found.push({ list: slug, name, asOf, published: release.published });
      }
      return found;
    });
    const shown = lists.flatMap(({ published: one }) => one ?? []);
    const sum = (pick: (one: PublishedList) => Grouped) => summed(shown.map(pick));
    return {
      lists,
      all: {
        subscriptions: shown.reduce((total, { subscriptions }) => total + subscriptions, 0),
        languages: sum(({ languages }) => languages),
        sources: sum(({ sources }) => sources),
        months: sum(({ months }) => months),
      },
    };
  }

  private async current(executor: Executor, listId: string): Promise<Release> {
    const last = await this.repository.release(executor, listId);
    if (last && !mayBeSaidAnew(await this.repository.comeAndGone(executor, listId, last.takenAt)))
      return last;
    const next = {
      takenAt: new Date(),
      published: publishedList(await this.repository.tables(executor, listId)),
    };
    if (last || next.published) await this.repository.keep(executor, listId, next);
    return next;
  }
}

function publishedList(tables: Tables): PublishedList | null {
  const total = tables.languages.reduce((sum, { count }) => sum + count, 0);
  const all = published([{ key: 'all', count: total }]);
  const [languages, sources, months] = [tables.languages, tables.sources, tables.months].map(published);
  if (!all || !languages || !sources || !months) return null;
  return { subscriptions: all.groups[0]?.count ?? 0, languages, sources, months };
}
