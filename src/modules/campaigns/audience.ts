import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Executor, Work } from '../../platform/database/index.js';
import { Batches, type Audience as AudienceQuery } from '../delivery/index.js';
import { Subscriptions } from '../subscribers/index.js';
import { CampaignsRepository, type Campaign } from './campaigns.repository.js';

/**
 * People that one transaction copies. The first chunk is small, so that the first mail leaves within a second; the others take half a
 * second beside a blast, so that a pause or a shutdown is not kept waiting. Most of the time of small ones goes into their round
 * trips, in a process that sends at the same time: 1,000,000 people took 54 s in chunks of 5,000.
 */
const FIRST_CHUNK = 5_000;
const CHUNK = 25_000;

/**
 * Freezes who gets a campaign: list by list, each in the order of its people, one delivery row per person; who is on several lists
 * stays with the first. Where the freeze stands is saved with each chunk, so it goes on after a crash where it was.
 */
@Injectable()
export class Audience {
  constructor(
    private readonly repository: CampaignsRepository,
    private readonly subscriptions: Subscriptions,
    private readonly batches: Batches,
  ) {}

  /** Copies the next chunk. Call it with the campaign locked. @returns how many people were added */
  async freezeNext(work: Work, campaign: Campaign): Promise<{ added: number }> {
    const { id, freeze_position, freeze_after, list_ids } = campaign;
    const listId = list_ids[freeze_position];
    if (listId === undefined) {
      await this.batches.complete(work, id);
      await this.repository.update(work.trx, id, { frozen_at: new Date() });
      return { added: 0 };
    }
    const limit = freeze_after === null ? FIRST_CHUNK : CHUNK;
    const chunk = await this.take(
      work.trx,
      this.subscriptions.audience(work.trx, listId, freeze_after, limit),
    );
    const added = chunk.size === 0 ? 0 : await this.batches.fill(work.trx, id, listId, chunk.people);
    await this.repository.update(
      work.trx,
      id,
      chunk.size < limit
        ? { freeze_position: freeze_position + 1, freeze_after: null }
        : { freeze_after: chunk.last },
    );
    return { added };
  }

  /**
   * Reads a chunk once, into a table of this transaction: were it read again for its last person, somebody who confirms in
   * between would move the limit, and the person at the edge would be passed over.
   */
  private async take(
    trx: Executor,
    query: AudienceQuery,
  ): Promise<{ people: AudienceQuery; size: number; last: string | null }> {
    await trx.schema.createTable('audience_chunk').temporary().onCommit('drop').as(query).execute();
    const { rows } = await sql<{ size: number; last: string | null }>`
      SELECT count(*) AS size, (SELECT person_id FROM audience_chunk ORDER BY person_id DESC LIMIT 1) AS last
        FROM audience_chunk`.execute(trx);
    const people = trx
      .selectFrom(
        sql<{ person_id: string; address: string; recipient_domain: string }>`audience_chunk`.as('chunk'),
      )
      .selectAll();
    return {
      people: people as unknown as AudienceQuery,
      size: rows[0]?.size ?? 0,
      last: rows[0]?.last ?? null,
    };
  }
}
