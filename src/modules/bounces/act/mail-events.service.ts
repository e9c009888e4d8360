import { Injectable } from '@nestjs/common';
import type { Work } from '../../../platform/database/index.js';
import { DeliveryOutcomes } from '../../delivery/index.js';
import { AddressReports } from '../../suppression/index.js';
import type { MailEvent } from '../mail-event.js';
import {
  addressReportOf,
  isActedOn,
  isReport,
  meantBy,
  slowDownOf,
  toldOutcomeOf,
  type Meant,
} from './meant.js';

/**
 * `applied`: something changed. `known`: it was told before, or what is known says more. `unmatched`: no mail of ours is meant, or not
 * clearly. `ignored`: it asks for nothing, or speaks of another address than the mail went to.
 */
export type Taken = 'applied' | 'known' | 'unmatched' | 'ignored';

/** What was taken, and whose mail it is about. */
export interface TakenOf {
  readonly taken: Taken;
  readonly personId: string | null;
  /** That person was erased since the mail was sent. */
  readonly isErased?: boolean;
}

/** Where everything ends that others tell of our mails: the outcome of the delivery, and what follows for the address. */
@Injectable()
export class MailEvents {
  constructor(
    private readonly outcomes: DeliveryOutcomes,
    private readonly reports: AddressReports,
  ) {}

  /**
   * In the caller's transaction; the same event twice is one. A group has the effect of one after the other, in few statements: of
   * several about one address each waits for the one before, because it builds on what that one changed.
   * @returns what became of each
   */
  async take(work: Work, events: readonly MailEvent[]): Promise<TakenOf[]> {
    const results = events.map((): TakenOf => ({ taken: 'ignored', personId: null }));
    let left = [...events.entries()].filter(([, event]) => isActedOn(event));
    while (left.length > 0) {
      const found = await this.outcomes.find(
        work.trx,
        left.map(([, event]) => event),
      );
      const now = new Map<string, { readonly place: number; readonly meant: Meant }>();
      const later: typeof left = [];
      for (const [at, [place, event]] of left.entries()) {
        const meant = meantBy(event, found[at] ?? []);
        if (typeof meant === 'string') {
          results[place] = { taken: meant, personId: null };
          continue;
        }
        const about = meant.address ?? String(meant.delivery.id);
        if (now.has(about)) later.push([place, event]);
        else now.set(about, { place, meant });
      }
      const group = [...now.values()];
      const taken = await this.act(
        work,
        group.map(({ meant }) => meant),
      );
      for (const { place, meant } of group)
        results[place] = {
          taken: taken.get(meant) ?? 'ignored',
          personId: meant.delivery.personId,
          isErased: meant.address === null,
        };
      left = later;
    }
    return results;
  }

  /** @param group each about another address */
  private async act(work: Work, group: readonly Meant[]): Promise<ReadonlyMap<Meant, Taken>> {
    const reports = group.filter(isReport);
    const isNew = await this.reports.take(work, reports.map(addressReportOf));
    const taken = new Map<Meant, Taken>(
      reports.map((meant, at) => [meant, isNew.has(at) ? 'applied' : 'known']),
    );
    const isNews = (meant: Meant) => taken.get(meant) === 'applied';
    const told = group.flatMap((meant) => {
      const outcome = meant.kind === 'delivered' || isNews(meant) ? toldOutcomeOf(meant) : undefined;
      return outcome ? [{ meant, outcome }] : [];
    });
    const changed = await this.outcomes.write(
      work,
      told.map(({ outcome }) => outcome),
    );
    for (const [at, { meant }] of told.entries())
      if (meant.kind === 'delivered') taken.set(meant, changed.has(at) ? 'applied' : 'known');
    for (const meant of group) {
      const of = meant.kind === 'deferred' || isNews(meant) ? slowDownOf(meant) : undefined;
      if (!of) continue;
      this.outcomes.slowDown(work, meant.delivery, of, meant.reason ?? '');
      taken.set(meant, 'applied');
    }
    return taken;
  }
}
