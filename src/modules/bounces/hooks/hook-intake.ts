import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { GroupWriter } from '../../../platform/database/index.js';
import { ApiError } from '../../../platform/http/index.js';
import { WakeUps, within } from '../../../platform/queue/index.js';
import type { NewRequest } from './provider-request.js';
import { ProviderRequestsRepository } from './provider-requests.repository.js';

/** `known`: the same content was stored before. `replayed`: other content came with this nonce. */
export type Intaken = 'stored' | 'known' | 'replayed';

/** Rows and octets of one statement. */
const GROUP = { items: 500, octets: 4 * 1024 * 1024, octetsOf: ({ body }: NewRequest) => body.length };
/** Of the database. */
const PATIENCE_MS = 8_000;

/** Stores webhooks in groups. What is answered is committed. */
@Injectable()
export class HookIntake implements BeforeApplicationShutdown {
  private readonly writer = new GroupWriter(GROUP, (requests: readonly NewRequest[]) => this.store(requests));
  private waking: Promise<void> | undefined;

  constructor(
    private readonly repository: ProviderRequestsRepository,
    private readonly wakeUps: WakeUps,
  ) {}

  /** @throws 503 while the database is away */
  async take(request: NewRequest): Promise<Intaken> {
    try {
      return await this.writer.add(request);
    } catch (error) {
      const answer = new ApiError(
        503,
        'not_stored',
        'The webhook cannot be stored; send it again later',
        [],
        10,
      );
      answer.cause = error;
      throw answer;
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.waking;
  }

  /** Beside the next group, because a queue under load is slow; whom a wake-up that is under way comes too early for, the sweeper finds. */
  private wake(): void {
    this.waking ??= this.wakeUps.wake('mailEvents', { lane: 0 }).finally(() => (this.waking = undefined));
  }

  private async store(requests: readonly NewRequest[]): Promise<Intaken[]> {
    const fresh = new Set(await within(PATIENCE_MS, this.repository.store(requests)));
    if (fresh.size > 0) this.wake();
    const intaken: Intaken[] = [];
    for (const request of requests) {
      if (fresh.has(request.id)) intaken.push('stored');
      else
        intaken.push(request.nonce === null || (await this.repository.has(request)) ? 'known' : 'replayed');
    }
    return intaken;
  }
}
