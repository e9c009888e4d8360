import { Injectable } from '@nestjs/common';
import type { Work } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { notFound } from '../../platform/http/index.js';
import { PersonalDataRegistry, type PersonRef } from '../../platform/personal-data/index.js';
import { ConsentLedger, ErasureHashes } from '../consent/index.js';
import { People, Subscriptions, type Person } from '../subscribers/index.js';

/** Forgets a person (GDPR Art. 17), everywhere and in one transaction. */
@Injectable()
export class Erasure {
  constructor(
    private readonly registry: PersonalDataRegistry,
    private readonly people: People,
    private readonly subscriptions: Subscriptions,
    private readonly ledger: ConsentLedger,
    private readonly hashes: ErasureHashes,
  ) {}

  /**
   * Ends all subscriptions, skips what waits, and lets each module remove what it holds. A keyed hash of the address stays against imports
   * and unconfirmed sign-ups. A second time changes nothing.
   * @param source who asked: "api", "my data page"
   * @throws 404 for an unknown person
   */
  async erase(work: Work, personId: string, source: string): Promise<void> {
    const { trx } = work;
    const person = await this.people.lock(trx, personId);
    if (!person) throw notFound('subscriber', personId);
    if (person.canonical === null) return;
    await this.subscriptions.leave(trx, { personId }, { text: null, source }, { scope: 'all' });
    await this.hashes.add(trx, person.canonical);
    await this.ledger.erase(trx, personId, source);
    await this.removeEverywhere(work, person);
    await appendEvents(trx, [{ type: 'subscriber.erased', personId }]);
  }

  /**
   * Lets go of somebody who never subscribed and has not bought for long: nobody asked to be forgotten, so no hash stays, and they are
   * new when they come again.
   */
  async letGo(work: Work, personId: string): Promise<void> {
    const person = await this.people.lock(work.trx, personId);
    if (person && person.canonical !== null) await this.removeEverywhere(work, person);
  }

  private async removeEverywhere(work: Work, { id, canonical, address }: Person): Promise<void> {
    const person: PersonRef = { id, canonical, address };
    for (const holder of this.registry.holders()) await holder.erase(work, person);
  }
}
