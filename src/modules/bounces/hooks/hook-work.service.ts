import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../platform/config/index.js';
import { Database } from '../../../platform/database/index.js';
import { Drain } from '../../../platform/queue/index.js';
import { MailProviders } from '../providers/index.js';
import type { Told } from '../providers/mail-provider.js';
import { SnsPages } from '../providers/sns-pages.js';
import { EventGroups, Interrupted } from './event-groups.service.js';
import { namedAddresses } from './named-addresses.js';
import { contentOf, type ClaimedRequest } from './provider-request.js';
import { ProviderRequestsRepository } from './provider-requests.repository.js';

const CLAIM = 10;
const NOTE_LENGTH = 500;

/** Reads stored webhooks: each once, what fails again later. */
@Injectable()
export class HookWork {
  private readonly logger = new Logger('MailEvents');

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly drain: Drain,
    private readonly repository: ProviderRequestsRepository,
    private readonly providers: MailProviders,
    private readonly pages: SnsPages,
    private readonly groups: EventGroups,
  ) {}

  /** Works until nothing is due, or the process ends. Never throws for what a request does: that is noted. */
  async run(): Promise<void> {
    while (!this.drain.signal.aborted) {
      const requests = await this.repository.claim(CLAIM);
      for (const request of requests) await this.process(request);
      if (requests.length < CLAIM) return;
    }
  }

  private async process(request: ClaimedRequest): Promise<void> {
    let addresses: string[] = [];
    try {
      const content = contentOf(request.body);
      addresses = [...namedAddresses(content)];
      const { events, confirm, nothing } = this.read(request, content);
      await this.confirm(confirm);
      if (events.length > 0) await this.groups.takeAll(request, events, addresses);
      else
        await this.repository.settle(this.db, request, {
          state: 'ignored',
          note: nothing ?? null,
          addresses,
        });
    } catch (error) {
      if (error instanceof Interrupted) return;
      await this.repository.failed(request, (error as Error).message.slice(0, NOTE_LENGTH), addresses);
      const { id, provider } = request;
      this.logger.warn(
        { err: error, requestId: id, provider },
        'A webhook of a mail provider could not be handled',
      );
    }
  }

  private read({ provider }: ClaimedRequest, content: unknown): Told {
    const found = this.providers.named(provider);
    if (!found) throw new Error(`There is no mail provider "${provider}" any more`);
    return found.read(content);
  }

  private async confirm(page: URL | undefined): Promise<void> {
    if (!page || !this.config.env.SES_CONFIRM_SUBSCRIPTIONS) return;
    await this.pages.get(page);
    this.logger.log(`The subscription of ${page.searchParams.get('TopicArn') ?? 'a topic'} is confirmed`);
  }
}
