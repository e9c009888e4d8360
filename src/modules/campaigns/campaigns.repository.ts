import { Injectable } from '@nestjs/common';
import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import type { Executor, Tables } from '../../platform/database/index.js';

type Row = Selectable<Tables['campaigns']>;

/** A campaign with its lists in their order. */
export interface Campaign extends Row {
  readonly list_ids: string[];
  /** Scheduled, and its time has come by the clock of the database. */
  readonly is_due: boolean;
}

export type CampaignChanges = Omit<Updateable<Tables['campaigns']>, 'id' | 'created_at' | 'updated_at'>;

@Injectable()
export class CampaignsRepository {
  async insert(
    executor: Executor,
    campaign: Insertable<Tables['campaigns']>,
    listIds: readonly string[],
  ): Promise<void> {
    await executor.insertInto('campaigns').values(campaign).execute();
    await this.insertLists(executor, campaign.id, listIds);
  }

  async update(executor: Executor, id: string, changes: CampaignChanges): Promise<void> {
    await executor
      .updateTable('campaigns')
      .set({ ...changes, updated_at: sql`now()` })
      .where('id', '=', id)
      .execute();
  }

  async replaceLists(executor: Executor, id: string, listIds: readonly string[]): Promise<void> {
    await executor.deleteFrom('campaign_lists').where('campaign_id', '=', id).execute();
    await this.insertLists(executor, id, listIds);
  }

  async find(executor: Executor, id: string): Promise<Campaign | undefined> {
    return select(executor).where('c.id', '=', id).executeTakeFirst();
  }

  /** The campaign, held until the end of the transaction: moves and freezing take turns on this lock. */
  async lock(executor: Executor, id: string): Promise<Campaign | undefined> {
    const locked = await executor
      .selectFrom('campaigns')
      .select('id')
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    return locked && this.find(executor, id);
  }

  /** Newest first. */
  async page(executor: Executor, limit: number, after: string | undefined): Promise<Campaign[]> {
    return select(executor)
      .$if(after !== undefined, (query) => query.where('c.id', '<', after ?? ''))
      .orderBy('c.id', 'desc')
      .limit(limit)
      .execute();
  }

  /** Campaigns that Postrider itself may have to move: due, being frozen or resent, or sending. Few, and found by a partial index. */
  async open(executor: Executor): Promise<Pick<Campaign, 'id' | 'state' | 'frozen_at' | 'resend'>[]> {
    return executor
      .selectFrom('campaigns')
      .select(['id', 'state', 'frozen_at', 'resend'])
      .where('state', 'in', ['scheduled', 'sending', 'paused'])
      .where((where) =>
        where.or([where('state', '<>', 'scheduled'), where('scheduled_at', '<=', sql<Date>`now()`)]),
      )
      .execute();
  }

  private async insertLists(executor: Executor, id: string, listIds: readonly string[]): Promise<void> {
    const rows = listIds.map((list_id, position) => ({ campaign_id: id, position, list_id }));
    await executor.insertInto('campaign_lists').values(rows).execute();
  }
}

function select(executor: Executor) {
  return executor
    .selectFrom('campaigns as c')
    .selectAll('c')
    .select([
      sql<
        string[]
      >`ARRAY(SELECT l.list_id FROM campaign_lists l WHERE l.campaign_id = c.id ORDER BY l.position)`.as(
        'list_ids',
      ),
      sql<boolean>`c.state = 'scheduled' AND c.scheduled_at <= now()`.as('is_due'),
    ]);
}
