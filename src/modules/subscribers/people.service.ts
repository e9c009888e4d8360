import { Injectable } from '@nestjs/common';
import { newId, type Address } from '../../domain/index.js';
import type { Executor } from '../../platform/database/index.js';
import { notFound, toPage, type Page } from '../../platform/http/index.js';
import { PersonalDataRegistry } from '../../platform/personal-data/index.js';
import { ErasureHashes } from '../consent/index.js';
import { PeopleRepository } from './people.repository.js';
import type { Person, PersonChange, PersonInput, PersonSearch } from './subscribers.types.js';

/** Everybody who subscribed or bought something: one row per canonical address. */
@Injectable()
export class People {
  constructor(
    private readonly repository: PeopleRepository,
    private readonly hashes: ErasureHashes,
    private readonly registry: PersonalDataRegistry,
  ) {}

  /**
   * The person with this address, made where there is none; the row stays locked until the transaction ends, so that whatever
   * happens to one person at the same time happens one after the other. A name or locale that is not given leaves the one that
   * is known; attributes are merged.
   * @param wins `stored` where the values come from somebody who has not shown that the address is theirs: they fill gaps only,
   * and none once the person has confirmed a list
   */
  async upsert(executor: Executor, input: PersonInput, wins: 'new' | 'stored' = 'new'): Promise<Person> {
    const id = newId();
    const person = await this.repository.upsert(executor, id, input, wins);
    if (person.id === id) await this.greet(executor, person);
    return person;
  }

  /** @throws 404 for an unknown or an erased person */
  async change(executor: Executor, id: string, change: PersonChange): Promise<Person> {
    const person = await this.repository.change(executor, id, change);
    if (!person) throw notFound('subscriber', id);
    return person;
  }

  /** @returns false where the address is another person's: two people are never merged */
  async changeAddress(executor: Executor, id: string, address: Address): Promise<boolean> {
    if (!(await this.repository.changeAddress(executor, id, address))) return false;
    const person = await this.repository.byId(executor, id);
    if (person) await this.greet(executor, person);
    return true;
  }

  /** The same, and whatever else is to happen to this person waits until the transaction ends. */
  async lock(executor: Executor, id: string): Promise<Person | undefined> {
    return this.repository.lock(executor, id);
  }

  /** An erased person too. */
  async byId(executor: Executor, id: string): Promise<Person | undefined> {
    return this.repository.byId(executor, id);
  }

  /** @throws 404 for an unknown or an erased person */
  async known(executor: Executor, id: string): Promise<Person> {
    const person = await this.repository.byId(executor, id);
    if (!person || person.erasedAt !== null) throw notFound('subscriber', id);
    return person;
  }

  async byAddress(executor: Executor, canonical: string): Promise<Person | undefined> {
    return this.repository.byAddress(executor, canonical);
  }

  /** A page of those who fit, the newest first. */
  async search(executor: Executor, search: PersonSearch): Promise<Page<Person>> {
    const rows = await this.repository.search(executor, { ...search, limit: search.limit + 1 });
    return toPage(rows, search.limit, (person) => person);
  }

  /** Of somebody whose address is new here: where it was erased before, what holds for it holds again. */
  private async greet(executor: Executor, person: Person): Promise<void> {
    if (person.canonical === null || !(await this.hashes.has(executor, person.canonical))) return;
    for (const holder of this.registry.holders()) await holder.comeBack(executor, person);
  }
}
