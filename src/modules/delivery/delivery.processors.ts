import { Injectable } from '@nestjs/common';
import { bucketOf, type Stream } from '../../domain/index.js';
import { Drain, Handles, JobHandler, type QueuePayload } from '../../platform/queue/index.js';
import { BatchHealth } from './batch-health.service.js';
import { Batches, LANES } from './batches.service.js';
import type { BatchTurn } from './claim.types.js';
import { ClaimsRepository } from './claims.repository.js';
import { MessagesRepository } from './messages.repository.js';
import { Runner, type Worked } from './runner.js';

/**
 * A turn of a batch is what goes out in this time, so that batches alternate several times a second at any pace, within bounds: a
 * turn costs some milliseconds, and what is claimed waits for its connection.
 */
const TURN_SECONDS = 0.5;
const FIRST_TURN = 100;
const SHORTEST_TURN = 50;
const LONGEST_TURN = 250;
const SKIP_CHUNK = 5_000;
const SWEEP_LIMIT = 500;
/** Recipients of one message that are claimed at once. Few have more, and room at a relay is not asked for in vain. */
const RECIPIENTS = 5;
/** How long a job waits for room at a relay before it leaves the rest to the sweeper. */
const PATIENCE_MS = 5_000;
/** A turn that would begin so soon is waited for. */
const SOON_MS = 2_000;
const LOOK_AGAIN_MS = 500;

/** One message: claim what is due of it and send it. */
@Injectable()
export class MessageWork {
  constructor(
    private readonly runner: Runner,
    private readonly claims: ClaimsRepository,
    private readonly messages: MessagesRepository,
    private readonly drain: Drain,
  ) {}

  /** Sends what is due of it. Where the relays have no room it waits a while for some; after that the sweeper wakes it again. */
  async deliver(stream: Stream, messageId: string): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const worked = await this.runner.run({
        bucket: bucketOf(messageId),
        stream,
        wanted: RECIPIENTS,
        claim: (token, limit) => this.claims.claimMessage(token, messageId, limit),
        source: () => this.messages.source(messageId),
        hurry: true,
      });
      await worked.recorded;
      if (worked.retryAfterMs > 0) {
        if (Date.now() + worked.retryAfterMs > end || !(await this.drain.sleep(worked.retryAfterMs))) return;
      } else if (worked.claimed < RECIPIENTS) return;
    }
  }

  async due(stream: Stream): Promise<{ messageId: string }[]> {
    if (!this.runner.ready(stream)) return [];
    return (await this.claims.dueMessages(stream, SWEEP_LIMIT)).map((messageId) => ({ messageId }));
  }
}

@Handles('orders', { concurrency: 10 })
export class OrdersProcessor extends JobHandler<'orders'> {
  readonly queue = 'orders';

  constructor(private readonly work: MessageWork) {
    super();
  }

  async handle({ messageId }: QueuePayload<'orders'>): Promise<void> {
    await this.work.deliver(this.queue, messageId);
  }

  async due(): Promise<QueuePayload<'orders'>[]> {
    return this.work.due('orders');
  }
}

@Handles('service', { concurrency: 10 })
export class ServiceProcessor extends JobHandler<'service'> {
  readonly queue = 'service';

  constructor(private readonly work: MessageWork) {
    super();
  }

  async handle({ messageId }: QueuePayload<'service'>): Promise<void> {
    await this.work.deliver(this.queue, messageId);
  }

  async due(): Promise<QueuePayload<'service'>[]> {
    return this.work.due('service');
  }
}

/**
 * A news job is a wake-up for the worker, not for its campaign: it takes turns, each for the batch that waited longest, until
 * nothing is due. So two blasts share, whichever was woken, and more jobs only mean more hands.
 */
@Handles('news', { concurrency: LANES })
export class NewsProcessor extends JobHandler<'news'> {
  readonly queue = 'news';
  private turnSize = FIRST_TURN;

  constructor(
    private readonly runner: Runner,
    private readonly claims: ClaimsRepository,
    private readonly batches: Batches,
    private readonly health: BatchHealth,
    private readonly drain: Drain,
  ) {
    super();
  }

  async handle(): Promise<void> {
    let recorded: Promise<void> = Promise.resolve();
    try {
      while (!this.drain.signal.aborted) {
        const batch = await this.claims.nextTurn();
        if (!batch) {
          if (await this.nothingSoon()) return;
          continue;
        }
        const turn = await this.turn(batch);
        // Results go to the database while the next turn is under way.
        recorded = Promise.all([recorded, turn.recorded]).then(() => undefined);
        if (turn.retryAfterMs > 0) {
          if (turn.retryAfterMs > PATIENCE_MS || !(await this.drain.sleep(turn.retryAfterMs))) return;
        } else if (turn.claimed === 0) {
          await recorded;
          await this.batches.finishDone(batch.id);
          // Other hands have taken the rest.
          return;
        }
      }
    } finally {
      await recorded;
      await this.batches.finishDone();
    }
  }

  /** Where a recipient domain has no room its mail comes due a moment later, and the sweeper would find it too late. */
  private async nothingSoon(): Promise<boolean> {
    const waitMs = await this.claims.nextDueIn();
    if (waitMs === undefined || waitMs > SOON_MS) return true;
    return !(await this.drain.sleep(Math.max(waitMs, LOOK_AGAIN_MS)));
  }

  private async turn(batch: BatchTurn): Promise<Worked> {
    if (batch.state === 'stopped') {
      const claimed = await this.batches.skipStopped(batch.id, batch.bucket, SKIP_CHUNK);
      return { claimed, retryAfterMs: 0, recorded: Promise.resolve() };
    }
    const wanted = this.turnSize;
    const began = performance.now();
    const worked = await this.runner.run({
      bucket: batch.bucket,
      stream: 'news',
      wanted,
      claim: (token, limit) => this.claims.claimBatch(token, batch, limit),
      source: async () => ({ kind: 'batch', batch }),
      hurry: false,
    });
    if (worked.claimed === wanted) {
      const perSecond = (wanted * 1000) / (performance.now() - began);
      this.turnSize = Math.round(Math.min(LONGEST_TURN, Math.max(SHORTEST_TURN, perSecond * TURN_SECONDS)));
    }
    return worked;
  }

  async due(): Promise<QueuePayload<'news'>[]> {
    await this.batches.finishDone();
    await this.health.pauseSick();
    if (!this.runner.ready('news')) return [];
    const [campaignId] = await this.claims.dueBatches(1);
    if (campaignId === undefined) return [];
    return Array.from({ length: LANES }, (_, lane) => ({ campaignId, lane }));
  }
}
