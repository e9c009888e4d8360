import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import {
  deliveryStates,
  monthOf,
  withRecipients,
  type DeliveryCounts,
  type DeliveryState,
} from '../../domain/index.js';
import { Database, type Executor, type Work } from '../../platform/database/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { BatchHealthRepository } from './batch-health.repository.js';
import type { Audience, BatchView, NewBatch } from './delivery.types.js';

/** Jobs per batch that may run side by side, over all worker processes. */
export const LANES = 4;

/** Many deliveries of one content that are paused, resumed and stopped together. */
@Injectable()
export class Batches {
  constructor(
    private readonly db: Database,
    private readonly health: BatchHealthRepository,
    private readonly wakeUps: WakeUps,
  ) {}

  async open(work: Work, batch: NewBatch): Promise<void> {
    await work.trx
      .insertInto('batches')
      .values({
        id: batch.id,
        bucket: monthOf(new Date()),
        sender_id: batch.senderId,
        revision_id: batch.revisionId,
        name: batch.name,
        retry_hours: batch.retryHours ?? null,
        kind: batch.kind ?? 'campaign',
        variables: batch.variables ? JSON.stringify(batch.variables) : null,
        finished_at: null,
      })
      .execute();
  }

  /**
   * Adds a part of the audience; who is in already stays with the list that came first.
   * @param viaListId null for a notice, which goes through no list
   * @returns how many people were added
   */
  async fill(executor: Executor, id: string, viaListId: string | null, audience: Audience): Promise<number> {
    const added = await executor
      .insertInto('deliveries')
      .columns(['bucket', 'stream', 'campaign_id', 'via_list_id', 'person_id', 'address', 'recipient_domain'])
      .expression(
        executor
          .selectFrom(audience.as('a'))
          .innerJoin('batches as b', (join) => join.on('b.id', '=', id))
          .select([
            'b.bucket',
            sql.lit('news').as('stream'),
            'b.id as campaign_id',
            sql`${viaListId}::uuid`.as('via_list_id'),
            'a.person_id',
            'a.address',
            'a.recipient_domain',
          ])
          .orderBy('a.person_id') as never,
      )
      .onConflict((conflict) =>
        conflict
          .columns(['bucket', 'campaign_id', 'person_id'])
          .where('campaign_id', 'is not', null)
          .doNothing(),
      )
      .executeTakeFirst();
    return Number(added.numInsertedOrUpdatedRows ?? 0);
  }

  /** No more recipients will come: once none is open, the batch is finished. */
  async complete(work: Work, id: string): Promise<void> {
    await work.trx.updateTable('batches').set({ complete: true }).where('id', '=', id).execute();
    work.afterCommit(() => this.wake(id));
  }

  /** Held by a person; one that paused itself before keeps its reason. */
  async pause({ trx }: Work, id: string): Promise<void> {
    await trx
      .updateTable('batches')
      .set({ state: 'paused' })
      .where('id', '=', id)
      .where('state', '=', 'open')
      .execute();
  }

  /** Goes on. What has been so far is forgiven: it pauses itself again only for what comes after. */
  async resume(work: Work, id: string): Promise<void> {
    await work.trx
      .updateTable('batches')
      .set({ state: 'open', pause_reason: null })
      .where('id', '=', id)
      .where('state', '=', 'paused')
      .execute();
    await this.forgive(work, id);
    work.afterCommit(() => this.wake(id));
  }

  /** What has been so far is not held against it any more. */
  async forgive({ trx }: Work, id: string): Promise<void> {
    await this.health.forgive(trx, id);
  }

  /** Takes more recipients once more, until `complete` is called again; a paused one stays paused. */
  async reopen(work: Work, id: string): Promise<void> {
    await sql`
      UPDATE batches SET complete = false, finished_at = NULL, state = CASE state WHEN 'finished' THEN 'open' ELSE state END
       WHERE id = ${id} AND state <> 'stopped'`.execute(work.trx);
    await this.forgive(work, id);
  }

  /** What waits is skipped by the workers, with the reason `cancelled`; what is on the wire ends as it ends. */
  async stop(work: Work, id: string): Promise<void> {
    await work.trx
      .updateTable('batches')
      .set({ state: 'stopped' })
      .where('id', '=', id)
      .where('state', '<>', 'finished')
      .execute();
    work.afterCommit(() => this.wake(id));
  }

  async wake(id: string): Promise<void> {
    await this.wakeUps.wake(
      'news',
      ...Array.from({ length: LANES }, (_, lane) => ({ campaignId: id, lane })),
    );
  }

  async view(executor: Executor, ids: readonly string[]): Promise<Map<string, BatchView>> {
    if (ids.length === 0) return new Map();
    const rows = await executor
      .selectFrom('batches')
      .select(['id', 'state', 'complete', 'pause_reason as pauseReason'])
      .where('id', 'in', ids)
      .execute();
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Cheap at any size: the counters move in the statement that moves the rows. A batch that is not open yet counts 0. */
  async counts(executor: Executor, ids: readonly string[]): Promise<Map<string, DeliveryCounts>> {
    const none = Object.fromEntries(deliveryStates.map((state) => [state, 0])) as Record<
      DeliveryState,
      number
    >;
    const result = new Map(ids.map((id) => [id, withRecipients(none)]));
    if (ids.length === 0) return result;
    const sum = (state: DeliveryState) => sql<number>`sum(${sql.ref(state)})::bigint`.as(state);
    const rows = await executor
      .selectFrom('campaign_counts')
      .select(['campaign_id', ...deliveryStates.map(sum)])
      .where('campaign_id', 'in', ids)
      .groupBy('campaign_id')
      .execute();
    for (const { campaign_id, ...states } of rows) {
      result.set(campaign_id, withRecipients(states));
    }
    return result;
  }

  /**
   * Finishes what has nothing open left, and tells the campaigns. `stopped` batches stay so, but are done as well.
   * @returns the ids of the batches that are finished now
   */
  async finishDone(only?: string): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      UPDATE batches b SET state = CASE b.state WHEN 'open' THEN 'finished' ELSE b.state END, finished_at = now()
       WHERE b.state IN ('open', 'stopped') AND b.finished_at IS NULL AND (b.complete OR b.state = 'stopped')
         AND (${only ?? null}::uuid IS NULL OR b.id = ${only ?? null})
         AND coalesce((SELECT sum(c.queued + c.sending + c.deferred) FROM campaign_counts c WHERE c.campaign_id = b.id), 0) = 0
      RETURNING b.id`.execute(this.db);
    await this.wakeUps.wake('campaigns', ...rows.map(({ id }) => ({ campaignId: id })));
    return rows.map(({ id }) => id);
  }

  /** Skips a part of what waits in a stopped batch. @returns how many */
  async skipStopped(id: string, bucket: string, limit: number): Promise<number> {
    const { rows } = await sql`
      UPDATE deliveries d SET state = 'skipped', reason = 'cancelled', settled_at = now()
        FROM (SELECT id FROM deliveries
               WHERE bucket = ${bucket} AND campaign_id = ${id} AND state IN ('queued', 'deferred')
               LIMIT ${limit} FOR UPDATE SKIP LOCKED) waiting
       WHERE d.bucket = ${bucket} AND d.id = waiting.id RETURNING d.id`.execute(this.db);
    return rows.length;
  }
}
