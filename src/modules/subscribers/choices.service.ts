import { Injectable } from '@nestjs/common';
import type { Executor } from '../../platform/database/index.js';
import { appendEvents, type EventType, type NewEvent } from '../../platform/events/index.js';
import { ConsentLedger, type ConsentProof } from '../consent/index.js';
import { ChoicesRepository, type ChosenRow } from './choices.repository.js';

/** Why somebody left, in the words of the page's choices. */
export const leavingReasons = ['too_many', 'not_relevant', 'not_expected', 'never_asked', 'other'] as const;
export type LeavingReason = (typeof leavingReasons)[number];

/** What may stand between "everything" and "nothing", in days between two mails of a list. */
export const frequencies = [7, 30] as const;
/** How long a pause may be, in days. */
export const pauses = [30, 90] as const;

/** How a person wants a list that they are on. */
export interface Choice {
  /** Of the subscription. */
  readonly id: string;
  readonly listId: string;
  /** Null when nothing is paused now. */
  readonly pausedUntil: Date | null;
  /** At most one mail in so many days; null: all of them. */
  readonly minDaysBetween: number | null;
}

/**
 * What a person chose besides being on a list or not: a pause, fewer mails, tracking, and coming back at once after leaving. The engine
 * honours it at the last moment. Whatever is changed here leaves a row in the ledger and an event, as leaving does.
 */
@Injectable()
export class Choices {
  constructor(
    private readonly repository: ChoicesRepository,
    private readonly ledger: ConsentLedger,
  ) {}

  /** Of the lists that the person is on. */
  async ofPerson(executor: Executor, personId: string): Promise<Choice[]> {
    return this.repository.ofPerson(executor, personId);
  }

  /** When the person agreed to be tracked; null: they did not. */
  async trackingAgreedAt(executor: Executor, personId: string): Promise<Date | null> {
    return this.repository.trackingAgreedAt(executor, personId);
  }

  /** @param ids of subscriptions @param days from now; null ends the pause @returns how many it changed */
  async pause(
    executor: Executor,
    ids: readonly string[],
    days: number | null,
    proof: ConsentProof,
  ): Promise<number> {
    if (ids.length === 0) return 0;
    const rows = await this.repository.pause(executor, ids, days);
    const type = days === null ? 'subscriber.changed' : 'subscriber.paused';
    return this.note(executor, rows, 'changed', type, proof, days === null ? { what: 'pause' } : { days });
  }

  /** @param minDaysBetween null for all mail @returns how many it changed: none where it was so before */
  async setFrequency(
    executor: Executor,
    ids: readonly string[],
    minDaysBetween: number | null,
    proof: ConsentProof,
  ): Promise<number> {
    if (ids.length === 0) return 0;
    const rows = await this.repository.setFrequency(executor, ids, minDaysBetween);
    const data = { what: 'frequency', minDaysBetween };
    return this.note(executor, rows, 'changed', 'subscriber.changed', proof, data);
  }

  async setTracking(
    executor: Executor,
    personId: string,
    agrees: boolean,
    proof: ConsentProof,
  ): Promise<boolean> {
    if (!(await this.repository.setTracking(executor, personId, agrees))) return false;
    await this.notePerson(executor, personId, 'tracking', proof);
    return true;
  }

  /** A change of the person rather than of a list: a name, a language. What it is now is nobody's business but theirs. */
  async notePerson(executor: Executor, personId: string, what: string, proof: ConsentProof): Promise<void> {
    await this.ledger.record(executor, { ...proof, act: 'changed', personId, listId: null });
    await appendEvents(executor, [{ type: 'subscriber.changed', personId, data: { what } }]);
  }

  /** Takes a leaving back. @param leftAt when it was: what ended at another time stays ended @returns how many are on the list again */
  async undo(executor: Executor, ids: readonly string[], leftAt: Date, proof: ConsentProof): Promise<number> {
    if (ids.length === 0) return 0;
    const rows = await this.repository.revive(executor, ids, leftAt);
    return this.note(executor, rows, 'revived', 'subscriber.revived', proof, {});
  }

  /** Keeps why somebody left, beside the subscription, where an erasure takes it away. It stands in no event. */
  async giveReason(
    executor: Executor,
    ids: readonly string[],
    reason: LeavingReason | null,
    note: string | null,
  ): Promise<void> {
    if (ids.length > 0 && (reason ?? note) !== null)
      await this.repository.setReason(executor, ids, reason, note);
  }

  private async note(
    executor: Executor,
    rows: readonly ChosenRow[],
    act: 'changed' | 'revived',
    type: EventType,
    proof: ConsentProof,
    data: NonNullable<NewEvent['data']>,
  ): Promise<number> {
    await this.ledger.record(
      executor,
      ...rows.map(({ personId, listId }) => ({ ...proof, act, personId, listId })),
    );
    await appendEvents(
      executor,
      rows.map(({ id, personId, listId }) => ({
        type,
        personId,
        listId,
        data: { subscriptionId: id, ...data },
      })),
    );
    return rows.length;
  }
}
