import { Injectable } from '@nestjs/common';
import type { LinkToken } from '../../platform/crypto/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import type { ConsentProof } from '../consent/index.js';
import { Lists, type List } from '../lists/index.js';
import { People, Subscriptions, type Person, type SubscriptionInFull } from '../subscribers/index.js';

/** Where somebody leaves from. */
export type LeavingFrom = Pick<ConsentProof, 'source' | 'ip' | 'userAgent'>;

/** What a person receives now. */
export interface Received {
  readonly person: Person;
  readonly lists: readonly List[];
}

/** Leaving needs nothing but the link: no login, no question. Whoever has left already stays gone, and hears the same. */
@Injectable()
export class Unsubscribe {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly people: People,
    private readonly lists: Lists,
  ) {}

  /**
   * Leaves the list of the link, or all news of the person.
   * @returns the subscription that the link names; undefined when it is not there any more
   */
  async leave(
    { trx }: Work,
    { subject, delivery }: LinkToken,
    scope: 'list' | 'all',
    from: LeavingFrom,
  ): Promise<SubscriptionInFull | undefined> {
    const subscription = await this.subscriptions.byId(trx, subject);
    if (!subscription) return undefined;
    const which = scope === 'all' ? { personId: subscription.personId } : { id: subscription.id };
    await this.subscriptions.leave(trx, which, { ...from, text: null }, { deliveryId: delivery, scope });
    return subscription;
  }

  /** The confirmed lists of a person; undefined for a person who is not there any more. */
  async received(executor: Executor, personId: string): Promise<Received | undefined> {
    const person = await this.people.byId(executor, personId);
    if (!person) return undefined;
    const subscriptions = await this.subscriptions.ofPeople(executor, [personId]);
    const confirmed = subscriptions.filter(({ status }) => status === 'confirmed');
    return {
      person,
      lists: await this.lists.byIds(
        executor,
        confirmed.map(({ listId }) => listId),
      ),
    };
  }

  /**
   * Leaves the lists that a page showed and that were not kept. A list that it did not show stays as it is, whenever it was joined.
   * @param shown and `kept` are slugs
   */
  async keep(
    { trx }: Work,
    personId: string,
    { shown, kept }: { shown: readonly string[]; kept: readonly string[] },
    from: LeavingFrom,
  ): Promise<Received | undefined> {
    const before = await this.received(trx, personId);
    const dropped = (before?.lists ?? []).filter(({ slug }) => shown.includes(slug) && !kept.includes(slug));
    if (dropped.length === 0) return before;
    await this.subscriptions.leave(
      trx,
      { personId, listIds: dropped.map(({ id }) => id) },
      { ...from, text: null },
    );
    return this.received(trx, personId);
  }
}
