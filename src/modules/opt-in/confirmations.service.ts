import { Injectable } from '@nestjs/common';
import type { Executor, Work } from '../../platform/database/index.js';
import { ErasureHashes } from '../consent/index.js';
import { Lists, type List } from '../lists/index.js';
import { Suppressions } from '../suppression/index.js';
import { People, Subscriptions, type Person, type Subscription } from '../subscribers/index.js';
import { ConsentNotes, type Client } from './consent-notes.js';
import { OptInMailing } from './opt-in-mailing.js';
import { OptInRequestsRepository, type OptInRequest } from './opt-in-requests.repository.js';
import { OptInRequests } from './opt-in-requests.service.js';
import { idOf } from './opt-in.service.js';

/** What a confirmation link stands for at this moment. */
export interface Confirmation {
  /**
   * `open`: the button works. `expired`: too late for this link, and a new one may be asked for. `over`: nothing waits any more, because
   * the person has left since, or is gone.
   */
  readonly state: 'open' | 'confirmed' | 'expired' | 'over';
  /** The lists that the button would confirm, or that are confirmed. */
  readonly lists: readonly List[];
  readonly person: Person;
}

/** Slugs that a page showed, and those that were ticked. A page that shows nothing means everything. */
export interface Chosen {
  readonly shown: readonly string[];
  readonly ticked: readonly string[];
}

/** Behind the link of a confirmation mail. */
@Injectable()
export class Confirmations {
  constructor(
    private readonly people: People,
    private readonly subscriptions: Subscriptions,
    private readonly lists: Lists,
    private readonly notes: ConsentNotes,
    private readonly erasures: ErasureHashes,
    private readonly requests: OptInRequestsRepository,
    private readonly opening: OptInRequests,
    private readonly mailing: OptInMailing,
    private readonly suppressions: Suppressions,
  ) {}

  /** What the link stands for; undefined when there is no such request. Changes nothing. */
  async look(executor: Executor, requestId: string): Promise<Confirmation | undefined> {
    const request = await this.requests.byId(executor, requestId);
    return request && this.confirmation(executor, request);
  }

  /**
   * Confirms what the link asks for, or the part of it that was ticked. A second time changes nothing and answers the same.
   * @returns undefined when there is no such request; `open` when nothing was ticked
   */
  async confirm(
    work: Work,
    requestId: string,
    client: Client,
    { shown, ticked }: Chosen,
  ): Promise<Confirmation | undefined> {
    const { trx } = work;
    const request = await this.locked(trx, requestId);
    if (!request) return undefined;
    const before = await this.confirmation(trx, request);
    const isWanted = ({ slug }: List) =>
      shown.length === 0 || (shown.includes(slug) && ticked.includes(slug));
    const wanted = new Set(before.lists.filter(isWanted).map(idOf));
    if (before.state !== 'open' || wanted.size === 0) return before;
    const all = await this.subscriptions.byIds(trx, request.subscriptionIds);
    await this.confirmNow(
      work,
      before.person,
      all.filter(({ listId }) => wanted.has(listId)),
      { ...client, requestId },
    );
    await this.requests.markConfirmed(trx, requestId);
    return this.confirmation(trx, { ...request, confirmedAt: new Date() });
  }

  /**
   * Sends a new link for what an expired one asked for, unless a mail of the last day does so already: who presses hears the same.
   * @returns undefined when there is no such request
   */
  async again(work: Work, requestId: string): Promise<Confirmation | undefined> {
    const { trx } = work;
    const request = await this.locked(trx, requestId);
    if (!request) return undefined;
    const confirmation = await this.confirmation(trx, request);
    if (confirmation.state !== 'expired') return confirmation;
    const personId = confirmation.person.id;
    const all = await this.subscriptions.byIds(trx, request.subscriptionIds);
    const waiting = await this.waiting(trx, confirmation.person, all);
    const { id, isNew } = await this.opening.openFor(trx, personId, waiting.map(idOf));
    if (isNew) await this.mailing.send(work, { personId, requestId: id, welcome: [], already: [] });
    return confirmation;
  }

  /** The person first, as everywhere: of two clicks at once the second sees what the first did. */
  private async locked(executor: Executor, requestId: string): Promise<OptInRequest | undefined> {
    const request = await this.requests.byId(executor, requestId);
    if (!request) return undefined;
    await this.people.lock(executor, request.personId);
    return this.requests.byId(executor, requestId);
  }

  private async confirmNow(
    work: Work,
    person: Person,
    before: readonly Subscription[],
    { requestId, ...client }: Client & { requestId: string },
  ): Promise<void> {
    const { trx } = work;
    const confirmed = await this.subscriptions.confirm(trx, before.map(idOf));
    // On the list all the time, but bounces or a complaint stopped its news.
    const again = before.filter(({ status }) => status === 'confirmed');
    const hadLeft = new Set(before.filter(({ leftAt }) => leftAt !== null).map(idOf));
    const wasErased = person.canonical !== null && (await this.erasures.has(trx, person.canonical));
    // The words are in the row of the asking, which has the same request.
    const proof = { ...client, text: null, requestId, messageId: requestId };
    await this.notes.confirmed(
      trx,
      [...confirmed, ...again],
      proof,
      ({ id }) => wasErased || hadLeft.has(id),
    );
    if (wasErased) await this.erasures.lift(trx, person.canonical);
    if (person.canonical !== null) {
      const listIds = before.map(({ listId }) => listId);
      await this.suppressions.liftByOptIn(work, { address: person.canonical, listIds, requestId });
    }
    await this.mailing.send(work, {
      personId: person.id,
      requestId: null,
      welcome: confirmed.map(idOf),
      already: [],
    });
  }

  private async confirmation(executor: Executor, request: OptInRequest): Promise<Confirmation> {
    const person = await this.people.byId(executor, request.personId);
    if (!person) throw new Error(`Opt-in request ${request.id} is of a person who is not there`);
    const subscriptions = await this.subscriptions.byIds(executor, request.subscriptionIds);
    const lists = await this.lists.byIds(
      executor,
      subscriptions.map(({ listId }) => listId),
    );
    const of = (some: readonly Subscription[]) =>
      lists.filter(({ id }) => some.some(({ listId }) => listId === id));
    const pending = of(await this.waiting(executor, person, subscriptions));
    if (pending.length > 0 && request.confirmedAt === null && person.address !== null) {
      return { state: request.expired ? 'expired' : 'open', lists: pending, person };
    }
    const confirmed = of(subscriptions.filter(({ status }) => status === 'confirmed'));
    return { state: confirmed.length > 0 ? 'confirmed' : 'over', lists: confirmed, person };
  }

  /** Those that a click has something to do for. */
  private async waiting(
    executor: Executor,
    { canonical }: Person,
    subscriptions: readonly Subscription[],
  ): Promise<Subscription[]> {
    const listIds = subscriptions.map(({ listId }) => listId);
    const stopped =
      canonical === null ? new Set() : await this.suppressions.liftableLists(executor, canonical, listIds);
    return subscriptions.filter(
      ({ status, listId }) => status === 'pending' || (status === 'confirmed' && stopped.has(listId)),
    );
  }
}
