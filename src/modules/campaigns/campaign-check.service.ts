import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config/index.js';
import type { Executor } from '../../platform/database/index.js';
import { invalid, requireSender } from '../../platform/http/index.js';
import { newsVariables } from '../delivery/index.js';
import { Lists, Senders, type List, type Sender } from '../lists/index.js';
import { Templates, type FilledTemplate } from '../templates/index.js';
import { fillNews, type NewsText } from './news-check.js';

/** What a campaign says, to whom and from whom: all that can be wrong with it before it is sent. */
export interface CampaignContent extends NewsText {
  readonly name: string;
  readonly sender_id: string;
  readonly list_ids: readonly string[];
}

@Injectable()
export class CampaignCheck {
  constructor(
    private readonly config: Config,
    private readonly lists: Lists,
    private readonly senders: Senders,
    private readonly templates: Templates,
  ) {}

  /** @throws 422 with the line, when the content can not become a mail */
  async content(executor: Executor, campaign: CampaignContent): Promise<void> {
    await this.fill(executor, campaign, { name: null, locale: 'en' });
  }

  /** @throws 422 with what stands in the way of sending now: the content, a list, or a setting of this install */
  async ready(executor: Executor, campaign: CampaignContent): Promise<void> {
    const { publicUrl, publicUrlIsLoopback, newsAllowed } = this.config;
    if (!newsAllowed) {
      throw invalid(
        'PUBLIC_URL',
        `news needs an https URL for its unsubscribe links (RFC 8058), it is ${publicUrl}`,
      );
    }
    const sender = await this.sender(executor, campaign);
    if (!publicUrlIsLoopback && !sender.brand.postalAddress?.trim()) {
      throw invalid(
        'POSTAL_ADDRESS',
        `news needs a postal address at its foot, and the brand "${sender.brand.name}" has none`,
      );
    }
    for (const [index, list] of (await this.listsOf(executor, campaign)).entries()) {
      if (list.archivedAt !== null) throw invalid(`lists.${index}`, `the list "${list.slug}" is archived`);
    }
    await this.content(executor, campaign);
  }

  /** The mail as one recipient would read it. @throws 422 as `content` */
  async fill(
    executor: Executor,
    campaign: CampaignContent,
    recipient: { name: string | null; locale: string },
  ): Promise<FilledTemplate> {
    const [list] = await this.listsOf(executor, campaign);
    if (!list) throw new Error('A campaign has at least one list');
    const sender = await this.sender(executor, campaign);
    // The links of a check or a test lead nowhere: nobody can leave through them.
    const { publicUrl } = this.config;
    const links = {
      unsubscribe: `${publicUrl}/unsubscribe/test`,
      preferences: `${publicUrl}/preferences/test`,
      unsubscribeMail: null,
    };
    const variables = newsVariables({ sender, recipient, links, list, campaignName: campaign.name });
    return fillNews(this.templates, campaign, variables, recipient.locale);
  }

  /** @throws 403 where the API key of this request may not send as it */
  async sender(executor: Executor, { sender_id }: Pick<CampaignContent, 'sender_id'>): Promise<Sender> {
    const sender = await this.senders.byId(executor, sender_id);
    if (!sender) throw new Error(`Sender ${sender_id} is gone`);
    requireSender(sender.slug);
    return sender;
  }

  /** In the order of the campaign. */
  private async listsOf(executor: Executor, { list_ids }: CampaignContent): Promise<List[]> {
    const found = new Map((await this.lists.byIds(executor, list_ids)).map((list) => [list.id, list]));
    return list_ids.flatMap((id) => found.get(id) ?? []);
  }
}
