import { Injectable } from '@nestjs/common';
import type { Work } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { notFound } from '../../platform/http/index.js';
import { ConsentLedger, ErasureHashes } from '../consent/index.js';
import { PeopleRepository } from './people.repository.js';
import { Subscriptions } from './subscriptions.service.js';

/** Forgets a person (GDPR Art. 17). */
@Injectable()
export class Erasure {
  constructor(
    private readonly people: PeopleRepository,
    private readonly subscriptions: Subscriptions,
    private readonly ledger: ConsentLedger,
    private readonly hashes: ErasureHashes,
  ) {}

  /**
   * Ends all subscriptions, empties the row, unties the ledger, and keeps a keyed hash of the address against imports. Mail that
   * waits is skipped at its hand-over, because the check there sees that the person is erased. A second time changes nothing.
   * @param source who asked: "api", a page
   * @throws 404 for an unknown person
   */
  async erase({ trx }: Work, personId: string, source: string): Promise<void> {
    const person = await this.people.lock(trx, personId);
    if (!person) throw notFound('subscriber', personId);
    if (person.canonical === null) return;
    await this.subscriptions.leave(trx, { personId }, { text: null, source }, { scope: 'all' });
    await this.hashes.add(trx, person.canonical);
    await this.people.anonymise(trx, personId);
    await this.ledger.erase(trx, personId, source);
    await appendEvents(trx, [{ type: 'subscriber.erased', personId }]);
  }
}
