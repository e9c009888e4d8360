import { Injectable } from '@nestjs/common';
import { parseAddress } from '../../domain/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import { Lists, type List } from '../lists/index.js';
import { People, Subscriptions, type Person, type Subscription } from '../subscribers/index.js';
import { OptInMail, type OptInRecipient } from './opt-in-mail.js';
import { OptInRequestsRepository } from './opt-in-requests.repository.js';
import { LINK_DAYS } from './opt-in-requests.service.js';
import type { Mailing } from './sign-up-content.js';

/** Sends what an asking or a confirmation owes, from the rows as they are now: who is gone meanwhile gets nothing. */
@Injectable()
export class OptInMailing {
  constructor(
    private readonly people: People,
    private readonly subscriptions: Subscriptions,
    private readonly lists: Lists,
    private readonly requests: OptInRequestsRepository,
    private readonly mail: OptInMail,
  ) {}

  /** @param byName whether the welcome may greet by name: not where anybody may have typed it */
  async send(work: Work, { personId, requestId, welcome, already }: Mailing, byName = true): Promise<void> {
    const { trx } = work;
    const recipient = await this.recipient(trx, personId);
    if (!recipient) return;
    const request = requestId === null ? undefined : await this.requests.byId(trx, requestId);
    // Confirmed ones too: whose news was stopped by bounces or a complaint confirms once more.
    const asked = await this.listsOf(trx, request?.subscriptionIds ?? [], 'pending', 'confirmed');
    if (request?.confirmedAt === null && asked.length > 0) {
      await this.mail.confirmation(work, request.id, recipient, asked, LINK_DAYS);
    }
    const welcomed = await this.listsOf(trx, welcome, 'confirmed');
    if (welcomed.length > 0) await this.mail.welcome(work, recipient, welcomed, byName);
    const known = await this.listsOf(trx, already, 'confirmed');
    if (known.length > 0) await this.mail.alreadySubscribed(work, recipient, known);
  }

  /** The one reminder of a request. */
  async remind(work: Work, requestId: string): Promise<void> {
    const request = await this.requests.byId(work.trx, requestId);
    const recipient = request && (await this.recipient(work.trx, request.personId));
    const asked = await this.listsOf(work.trx, request?.subscriptionIds ?? [], 'pending');
    if (recipient && asked.length > 0) await this.mail.reminder(work, requestId, recipient, asked);
  }

  /** Undefined for an erased person, whom no mail can reach. */
  private async recipient(executor: Executor, personId: string): Promise<OptInRecipient | undefined> {
    return recipientOf(await this.people.lock(executor, personId));
  }

  private async listsOf(
    executor: Executor,
    subscriptionIds: readonly string[],
    ...statuses: readonly Subscription['status'][]
  ): Promise<List[]> {
    const subscriptions = await this.subscriptions.byIds(executor, subscriptionIds);
    return this.lists.byIds(
      executor,
      subscriptions.filter((one) => statuses.includes(one.status)).map(({ listId }) => listId),
    );
  }
}

function recipientOf(person: Person | undefined): OptInRecipient | undefined {
  const parsed = parseAddress(person?.address ?? '');
  return person && parsed.ok ? { id: person.id, address: parsed.address, locale: person.locale } : undefined;
}
