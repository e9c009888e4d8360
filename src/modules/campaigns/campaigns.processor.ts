import { Handles, JobHandler, type QueuePayload } from '../../platform/queue/index.js';
import { CampaignAdvance } from './campaign-advance.service.js';

@Handles('campaigns', { concurrency: 2 })
export class CampaignsProcessor extends JobHandler<'campaigns'> {
  readonly queue = 'campaigns';

  constructor(private readonly campaigns: CampaignAdvance) {
    super();
  }

  async handle({ campaignId }: QueuePayload<'campaigns'>): Promise<void> {
    await this.campaigns.advance(campaignId);
  }

  async due(): Promise<QueuePayload<'campaigns'>[]> {
    return (await this.campaigns.due()).map((campaignId) => ({ campaignId }));
  }
}
