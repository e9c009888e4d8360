import { Injectable } from '@nestjs/common';
import type { Database, Executor, Work } from '../../platform/database/index.js';
import { PersonalDataRegistry } from '../../platform/personal-data/index.js';
import { ConsentLedger } from '../consent/index.js';
import { People } from '../subscribers/index.js';
import { UnconfirmedRepository } from './unconfirmed.repository.js';

/** Somebody typed an address and its owner did not say yes: nothing of it is ours to keep. */
export const UNCONFIRMED_DAYS = 14;
const AT_ONCE = 200;

@Injectable()
export class Unconfirmed {
  constructor(
    private readonly repository: UnconfirmedRepository,
    private readonly people: People,
    private readonly ledger: ConsentLedger,
    private readonly registry: PersonalDataRegistry,
  ) {}

  async count(executor: Executor): Promise<number> {
    return this.repository.count(executor, UNCONFIRMED_DAYS);
  }

  /** One person a transaction, so that nobody's sign-up waits. @returns how many subscriptions went */
  async purge(db: Database): Promise<number> {
    for (let gone = 0; ;) {
      const people = await this.repository.people(db, UNCONFIRMED_DAYS, AT_ONCE);
      if (people.length === 0) return gone;
      for (const id of people) gone += await db.work((work) => this.purgePerson(work, id));
    }
  }

  private async purgePerson(work: Work, id: string): Promise<number> {
    const person = await this.people.lock(work.trx, id);
    const gone = await this.repository.drop(work.trx, id, UNCONFIRMED_DAYS);
    if (!person || (await this.repository.isHeld(work.trx, id))) return gone;
    for (const holder of this.registry.holders()) await holder.erase(work, person);
    await this.ledger.forget(work.trx, id);
    await this.repository.deletePerson(work.trx, id);
    return gone;
  }
}
