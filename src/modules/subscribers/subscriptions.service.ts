import { Injectable } from '@nestjs/common';
import type { Executor } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { ConsentLedger, type ConsentProof } from '../consent/index.js';
import { Lists } from '../lists/index.js';
import { People } from './people.service.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';
import type { AudienceQuery, Leaving, Subscription, SubscriptionInFull } from './subscribers.types.js';

/**
 * pending → confirmed → unsubscribed → pending … Joining has one door, the module opt-in, which keeps its own proof. Leaving has
 * many (one click, a page, the API, an erasure), so its proof and its event are written here, where none of them can forget.
 */
@Injectable()
export class Subscriptions {
  constructor(
    private readonly repository: SubscriptionsRepository,
    private readonly people: People,
    private readonly lists: Lists,
    private readonly ledger: ConsentLedger,
  ) {}

  /**
   * Notes that a person asks for these lists: pending, unless confirmed already. Call it with the person's row locked.
   * @param source host and path of the page that asked, or a word, for the reports
   * @returns one per list, in their order; `leftAt` is set where the person had left before
   */
  async ask(
    executor: Executor,
    personId: string,
    listIds: readonly string[],
    source: string | null,
  ): Promise<Subscription[]> {
    const unique = [...new Set(listIds)];
    if (unique.length === 0) return [];
    const byList = new Map(
      (await this.repository.ask(executor, personId, unique, source)).map((one) => [one.listId, one]),
    );
    return unique.flatMap((listId) => byList.get(listId) ?? []);
  }

  /**
   * Ends subscriptions to which no mail can get, with an event for each.
   * @param reason `no_such_domain`, `takes_no_mail`
   * @returns those that it changed
   */
  async refuse(executor: Executor, ids: readonly string[], reason: string): Promise<Subscription[]> {
    const refused = await this.repository.refuse(executor, ids, reason);
    await appendEvents(
      executor,
      refused.map(({ id, personId, listId }) => ({
        type: 'subscriber.refused' as const,
        personId,
        listId,
        data: { subscriptionId: id, reason },
      })),
    );
    return refused;
  }

  /** Confirms those that are pending. @returns those that it changed */
  async confirm(executor: Executor, ids: readonly string[]): Promise<Subscription[]> {
    return this.repository.confirm(executor, ids);
  }

  /**
   * Ends subscriptions, with a row in the ledger and an event for each.
   * @param link the delivery whose link did it, and how much was meant, for the event
   * @returns those that it changed: none where the person had left before
   */
  async leave(
    executor: Executor,
    which: Leaving,
    proof: ConsentProof,
    link: { deliveryId?: number | null; scope?: 'list' | 'all' } = {},
  ): Promise<Subscription[]> {
    // An import that has this person in hand may be adding a subscription, which would not be seen here.
    if ('personId' in which) await this.people.lock(executor, which.personId);
    const ended = await this.repository.leave(executor, which);
    const { deliveryId = null, scope = 'list' } = link;
    await this.ledger.record(
      executor,
      ...ended.map(({ personId, listId }) => ({ ...proof, act: 'left' as const, personId, listId })),
    );
    await appendEvents(
      executor,
      ended.map(({ id, personId, listId }) => ({
        type: 'subscriber.unsubscribed' as const,
        personId,
        listId,
        deliveryId,
        data: { subscriptionId: id, scope, source: proof.source },
      })),
    );
    return ended;
  }

  async byId(executor: Executor, id: string): Promise<SubscriptionInFull | undefined> {
    const [subscription] = await this.repository.byIds(executor, [id]);
    if (!subscription) return undefined;
    const person = await this.people.byId(executor, subscription.personId);
    const [list] = await this.lists.byIds(executor, [subscription.listId]);
    return person && list && { ...subscription, person, list };
  }

  async byIds(executor: Executor, ids: readonly string[]): Promise<Subscription[]> {
    return this.repository.byIds(executor, ids);
  }

  /** All subscriptions of these people, whatever their status, the oldest first. */
  async ofPeople(executor: Executor, personIds: readonly string[]): Promise<Subscription[]> {
    return this.repository.ofPeople(executor, personIds);
  }

  /** The confirmed people of a list in the order of their ids: `limit` of them, after one. */
  audience(executor: Executor, listId: string, afterPersonId: string | null, limit: number): AudienceQuery {
    return this.repository.audience(executor, listId, afterPersonId, limit);
  }
}
