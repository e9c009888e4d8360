import { Injectable } from '@nestjs/common';
import { maskAddress, type Address } from '../../domain/index.js';
import { Database, type Executor, type Work } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { ConsentLedger, ErasureHashes, type ConsentProof } from '../consent/index.js';
import { FreshLinks, People, type AddressLink, type Person } from '../subscribers/index.js';
import { addressOf, Links } from './links.service.js';

/**
 * What a link to a new address stands for. `taken`: the address is another person's, and two people are never merged; whoever reads this
 * owns the new address, so it tells nobody about a stranger.
 */
export interface NewAddress {
  readonly state: 'open' | 'done' | 'taken';
  readonly person: Person;
  readonly address: Address;
}

const UNIQUE_VIOLATION = '23505';

/** Another address for the same person: asked for behind a fresh link to the old one, confirmed from the new one. */
@Injectable()
export class AddressChange {
  constructor(
    private readonly freshLinks: FreshLinks,
    private readonly people: People,
    private readonly links: Links,
    private readonly ledger: ConsentLedger,
    private readonly hashes: ErasureHashes,
    private readonly db: Database,
  ) {}

  /** Mails a link to the new address. Whether somebody has it already shows only there. @returns false where it was too much for a day */
  async ask(work: Work, person: Person, address: Address): Promise<boolean> {
    return this.links.sendToNewAddress(work, person, address);
  }

  /** Undefined where the link is too old, or the person is not there any more. */
  async look(executor: Executor, linkId: string): Promise<NewAddress | undefined> {
    const link = await this.freshLinks.openedAddress(executor, linkId);
    return link && this.stateOf(executor, link);
  }

  /** Makes the new address the person's, tells the old one, and does nothing where the address is another person's. */
  async confirm(linkId: string, proof: ConsentProof): Promise<NewAddress | undefined> {
    try {
      return await this.db.work((work) => this.change(work, linkId, proof));
    } catch (error) {
      // Somebody signed up with this address at the same moment.
      if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
      return this.look(this.db, linkId);
    }
  }

  private async change(work: Work, linkId: string, proof: ConsentProof): Promise<NewAddress | undefined> {
    const { trx } = work;
    const link = await this.freshLinks.openedAddress(trx, linkId, true);
    if (!link) return undefined;
    const now = await this.stateOf(trx, link);
    if (now.state !== 'open') return now;
    const { person, address } = link;
    if (!(await this.people.changeAddress(trx, person.id, address))) return { ...now, state: 'taken' };
    await this.freshLinks.use(trx, link);
    await this.block(trx, person, address);
    // The addresses themselves would stay in the ledger for ever.
    await this.ledger.record(trx, { ...proof, act: 'changed', personId: person.id, listId: null });
    await appendEvents(trx, [{ type: 'subscriber.changed', personId: person.id, data: { what: 'address' } }]);
    await this.links.sendNotice(work, person, addressOf(person), maskAddress(address.typed));
    return { ...now, state: 'done' };
  }

  /**
   * The old address stays known by its keyed hash alone, as after an erasure: an import of an old file must not bring back, as somebody
   * new, who has moved, left or been erased since. Its next owner can still confirm for themselves.
   */
  private async block(executor: Executor, { canonical }: Person, now: Address): Promise<void> {
    await this.hashes.lift(executor, now.canonical);
    if (canonical !== null && canonical !== now.canonical) await this.hashes.add(executor, canonical);
  }

  private async stateOf(executor: Executor, link: AddressLink): Promise<NewAddress> {
    const { person, address, used } = link;
    const owner = await this.people.byAddress(executor, address.canonical);
    const isTaken = owner !== undefined && owner.id !== person.id;
    return { state: used ? 'done' : isTaken ? 'taken' : 'open', person, address };
  }
}
