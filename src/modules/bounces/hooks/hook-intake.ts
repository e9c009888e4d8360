import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { ApiError } from '../../../platform/http/index.js';
import { WakeUps, within } from '../../../platform/queue/index.js';
import type { NewRequest } from './provider-request.js';
import { ProviderRequestsRepository } from './provider-requests.repository.js';

/** `known`: the same content was stored before. `replayed`: other content came with this nonce. */
export type Intaken = 'stored' | 'known' | 'replayed';

interface Waiting {
  readonly request: NewRequest;
  readonly settle: (intaken: Intaken) => void;
  readonly fail: (error: unknown) => void;
}

/** Rows and octets of one statement. */
const GROUP_ROWS = 500;
const GROUP_OCTETS = 4 * 1024 * 1024;
/** Of the database. */
const PATIENCE_MS = 8_000;

/** Stores webhooks in groups: while one is written, the next one gathers. What is answered is committed. */
@Injectable()
export class HookIntake implements BeforeApplicationShutdown {
  private waiting: Waiting[] = [];
  private isRunning = false;
  private waking: Promise<void> | undefined;

  constructor(
    private readonly repository: ProviderRequestsRepository,
    private readonly wakeUps: WakeUps,
  ) {}

  /** @throws 503 while the database is away */
  async take(request: NewRequest): Promise<Intaken> {
    return new Promise((settle, fail) => {
      this.waiting.push({ request, settle, fail });
      if (!this.isRunning) void this.run();
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.waking;
  }

  /** Beside the next group, because a queue under load is slow; whom a wake-up that is under way comes too early for, the sweeper finds. */
  private wake(): void {
    this.waking ??= this.wakeUps.wake('mailEvents', { lane: 0 }).finally(() => (this.waking = undefined));
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.length > 0) await this.storeGroup(this.nextGroup());
    this.isRunning = false;
  }

  private nextGroup(): Waiting[] {
    let octets = 0;
    const tooMany = this.waiting.findIndex(({ request }, index) => {
      octets += request.body.length;
      return index >= GROUP_ROWS || (index > 0 && octets > GROUP_OCTETS);
    });
    return this.waiting.splice(0, tooMany < 0 ? this.waiting.length : tooMany);
  }

  /** Never throws: whoever waits is told. */
  private async storeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const fresh = new Set(
        await within(PATIENCE_MS, this.repository.store(group.map(({ request }) => request))),
      );
      for (const { request, settle } of group) {
        if (fresh.has(request.id)) settle('stored');
        else settle(request.nonce === null || (await this.repository.has(request)) ? 'known' : 'replayed');
      }
      if (fresh.size > 0) this.wake();
    } catch (error) {
      const answer = new ApiError(
        503,
        'not_stored',
        'The webhook cannot be stored; send it again later',
        [],
        10,
      );
      answer.cause = error;
      for (const { fail } of group) fail(answer);
    }
  }
}
