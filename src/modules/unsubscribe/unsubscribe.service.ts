import { Injectable } from '@nestjs/common';
import type { LinkToken } from '../../platform/crypto/index.js';
import type { Work } from '../../platform/database/index.js';
import type { ConsentProof } from '../consent/index.js';
import { Choices, Subscriptions, type SubscriptionInFull } from '../subscribers/index.js';
import type { Why } from './leaving-form.js';
import type { Left } from './undo-seal.js';

/** What became of a request to leave. */
export interface Leaving {
  /** The one that the link names, as it was before. */
  readonly subscription: SubscriptionInFull;
  /** What can be taken back; null where nothing that was confirmed ended by this. */
  readonly left: Left | null;
}

const NOTHING_SAID: Why = { reason: null, note: null };

/** Leaving needs nothing but the link: no login, no question. Whoever has left already stays gone, and hears the same. */
@Injectable()
export class Unsubscribe {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly choices: Choices,
  ) {}

  /**
   * Leaves the list of the link, or all news of the person. A link in a page, one click of a mail program and a mail to the
   * leaving address come through here.
   * @param link whose subject is a subscription
   * @returns undefined when the subscription is not there any more
   */
  async leave(
    { trx }: Work,
    { subject, delivery }: Pick<LinkToken, 'subject' | 'delivery'>,
    scope: 'list' | 'all',
    proof: ConsentProof,
    why: Why = NOTHING_SAID,
  ): Promise<Leaving | undefined> {
    const subscription = await this.subscriptions.byId(trx, subject);
    if (!subscription) return undefined;
    const { personId, id } = subscription;
    const confirmed = new Set((await this.choices.ofPerson(trx, personId)).map((choice) => choice.id));
    const which = scope === 'all' ? { personId } : { id };
    const ended = await this.subscriptions.leave(trx, which, proof, { deliveryId: delivery, scope });
    const ids = ended.map((one) => one.id);
    await this.choices.giveReason(trx, ids, why.reason, why.note);
    const revivable = ids.filter((one) => confirmed.has(one));
    const leftAt = ended[0]?.leftAt ?? null;
    return {
      subscription,
      left: revivable.length > 0 && leftAt !== null ? { ids: revivable, leftAt } : null,
    };
  }
}
