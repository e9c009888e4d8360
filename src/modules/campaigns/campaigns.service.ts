import { Injectable } from '@nestjs/common';
import { isEditable, isId, newId } from '../../domain/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import { conflict, invalid, notFound } from '../../platform/http/index.js';
import { Messages, Sandbox } from '../delivery/index.js';
import { Lists, Senders, type List } from '../lists/index.js';
import { People } from '../subscribers/index.js';
import { CampaignCheck } from './campaign-check.service.js';
import { CampaignViews } from './campaign-views.service.js';
import { CampaignsRepository } from './campaigns.repository.js';
import type {
  CampaignChange,
  CampaignTest,
  CampaignTestAnswer,
  CampaignView,
  NewCampaign,
} from './campaigns.schemas.js';

/** Campaigns before they are sent: made, changed, tried out. What is checked here is checked again when it is sent. */
@Injectable()
export class Campaigns {
  constructor(
    private readonly repository: CampaignsRepository,
    private readonly check: CampaignCheck,
    private readonly views: CampaignViews,
    private readonly lists: Lists,
    private readonly senders: Senders,
    private readonly people: People,
    private readonly messages: Messages,
    private readonly sandbox: Sandbox,
  ) {}

  /** @throws 422 for an unknown list or sender, or content that can not become a mail */
  async create({ trx }: Work, input: NewCampaign): Promise<CampaignView> {
    const lists = await this.openLists(trx, input.lists);
    const campaign = {
      id: newId(),
      name: input.name,
      subject: input.subject,
      preheader: input.preheader ?? null,
      content: input.content ?? null,
      mjml: input.mjml ?? null,
      retry_hours: input.retryHours ?? null,
      sender_id: await this.senderId(trx, input.sender, lists),
      state_reason: null,
      scheduled_at: null,
      started_at: null,
      frozen_at: null,
      finished_at: null,
      freeze_after: null,
    };
    const list_ids = lists.map(({ id }) => id);
    await this.check.content(trx, { ...campaign, list_ids });
    await this.repository.insert(trx, campaign, list_ids);
    return this.views.find(campaign.id, trx);
  }

  /** Changes what is given and leaves the rest. @throws 404, 409 when it is on its way, 422 as `create` */
  async change({ trx }: Work, id: string, change: CampaignChange): Promise<CampaignView> {
    const campaign = isId(id) ? await this.repository.lock(trx, id) : undefined;
    if (!campaign) throw notFound('campaign', id);
    if (!isEditable(campaign.state)) {
      throw conflict(
        'wrong_state',
        `Campaign ${id} is ${campaign.state}; only one that is draft or scheduled can be changed`,
      );
    }
    const lists = change.lists && (await this.openLists(trx, change.lists));
    const { name = campaign.name, subject = campaign.subject, preheader = campaign.preheader } = change;
    const isNewBody = change.content !== undefined || change.mjml !== undefined;
    const changed = {
      name,
      subject,
      preheader,
      content: isNewBody ? (change.content ?? null) : campaign.content,
      mjml: isNewBody ? (change.mjml ?? null) : campaign.mjml,
      retry_hours: change.retryHours === undefined ? campaign.retry_hours : change.retryHours,
      sender_id:
        change.sender === undefined ? campaign.sender_id : await this.senderId(trx, change.sender, []),
    };
    await this.check.content(trx, {
      ...changed,
      list_ids: lists?.map((list) => list.id) ?? campaign.list_ids,
    });
    await this.repository.update(trx, id, { ...changed, state_reason: null });
    if (lists)
      await this.repository.replaceLists(
        trx,
        id,
        lists.map((list) => list.id),
      );
    return this.views.find(id, trx);
  }

  /** Sends the mail as it is now to a few addresses, each as a mail of its own. Nothing about the campaign changes. */
  async test(work: Work, id: string, { to }: CampaignTest): Promise<CampaignTestAnswer> {
    const campaign = isId(id) ? await this.repository.find(work.trx, id) : undefined;
    if (!campaign) throw notFound('campaign', id);
    const addresses = [...new Map(to.map((address) => [address.canonical, address])).values()];
    for (const address of addresses) this.sandbox.refuseUnknown('to', address);
    const emailIds: string[] = [];
    for (const address of addresses.toSorted((a, b) => (a.canonical < b.canonical ? -1 : 1))) {
      const { id: personId, name, locale } = await this.people.upsert(work.trx, { address });
      const { subject, html, text } = await this.check.fill(work.trx, campaign, {
        name,
        locale: locale ?? 'en',
      });
      const message = await this.messages.accept(work, {
        stream: 'service',
        senderId: campaign.sender_id,
        locale: locale ?? 'en',
        content: { subject: `[Test] ${subject}`, html, text },
        recipients: [{ personId, address, role: 'to', name }],
        automatic: false,
        tags: ['campaign.test'],
      });
      emailIds.push(message.id);
    }
    return { emailIds };
  }

  private async openLists(executor: Executor, slugs: readonly string[]): Promise<List[]> {
    const lists = await this.lists.bySlugs(executor, slugs, 'lists');
    const archived = lists.findIndex(({ archivedAt }) => archivedAt !== null);
    if (archived >= 0) throw invalid(`lists.${archived}`, `the list "${slugs[archived]}" is archived`);
    return lists;
  }

  private async senderId(
    executor: Executor,
    slug: string | undefined,
    lists: readonly List[],
  ): Promise<string> {
    const ofList = lists[0]?.senderId;
    if (slug === undefined && ofList !== undefined) return ofList;
    const sender = await this.senders.bySlug(executor, slug ?? '');
    if (!sender) throw invalid('sender', `there is no sender "${slug}"`);
    return sender.id;
  }
}
