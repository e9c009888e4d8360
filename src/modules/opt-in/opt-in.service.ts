import { Injectable } from '@nestjs/common';
import { newId, parseAddress } from '../../domain/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import { appendEvents, type EventType } from '../../platform/events/index.js';
import { ConsentLedger, ErasureHashes, type ConsentProof } from '../consent/index.js';
import { Lists, type List } from '../lists/index.js';
import {
  People,
  Subscriptions,
  type Person,
  type PersonInput,
  type Subscription,
} from '../subscribers/index.js';
import { OptInMail, type OptInRecipient } from './opt-in-mail.js';
import { OptInRequestsRepository, type OptInRequest } from './opt-in-requests.repository.js';

/** How long the link in a confirmation mail works. */
const LINK_DAYS = 7;
/**
 * In this time an address gets one confirmation mail for the same lists, whoever asks and however often: a form in the hands of
 * somebody who types other people's addresses into it must not fill their inboxes.
 */
const QUIET_MINUTES = 10;

export interface Asking extends PersonInput {
  /** None of them archived, none twice. */
  readonly lists: readonly List[];
  /** The words that were agreed to, and where. */
  readonly proof: ConsentProof;
  /** `stored` for a form that anybody may post: name, locale and attributes fill gaps only. */
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

/** What a confirmation link stands for at this moment. */
export interface Confirmation {
  /** `open`: the button works. `over`: too late, or the person has left since. */
  readonly state: 'open' | 'confirmed' | 'over';
  /** The lists that the button would confirm, or that are confirmed. */
  readonly lists: readonly List[];
  readonly person: Person;
}

/** The one way onto a list. */
@Injectable()
export class OptIn {
  constructor(
    private readonly people: People,
    private readonly subscriptions: Subscriptions,
    private readonly lists: Lists,
    private readonly ledger: ConsentLedger,
    private readonly erasures: ErasureHashes,
    private readonly requests: OptInRequestsRepository,
    private readonly mail: OptInMail,
  ) {}

  /**
   * Notes that a person asks for lists, and sends one mail that asks to confirm them all. A list with single opt-in is confirmed
   * at once, unless the person has left it or was erased before: then the address has to say yes itself. What is confirmed stays so.
   */
  async ask(work: Work, { lists, proof, wins, ...input }: Asking): Promise<Asked> {
    const { trx } = work;
    const person = await this.people.upsert(trx, input, wins);
    const recipient = { id: person.id, address: input.address, locale: person.locale };
    const asked = await this.subscriptions.ask(trx, person.id, lists.map(idOf), proof.source);
    const erased = await this.erasures.has(trx, input.address.canonical);
    const single = new Set(lists.filter(({ optIn }) => optIn === 'single').map(idOf));
    const isInstant = ({ listId, leftAt }: Subscription) => single.has(listId) && leftAt === null && !erased;
    const pending = asked.filter(({ status }) => status === 'pending');
    const instant = pending.filter(isInstant);
    const waiting = pending.filter((one) => !isInstant(one));

    await this.note(
      trx,
      'asked',
      asked.filter((one) => !waiting.includes(one)),
      proof,
    );
    await this.askByMail(work, waiting, recipient, lists, proof);
    const confirmed = new Map(
      (await this.confirmNow(work, instant, recipient, lists, proof)).map((one) => [one.id, one]),
    );
    const slugs = new Map(lists.map(({ id, slug }) => [id, slug]));
    const subscriptions = asked.map(({ id, listId, status }) => ({
      id,
      list: slugs.get(listId) ?? '',
      status: confirmed.get(id)?.status ?? status,
    }));
    return { subscriberId: person.id, subscriptions };
  }

  /** What the link stands for; undefined when there is no such request. Changes nothing. */
  async look(executor: Executor, requestId: string): Promise<Confirmation | undefined> {
    const request = await this.requests.byId(executor, requestId);
    return request && this.confirmation(executor, request);
  }

