import { Injectable } from '@nestjs/common';
import { monthOf } from '../../domain/index.js';
import { Database, type Work } from '../../platform/database/index.js';
import { conflict } from '../../platform/http/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { WebhookMessagesRepository } from './messages.repository.js';
import { typesOf } from './public-events.js';
import { ReplaysRepository, type PastEvent } from './replays.repository.js';
import type { ReplayRequest } from './webhooks.schemas.js';
import { READ_EVENTS, type EndpointRow } from './webhooks.types.js';

/** Events that one transaction looks at. */
const GROUP = 5_000;
/** An event's month is that of its writing, its time that of its transaction's begin. */
const DAY_MS = 86_400_000;

/** Past events once more. The request is kept with its endpoint and worked off in groups, so a month of a million costs no request its patience. */
@Injectable()
export class Replays {
  constructor(
    private readonly db: Database,
    private readonly repository: ReplaysRepository,
    private readonly messages: WebhookMessagesRepository,
    private readonly wakeUps: WakeUps,
  ) {}

  /** @throws 409 while another replay of this endpoint is under way */
  async start(work: Work, endpoint: EndpointRow, request: ReplayRequest): Promise<void> {
    const { since, until = new Date(), types = null, onlyFailed } = request;
    const started = await this.repository.start(work.trx, endpoint.id, {
      since: since.toISOString(),
      until: until.toISOString(),
      types,
      onlyFailed,
      bucket: monthOf(since),
      after: 0,
    });
    if (!started)
      throw conflict('replay_running', 'A replay of this endpoint is being queued; wait for its end');
    work.afterCommit(() => this.wakeUps.wake('webhooks', { work: READ_EVENTS }));
  }

  async hasWork(): Promise<boolean> {
    return this.repository.waits(this.db);
  }

  /** The next group of one replay. @returns the endpoint that got messages; undefined when there is nothing to do */
  async step(): Promise<string | undefined> {
    return this.db.work(async ({ trx }) => {
      const endpoint = await this.repository.lockNext(trx);
      if (!endpoint?.replay) return undefined;
      const { id: endpointId, replay } = endpoint;
      const types = replay.types ?? typesOf(endpoint.events);
      const lastBucket = monthOf(new Date(Date.parse(replay.until) + DAY_MS));
      const events = await this.repository.pastEvents(trx, replay, types, lastBucket, GROUP);
      const meant = events.filter((event) => event.meant);
      if (replay.onlyFailed) {
        for (const [bucket, some] of Map.groupBy(meant, (event) => event.bucket))
          await this.messages.requeueFailed(
            trx,
            endpointId,
            bucket,
            some.map(({ id }) => id),
          );
      } else {
        await this.messages.add(
          trx,
          meant.map((event) => messageOf(endpointId, event)),
          'requeue',
        );
      }
      const last = events.at(-1);
      await this.repository.save(
        trx,
        endpointId,
        last ? { ...replay, bucket: last.bucket, after: last.id } : null,
      );
      return endpointId;
    });
  }
}

function messageOf(endpointId: string, { id, bucket, type, at }: PastEvent) {
  return { endpointId, type, bucket, eventId: id, happenedAt: at };
}
