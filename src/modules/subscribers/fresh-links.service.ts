import { Injectable } from '@nestjs/common';
import { newId, parseAddress, type Address } from '../../domain/index.js';
import type { Executor } from '../../platform/database/index.js';
import { FreshLinksRepository, type FreshLinkRow } from './fresh-links.repository.js';
import { PeopleRepository } from './people.repository.js';
import type { Person } from './subscribers.types.js';

/** For how long a fresh link works, in minutes: long enough for slow mail, short enough for a mail that is forwarded tomorrow. */
export const FRESH_LINK_MINUTES = 60;
/** A day, so that nobody can fill somebody else's inbox with links, and nobody can be locked out of their own data for long. */
const LINKS_A_DAY = 3;

export interface FreshLink {
  readonly id: string;
  readonly person: Person;
  readonly expiresAt: Date;
}

export type AddressLink = FreshLink & { readonly address: Address; readonly used: boolean };

/**
 * Links that somebody asked for by mail. A link at the foot of a mail works for years and is forwarded with it; what needs the owner of
 * the address (data, history, erasure, another address) needs one of these. Its token names the row.
 */
@Injectable()
export class FreshLinks {
  constructor(
    private readonly repository: FreshLinksRepository,
    private readonly people: PeopleRepository,
  ) {}

  /** A link that opens everything about a person. @returns its id; undefined where the person had three in a day, or is erased */
  async manage(executor: Executor, personId: string): Promise<string | undefined> {
    return this.issue(executor, personId, 'manage');
  }

  /** A link that makes a new address the person's. It ends those before, which a slip may have sent to a stranger. @returns as `manage` */
  async changeAddress(executor: Executor, personId: string, address: Address): Promise<string | undefined> {
    const id = await this.issue(executor, personId, 'address', address.typed);
    if (id !== undefined) await this.repository.endOthers(executor, personId, id, ['address']);
    return id;
  }

  /** The person behind a `manage` link; undefined when it is too old or unknown, or the person is erased. */
  async opened(executor: Executor, id: string): Promise<FreshLink | undefined> {
    return this.alive(executor, await this.repository.find(executor, id, 'manage'));
  }

  /**
   * What an `address` link stands for.
   * @param lock for the one who is about to use it: the person's row, until the transaction ends, so that of two clicks at once the
   * second sees what the first did
   */
  async openedAddress(executor: Executor, id: string, lock = false): Promise<AddressLink | undefined> {
    let row = await this.repository.find(executor, id, 'address');
    if (lock && row) {
      await this.people.lock(executor, row.personId);
      row = await this.repository.find(executor, id, 'address');
    }
    const link = await this.alive(executor, row);
    const parsed = parseAddress(row?.newAddress ?? '');
    return link && parsed.ok ? { ...link, address: parsed.address, used: row?.usedAt !== null } : undefined;
  }

  /** The address is changed: no link that lies in the old mailbox, or went to another address, opens anything any more. */
  async use(executor: Executor, { id, person }: AddressLink): Promise<void> {
    await this.repository.markUsed(executor, id);
    await this.repository.endOthers(executor, person.id, id, ['manage', 'address']);
  }

  /** The row of the person is locked first, so that links asked for at once are counted one after the other. */
  private async issue(
    executor: Executor,
    personId: string,
    purpose: 'manage' | 'address',
    newAddress?: string,
  ): Promise<string | undefined> {
    const person = await this.people.lock(executor, personId);
    if (!person || person.erasedAt !== null) return undefined;
    if ((await this.repository.recent(executor, personId, purpose, 24)) >= LINKS_A_DAY) return undefined;
    const id = newId();
    await this.repository.insert(executor, { id, personId, purpose, newAddress }, FRESH_LINK_MINUTES);
    return id;
  }

  private async alive(executor: Executor, row: FreshLinkRow | undefined): Promise<FreshLink | undefined> {
    if (!row || row.expired) return undefined;
    const person = await this.people.byId(executor, row.personId);
    return person && person.erasedAt === null ? { id: row.id, person, expiresAt: row.expiresAt } : undefined;
  }
}
