import { Injectable } from '@nestjs/common';
import { bucketOf, type Stream } from '../../domain/index.js';
import { Drain, Handles, JobHandler, type QueuePayload } from '../../platform/queue/index.js';
import { BatchHealth } from './batch-health.service.js';
import { Batches, LANES } from './batches.service.js';
import { ClaimsRepository, type BatchTurn } from './claims.repository.js';
import { MessagesRepository } from './messages.repository.js';
import { Runner, type Worked } from './runner.js';

/** Deliveries a news job claims at once: its turn. Small enough that batches alternate several times a second. */
const TURN = 200;
const SKIP_CHUNK = 5_000;
const SWEEP_LIMIT = 500;

/** One message: claim what is due of it and send it. */
@Injectable()
export class MessageWork {
  constructor(
    private readonly runner: Runner,
    private readonly claims: ClaimsRepository,
    private readonly messages: MessagesRepository,
  ) {}

  async deliver(messageId: string): Promise<void> {
    if (!this.runner.circuit.ready) return;
    const { recorded } = await this.runner.run(
      bucketOf(messageId),
      (token) => this.claims.claimMessage(token, messageId),
      () => this.messages.source(messageId),
      { hurry: true },
    );
    await recorded;
  }

  async due(stream: Stream): Promise<{ messageId: string }[]> {
    if (!this.runner.circuit.ready) return [];
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
    await this.work.deliver(messageId);
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
    await this.work.deliver(messageId);
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
      while (!this.drain.signal.aborted && this.runner.circuit.ready) {
        const batch = await this.claims.nextTurn();
        if (!batch) return;
        const turn = await this.turn(batch);
        // Results go to the database while the next turn is under way.
        recorded = Promise.all([recorded, turn.recorded]).then(() => undefined);
        if (turn.claimed === TURN) continue;
        await recorded;
        await this.batches.finishDone(batch.id);
        // Other hands have taken the rest.
        if (turn.claimed === 0) return;
      }
    } finally {
      await recorded;
      await this.batches.finishDone();
    }
  }

  private async turn(batch: BatchTurn): Promise<Worked> {
    if (batch.state === 'stopped') {
      const claimed = await this.batches.skipStopped(batch.id, batch.bucket, SKIP_CHUNK);
      return { claimed, recorded: Promise.resolve() };
    }
    const claim = (token: string) => this.claims.claimBatch(token, batch, TURN);
    return this.runner.run(batch.bucket, claim, async () => ({ kind: 'batch', batch }), { hurry: false });
  }

  async due(): Promise<QueuePayload<'news'>[]> {
    await this.batches.finishDone();
    await this.health.pauseSick();
    if (!this.runner.circuit.ready) return [];
    const [campaignId] = await this.claims.dueBatches(1);
    if (campaignId === undefined) return [];
    return Array.from({ length: LANES }, (_, lane) => ({ campaignId, lane }));
  }
}
