import { Injectable } from '@nestjs/common';
import { parseAddress, type Address } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { LinkTokens, type TokenPurpose } from '../../platform/crypto/index.js';
import { Database, type Work } from '../../platform/database/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { Messages } from '../delivery/index.js';
import { FRESH_LINK_MINUTES, FreshLinks, People, type Person } from '../subscribers/index.js';
import { LinkRequestsRepository } from './links.repository.js';

/** Where nothing says which language a person reads. */
const DEFAULT_LOCALE = 'en';

/** Links that go out by mail, because only the owner of an address reads its mail. */
@Injectable()
export class Links {
  constructor(
    private readonly requests: LinkRequestsRepository,
    private readonly freshLinks: FreshLinks,
    private readonly people: People,
    private readonly messages: Messages,
    private readonly tokens: LinkTokens,
    private readonly config: Config,
    private readonly wakeUps: WakeUps,
    private readonly db: Database,
  ) {}

  /** Notes that a link was asked for. The same work for every address: whether somebody has it is looked up by a worker. */
  async ask(work: Work, { canonical }: Address): Promise<void> {
    const requestId = await this.requests.add(work.trx, canonical);
    work.afterCommit(() => this.wakeUps.wake('links', { requestId }));
  }

  /** The worker's part: the mail goes out, or nobody has the address, or had three links today. */
  async answer(requestId: string): Promise<void> {
    await this.db.work(async (work) => {
      const canonical = await this.requests.take(work.trx, requestId);
      const person = canonical && (await this.people.byAddress(work.trx, canonical));
      if (person) await this.send(work, person);
    });
  }

  async waiting(limit: number): Promise<string[]> {
    return this.requests.waiting(this.db, limit);
  }

  /** Mails a person the link to their data. @returns false where they had three today */
  async send(work: Work, person: Person): Promise<boolean> {
    const linkId = await this.freshLinks.manage(work.trx, person.id);
    if (linkId === undefined) return false;
    await this.mail(work, person, 'fresh-link', addressOf(person), {
      manageUrl: this.url('my-data', 'manage', linkId),
      expiresInMinutes: FRESH_LINK_MINUTES,
    });
    return true;
  }

  /**
   * Mails the new address the link that makes it the person's. It greets nobody by name: until the button is pressed the address may be a
   * stranger's, and what somebody wrote into their name must not reach an inbox under the shop's name.
   * @returns false where there were three such mails today
   */
  async sendToNewAddress(work: Work, person: Person, address: Address): Promise<boolean> {
    const linkId = await this.freshLinks.changeAddress(work.trx, person.id, address);
    if (linkId === undefined) return false;
    await this.mail(work, person, 'change-address', address, {
      confirmUrl: this.url('new-address', 'address', linkId),
      expiresInMinutes: FRESH_LINK_MINUTES,
      recipient: { name: null, locale: person.locale ?? DEFAULT_LOCALE },
    });
    return true;
  }

  /** Tells the old address that mail goes elsewhere from now on. The new one stands in it masked. */
  async sendNotice(work: Work, person: Person, oldAddress: Address, maskedEmail: string): Promise<void> {
    await this.mail(work, person, 'address-changed', oldAddress, { newAddress: maskedEmail });
  }

  private async mail(
    work: Work,
    person: Person,
    template: string,
    address: Address,
    variables: Record<string, unknown>,
  ): Promise<void> {
    await this.messages.accept(work, {
      stream: 'service',
      locale: person.locale ?? DEFAULT_LOCALE,
      content: { template, variables },
      recipients: [{ personId: person.id, address, role: 'to' }],
      automatic: true,
    });
  }

  private url(page: string, purpose: TokenPurpose, subject: string): string {
    return `${this.config.publicUrl}/${page}/${this.tokens.make(purpose, subject)}`;
  }
}

/** @throws for an erased person, who has none */
export function addressOf(person: Person): Address {
  const parsed = parseAddress(person.address ?? '');
  if (!parsed.ok) throw new Error(`Person ${person.id} has no address`);
  return parsed.address;
}
