import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ApiKeys } from '../modules/access/index.js';
import { Relays } from '../modules/delivery/index.js';
import { Lists, Senders } from '../modules/lists/index.js';
import { Config } from '../platform/config/index.js';
import { Database } from '../platform/database/index.js';
import { inboxRelay } from './inbox-port.js';

/** What an empty install needs before its first request. Runs at every start of the API and changes nothing twice. */
@Injectable()
export class Setup implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly apiKeys: ApiKeys,
    private readonly senders: Senders,
    private readonly lists: Lists,
    private readonly relays: Relays,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.senders.ensureDefaults(this.config);
    const { BOOTSTRAP_API_KEY, SMTP_URL } = this.config.env;
    const relay = SMTP_URL ?? inboxRelay();
    if (relay !== undefined) await this.relays.ensureDefault(relay);
    if (BOOTSTRAP_API_KEY !== undefined) await this.apiKeys.ensureBootstrap(BOOTSTRAP_API_KEY);
    else if (SMTP_URL === undefined) await this.tryOut();
  }

  /** With the built-in inbox nothing leaves the machine: a key and a list to begin with, so that every printed link works. */
  private async tryOut(): Promise<void> {
    await this.apiKeys.ensureQuickstart(this.config.dataDir);
    await this.db.work(async (work) => {
      if ((await this.lists.list(work.trx, { limit: 1 })).data.length > 0) return;
      await this.lists.create(work, {
        slug: 'letters',
        name: 'Letters from the shop',
        description: 'What is new, about twice a month.',
        optIn: 'double',
        visibility: 'public',
      });
    });
  }
}
