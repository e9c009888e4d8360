import { Injectable } from '@nestjs/common';
import { isId } from '../../domain/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import { notFound, toPage, type Page } from '../../platform/http/index.js';
import { Batches } from '../delivery/index.js';
import { Lists, Senders } from '../lists/index.js';
import { CampaignsRepository, type Campaign } from './campaigns.repository.js';
import type { CampaignsQuery, CampaignSummary, CampaignView } from './campaigns.schemas.js';

/** Campaigns as the API shows them. The counts cost the same for a hundred recipients and for a million. */
@Injectable()
export class CampaignViews {
  constructor(
    private readonly db: Database,
    private readonly repository: CampaignsRepository,
    private readonly batches: Batches,
    private readonly lists: Lists,
    private readonly senders: Senders,
  ) {}

  /** @throws 404 */
  async find(id: string, executor: Executor = this.db): Promise<CampaignView> {
    const campaign = await this.known(executor, id);
    const [summary] = await this.summaries(executor, [campaign]);
    if (!summary) throw notFound('campaign', id);
    return { ...summary, content: campaign.content, mjml: campaign.mjml };
  }

  /** Newest first. */
  async page({ limit, after }: CampaignsQuery): Promise<Page<CampaignSummary>> {
    const { data, hasMore } = toPage(
      await this.repository.page(this.db, limit + 1, after),
      limit,
      (row) => row,
    );
    return { data: await this.summaries(this.db, data), hasMore };
  }

  /** @throws 404 */
  async known(executor: Executor, id: string): Promise<Campaign> {
    const campaign = isId(id) ? await this.repository.find(executor, id) : undefined;
    if (!campaign) throw notFound('campaign', id);
    return campaign;
  }

  private async summaries(executor: Executor, campaigns: readonly Campaign[]): Promise<CampaignSummary[]> {
    const counts = await this.batches.counts(
      executor,
      campaigns.map(({ id }) => id),
    );
    const lists = await this.lists.byIds(executor, unique(campaigns.flatMap(({ list_ids }) => list_ids)));
    const listSlugs = new Map(lists.map(({ id, slug }) => [id, slug]));
    const senderSlugs = new Map<string, string>();
    for (const senderId of unique(campaigns.map(({ sender_id }) => sender_id))) {
      const sender = await this.senders.byId(executor, senderId);
      if (sender) senderSlugs.set(senderId, sender.slug);
    }
    return campaigns.flatMap((campaign) => {
      const count = counts.get(campaign.id);
      if (!count) return [];
      return {
        id: campaign.id,
        name: campaign.name,
        subject: campaign.subject,
        preheader: campaign.preheader,
        lists: campaign.list_ids.flatMap((id) => listSlugs.get(id) ?? []),
        sender: senderSlugs.get(campaign.sender_id) ?? '',
        retryHours: campaign.retry_hours,
        state: campaign.state,
        stateReason: campaign.state_reason,
        scheduledAt: iso(campaign.scheduled_at),
        startedAt: iso(campaign.started_at),
        frozenAt: iso(campaign.frozen_at),
        finishedAt: iso(campaign.finished_at),
        createdAt: campaign.created_at.toISOString(),
        updatedAt: campaign.updated_at.toISOString(),
        counts: count,
      };
    });
  }
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
