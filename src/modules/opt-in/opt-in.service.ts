import { Injectable } from '@nestjs/common';
import type { Work } from '../../platform/database/index.js';
import { ApiError, conflict, notFound } from '../../platform/http/index.js';
import { ErasureHashes, type ConsentProof } from '../consent/index.js';
import type { List } from '../lists/index.js';
import { Suppressions } from '../suppression/index.js';
import { People, Subscriptions, type PersonInput, type Subscription } from '../subscribers/index.js';
import { ConsentNotes } from './consent-notes.js';
import { OptInRequests, quietSeconds } from './opt-in-requests.service.js';
import type { Mailing } from './sign-up-content.js';
import { sourceOf } from './source-page.js';

export interface Asking extends PersonInput {
  /** None of them archived, none twice. */
  readonly lists: readonly List[];
  /** The words that were agreed to, and where. */
  readonly proof: ConsentProof;
  /** `stored` for a form that anybody may post: what it says of the person fills gaps only. */
  readonly wins: 'new' | 'stored';
}

export interface Asked {
  readonly subscriberId: string;
  readonly subscriptions: readonly {
    readonly id: string;
    readonly list: string;
    readonly status: Subscription['status'];
  }[];
}

/** The one way onto a list. It notes; the mails that follow are the caller's to send (`OptInMailing`), now or later. */
@Injectable()
export class OptIn {
  constructor(
    private readonly people: People,
    private readonly subscriptions: Subscriptions,
    private readonly notes: ConsentNotes,
    private readonly erasures: ErasureHashes,
    private readonly requests: OptInRequests,
    private readonly suppressions: Suppressions,
  ) {}

  /**
   * Notes that a person asks for lists. A list with single opt-in is confirmed at once, unless the person has left it or was erased before:
   * then the address has to say yes itself. What is confirmed stays so, and is to be confirmed once more where bounces or a complaint stop
   * its news.
   * @returns what to answer, and what is to be mailed
   */
  async ask(
    { trx }: Work,
    { lists, proof, wins, ...input }: Asking,
  ): Promise<{ asked: Asked; mailing: Mailing }> {
    const person = await this.people.upsert(trx, input, wins);
    const asked = await this.subscriptions.ask(trx, person.id, lists.map(idOf), sourceOf(proof.source));
    const erased = await this.erasures.has(trx, input.address.canonical);
    const single = new Set(lists.filter(({ optIn }) => optIn === 'single').map(idOf));
    const stopped = await this.suppressions.liftableLists(trx, input.address.canonical, lists.map(idOf));
    const isInstant = ({ listId, leftAt }: Subscription) =>
      single.has(listId) && leftAt === null && !erased && !stopped.has(listId);
    const pending = asked.filter(({ status, listId }) => status === 'pending' || stopped.has(listId));
    const instant = pending.filter(isInstant);
    const waiting = pending.filter((one) => !isInstant(one));

    await this.notes.asked(
      trx,
      asked.filter((one) => !waiting.includes(one)),
      proof,
    );
    const request = await this.requestFor(trx, person.id, waiting, proof);
    const confirmed = await this.subscriptions.confirm(trx, instant.map(idOf));
    await this.notes.confirmed(trx, confirmed, proof, () => false);

    const slugs = new Map(lists.map(({ id, slug }) => [id, slug]));
    const status = new Map(confirmed.map((one) => [one.id, one.status]));
    return {
      asked: {
        subscriberId: person.id,
        subscriptions: asked.map((one) => ({
          id: one.id,
          list: slugs.get(one.listId) ?? '',
          status: status.get(one.id) ?? one.status,
        })),
      },
      mailing: {
        personId: person.id,
        requestId: request?.isNew ? request.id : null,
        welcome: confirmed.map(idOf),
        already: pending.length === 0 ? asked.map(idOf) : [],
      },
    };
  }

  /**
   * Asks once more for a subscription that waits, and for all that its person waits for: the mail went astray.
   * @throws 404, 409 for one that does not wait, 429 while a mail of the last day is unanswered
   */
  async askAgain(
    { trx }: Work,
    subscriptionId: string,
  ): Promise<{ subscription: Subscription; mailing: Mailing }> {
    const [known] = await this.subscriptions.byIds(trx, [subscriptionId]);
    if (!known) throw notFound('subscription', subscriptionId);
    const person = await this.people.lock(trx, known.personId);
    const all = await this.subscriptions.ofPeople(trx, [known.personId]);
    const subscription = all.find(({ id }) => id === subscriptionId);
    if (subscription?.status !== 'pending' || !person?.address) {
      throw conflict(
        'not_pending',
        `This subscription is ${subscription?.status ?? 'gone'}: there is nothing to confirm`,
      );
    }
    const out = await this.requests.out(trx, person.id);
    if (out) {
      throw new ApiError(
        429,
        'confirmation_unanswered',
        'A confirmation mail of the last 24 hours is unanswered, and an address gets one a day',
        [],
        quietSeconds(out),
      );
    }
    const waiting = all.filter(({ status }) => status === 'pending').map(idOf);
    const { id: requestId } = await this.requests.openFor(trx, person.id, waiting);
    return { subscription, mailing: { personId: person.id, requestId, welcome: [], already: [] } };
  }

  /** The mail's id is the request's, so the ledger can name the mail before it exists. */
  private async requestFor(
    trx: Work['trx'],
    personId: string,
    waiting: readonly Subscription[],
    proof: ConsentProof,
  ): Promise<{ id: string; isNew: boolean } | undefined> {
    if (waiting.length === 0) return undefined;
    const request = await this.requests.openFor(trx, personId, waiting.map(idOf));
    await this.notes.asked(trx, waiting, { ...proof, requestId: request.id, messageId: request.id });
    return request;
  }
}

export function idOf({ id }: { readonly id: string }): string {
  return id;
}
