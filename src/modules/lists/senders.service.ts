import { Injectable } from '@nestjs/common';
import { newId, parseAddress } from '../../domain/index.js';
import { ConfigError, type Config } from '../../platform/config/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import { ApiError } from '../../platform/http/index.js';
import type { Brand, List, Sender } from './lists.types.js';
import { SendersRepository } from './senders.repository.js';

@Injectable()
export class Senders {
  constructor(
    private readonly db: Database,
    private readonly repository: SendersRepository,
  ) {}

  /**
   * Makes the brand and the sender "default" at the first start. What MAIL_FROM and POSTAL_ADDRESS set wins over what is stored;
   * what they leave out stays. Safe at every start and in several processes.
   * @throws ConfigError when no mail can come from MAIL_FROM
   */
  async ensureDefaults(config: Config): Promise<void> {
    const { name, address } = config.mailFrom;
    const parsed = parseAddress(address);
    if (!parsed.ok) throw new ConfigError(`MAIL_FROM: ${address} ${parsed.problem}`);
    const { typed, domain } = parsed.address;
    await this.db.work(({ trx }) =>
      this.repository.ensureDefault(
        trx,
        {
          brandId: newId(),
          senderId: newId(),
          brandName: name ?? domain,
          postalAddress: config.postalAddress,
          fromName: name,
          fromAddress: typed,
          domain,
        },
        { from: config.env.MAIL_FROM !== undefined, postalAddress: config.postalAddress !== null },
      ),
    );
  }

  async bySlug(executor: Executor, slug: string): Promise<Sender | undefined> {
    return this.repository.bySlug(executor, slug);
  }

  async byId(executor: Executor, id: string): Promise<Sender | undefined> {
    return this.repository.byId(executor, id);
  }

  /** The oldest first. */
  async all(executor: Executor): Promise<Sender[]> {
    return this.repository.all(executor);
  }

  /** The one that is meant where nobody named one: the oldest. */
  async first(executor: Executor): Promise<Sender | undefined> {
    return this.repository.first(executor);
  }

  /** The brand that mails to this list speak for; the first sender's where there is no list. @throws 503 before the first start is through */
  async brandOf(executor: Executor, list?: Pick<List, 'senderId'>): Promise<Brand> {
    const sender = list ? await this.byId(executor, list.senderId) : await this.first(executor);
    if (!sender)
      throw new ApiError(503, 'no_sender', 'Postrider has no sender yet; try again in a moment', [], 5);
    return sender.brand;
  }
}
