import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../../platform/database/index.js';
import { MailEvents, type Taken } from '../act/mail-events.service.js';
import type { MailEvent } from '../mail-event.js';
import { MailProviders } from '../providers/index.js';
import { SnsPages } from '../providers/sns-pages.js';
import type { Told } from '../providers/mail-provider.js';
import { Config } from '../../../platform/config/index.js';
import { namedAddresses } from './named-addresses.js';
import { contentOf, type ClaimedRequest } from './provider-request.js';
import { ProviderRequestsRepository } from './provider-requests.repository.js';

const CLAIM = 10;
/** Events of one transaction: a request may have ten thousand. */
const CHUNK = 100;
/** When so many events of one request cannot be taken, the trouble is not theirs. */
const MOST_FAILURES = 20;
const NOTE_LENGTH = 500;

/** Another worker has the request by now. */
class Superseded extends Error {}

/** Reads stored webhooks and takes their events: each once, those of a request in their order. */
@Injectable()
export class HookWork {
  private readonly logger = new Logger('MailEvents');

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly repository: ProviderRequestsRepository,
    private readonly providers: MailProviders,
    private readonly pages: SnsPages,
    private readonly events: MailEvents,
  ) {}

  /** Works until nothing is due. Never throws for what a request does: that is noted, and it is tried again later. */
  async run(): Promise<void> {
    for (;;) {
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
      const told = this.read(request, content);
      await this.confirm(told);
      const taken = await this.takeAll(request, told.events);
      await this.repository.settle(
        request,
        told.events.length > 0 ? 'done' : 'ignored',
        noteOf(told, taken),
        addresses,
      );
    } catch (error) {
      if (error instanceof Superseded) return;
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

  private async confirm({ confirm }: Told): Promise<void> {
    if (!confirm || !this.config.env.SES_CONFIRM_SUBSCRIPTIONS) return;
    await this.pages.get(confirm);
    this.logger.log(`The subscription of ${confirm.searchParams.get('TopicArn') ?? 'a topic'} is confirmed`);
  }

  /**
   * Takes events in small groups. One that cannot be taken holds nobody up: the others of its group are taken one by one.
   * @throws where some are left for the next try
   */
  private async takeAll(request: ClaimedRequest, events: readonly MailEvent[]): Promise<Map<Taken, number>> {
    const counts = new Map<Taken, number>();
    let pending = request.pending ?? [...events.keys()];
    let problem: Error | undefined;
    let failures = 0;
    const take = async (places: readonly number[]): Promise<void> => {
      const now = new Set(places);
      const left = pending.filter((place) => !now.has(place));
      const taken = await this.takeGroup(request, places, events, left);
      pending = left;
      for (const one of taken) counts.set(one, (counts.get(one) ?? 0) + 1);
    };
    const tries = [...pending];
    for (let at = 0; at < tries.length && failures < MOST_FAILURES; at += CHUNK) {
      const group = tries.slice(at, at + CHUNK);
      try {
        await take(group);
      } catch (error) {
        if (error instanceof Superseded) throw error;
        for (const place of group) {
          await take([place]).catch((single: Error) => {
            if (single instanceof Superseded) throw single;
            problem = single;
            failures += 1;
          });
          if (failures >= MOST_FAILURES) break;
        }
      }
    }
    if (problem) throw new Error(`${pending.length} of ${events.length} events are left: ${problem.message}`);
    return counts;
  }

  private async takeGroup(
    request: ClaimedRequest,
    places: readonly number[],
    events: readonly MailEvent[],
    left: readonly number[],
  ): Promise<Taken[]> {
    return this.db.work(async (work) => {
      if (!(await this.repository.hold(work.trx, request, left))) throw new Superseded();
      const taken: Taken[] = [];
      for (const place of places) {
        const event = events[place];
        if (event) taken.push(await this.events.take(work, event));
      }
      return taken;
    });
  }
}

/** `1 applied, 2 unmatched`, or why there was nothing. */
function noteOf({ nothing }: Told, taken: ReadonlyMap<Taken, number>): string {
  return nothing ?? [...taken].map(([what, count]) => `${count} ${what}`).join(', ');
}
