import { Injectable } from '@nestjs/common';
import type { Executor } from '../../platform/database/index.js';
import { appendEvents, type EventType, type NewEvent } from '../../platform/events/index.js';
import { ConsentLedger, type ConsentProof } from '../consent/index.js';
import type { Subscription } from '../subscribers/index.js';

/** Where a click came from. */
export type Client = Pick<ConsentProof, 'source' | 'ip' | 'userAgent'>;

type Act = 'asked' | 'confirmed' | 'revived';

/** A row in the ledger and an event for each subscription that moves: one is never without the other. */
@Injectable()
export class ConsentNotes {
  constructor(private readonly ledger: ConsentLedger) {}

  async asked(
    executor: Executor,
    subscriptions: readonly Subscription[],
    proof: ConsentProof,
  ): Promise<void> {
    await this.note(executor, subscriptions, proof, () => 'asked');
  }

  /** @param isBack whether somebody comes back who had left, or had been erased: the ledger calls that revived */
  async confirmed(
    executor: Executor,
    subscriptions: readonly Subscription[],
    proof: ConsentProof,
    isBack: (subscription: Subscription) => boolean,
  ): Promise<void> {
    await this.note(executor, subscriptions, proof, (one) => (isBack(one) ? 'revived' : 'confirmed'));
  }

  private async note(
    executor: Executor,
    subscriptions: readonly Subscription[],
    proof: ConsentProof,
    actOf: (subscription: Subscription) => Act,
  ): Promise<void> {
    await this.ledger.record(
      executor,
      ...subscriptions.map((one) => ({
        ...proof,
        act: actOf(one),
        personId: one.personId,
        listId: one.listId,
      })),
    );
    await appendEvents(
      executor,
      subscriptions.flatMap((one) => typesOf(actOf(one)).map((type) => eventOf(type, one))),
    );
  }
}

/** Who is back is confirmed too: a reader of events that only counts confirmations misses nobody. */
function typesOf(act: Act): EventType[] {
  return act === 'revived' ? ['subscriber.confirmed', 'subscriber.revived'] : [`subscriber.${act}`];
}

function eventOf(type: EventType, { id, personId, listId }: Subscription): NewEvent {
  return { type, personId, listId, data: { subscriptionId: id } };
}