  /** Confirms what the link asks for. A second time changes nothing and answers the same. */
  async confirm(
    work: Work,
    requestId: string,
    client: Pick<ConsentProof, 'source' | 'ip' | 'userAgent'>,
  ): Promise<Confirmation | undefined> {
    const { trx } = work;
    const request = await this.requests.lock(trx, requestId);
    if (!request) return undefined;
    const before = await this.confirmation(trx, request);
    const recipient = recipientOf(before.person);
    if (before.state !== 'open' || !recipient) return before;
    const pending = await this.subscriptions.byIds(trx, request.subscriptionIds);
    // The words are in the row of the asking, which has the same request.
    const proof = { ...client, text: null, requestId, messageId: requestId };
    await this.confirmNow(work, pending, recipient, before.lists, proof);
    await this.requests.markConfirmed(trx, requestId);
    return this.confirmation(trx, { ...request, confirmedAt: new Date() });
  }

  /** One request and one mail for all that wait, unless a mail of the last minutes asks for them already. */
  private async askByMail(
    work: Work,
    waiting: readonly Subscription[],
    recipient: OptInRecipient,
    lists: readonly List[],
    proof: ConsentProof,
  ): Promise<void> {
    if (waiting.length === 0) return;
    const subscriptionIds = waiting.map(idOf);
    const recent = await this.requests.recent(work.trx, recipient.id, subscriptionIds, QUIET_MINUTES);
    const id = recent?.id ?? newId();
    await this.note(work.trx, 'asked', waiting, { ...proof, requestId: id, messageId: id });
    if (recent) return;
    await this.requests.insert(work.trx, { id, personId: recipient.id, subscriptionIds }, LINK_DAYS);
    await this.mail.confirmation(work, id, recipient, listsOf(waiting, lists), LINK_DAYS);
  }

  private async confirmNow(
    work: Work,
    pending: readonly Subscription[],
    recipient: OptInRecipient,
    lists: readonly List[],
    proof: ConsentProof,
  ): Promise<Subscription[]> {
    const confirmed = await this.subscriptions.confirm(work.trx, pending.map(idOf));
    if (confirmed.length === 0) return [];
    await this.note(work.trx, 'confirmed', confirmed, proof);
    await this.mail.welcome(work, recipient, listsOf(confirmed, lists));
    return confirmed;
  }

  private async note(
    executor: Executor,
    act: 'asked' | 'confirmed',
    subscriptions: readonly Subscription[],
    proof: ConsentProof,
  ): Promise<void> {
    const type: EventType = `subscriber.${act}`;
    await this.ledger.record(
      executor,
      ...subscriptions.map(({ personId, listId }) => ({ ...proof, act, personId, listId })),
    );
    await appendEvents(
      executor,
      subscriptions.map(({ id, personId, listId }) => ({
        type,
        personId,
        listId,
        data: { subscriptionId: id },
      })),
    );
  }

  private async confirmation(executor: Executor, request: OptInRequest): Promise<Confirmation> {
    const person = await this.people.byId(executor, request.personId);
    if (!person) throw new Error(`Opt-in request ${request.id} is of a person who is not there`);
    const subscriptions = await this.subscriptions.byIds(executor, request.subscriptionIds);
    const lists = await this.lists.byIds(
      executor,
      subscriptions.map(({ listId }) => listId),
    );
    const pending = subscriptions.filter(({ status }) => status === 'pending');
    if (pending.length > 0 && request.confirmedAt === null && !request.expired) {
      return { state: 'open', lists: listsOf(pending, lists), person };
    }
    const confirmed = subscriptions.filter(({ status }) => status === 'confirmed');
    return { state: confirmed.length > 0 ? 'confirmed' : 'over', lists: listsOf(confirmed, lists), person };
  }
}

function idOf({ id }: { readonly id: string }): string {
  return id;
}

function listsOf(subscriptions: readonly Subscription[], lists: readonly List[]): List[] {
  return lists.filter(({ id }) => subscriptions.some(({ listId }) => listId === id));
}

/** Undefined for an erased person, whom no mail can reach. */
function recipientOf({ id, address, locale }: Person): OptInRecipient | undefined {
  const parsed = parseAddress(address ?? '');
  return parsed.ok ? { id, address: parsed.address, locale } : undefined;
}
