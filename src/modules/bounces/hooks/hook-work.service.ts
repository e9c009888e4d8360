import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../platform/config/index.js';
import { Database } from '../../../platform/database/index.js';
import { Drain } from '../../../platform/queue/index.js';
import { MailProviders } from '../providers/index.js';
import type { Told } from '../providers/mail-provider.js';
import { SnsPages } from '../providers/sns-pages.js';
import { EventGroups, Interrupted, type ReadRequest } from './event-groups.service.js';
import { namedAddresses } from './named-addresses.js';
import { contentOf, type ClaimedRequest } from './provider-request.js';
import { ProviderRequestsRepository } from './provider-requests.repository.js';

const CLAIM = 50;
/** Of the bodies that are held at once: a larger one is held alone. */
const CLAIM_OCTETS = 2 * 1024 * 1024;
/** Most providers send one event a webhook: those share a transaction. */
const FEW_EVENTS = 4;
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
      const requests = await this.repository.claim(CLAIM, CLAIM_OCTETS);
      const few: ReadRequest[] = [];
      for (const request of requests) {
        const read = await this.readOf(request);
        if (read && read.events.length <= FEW_EVENTS && request.tries === 1) few.push(read);
        else if (read) await this.take(read);
      }
      await this.takeFew(few);
      if (requests.length === 0) return;
    }
  }

  /** @returns undefined for one that is settled by being read, or that cannot be read */
  private async readOf(request: ClaimedRequest): Promise<ReadRequest | undefined> {
    let addresses: string[] = [];
    try {
      const content = contentOf(request.body);
      addresses = [...namedAddresses(content)];
      const { events, confirm, nothing } = this.read(request, content);
      await this.confirm(confirm);
      if (events.length > 0) return { request, events, addresses };
      const settled = { state: 'ignored', note: nothing ?? null, addresses } as const;
      await this.repository.settle(this.db, request, settled);
    } catch (error) {
      await this.failed(request, error as Error, addresses);
    }
    return undefined;
  }

  /** In one transaction; one by one where one of them fails, or where they are not tried for the first time. */
  private async takeFew(few: readonly ReadRequest[]): Promise<void> {
    if (few.length === 0) return;
    try {
      await this.groups.takeTogether(few);
    } catch (error) {
      this.logger.debug(`${few.length} webhooks are taken one by one: ${(error as Error).message}`);
      for (const read of few) await this.take(read);
    }
  }

  private async take(read: ReadRequest): Promise<void> {
    try {
      await this.groups.takeAll(read);
    } catch (error) {
      if (!(error instanceof Interrupted)) await this.failed(read.request, error as Error, read.addresses);
    }
  }

  private async failed(request: ClaimedRequest, error: Error, addresses: readonly string[]): Promise<void> {
    await this.repository.failed(request, error.message.slice(0, NOTE_LENGTH), addresses);
    const { id, provider } = request;
    this.logger.warn(
      { err: error, requestId: id, provider },
      'A webhook of a mail provider could not be handled',
    );
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
