import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/index.js';
import { ListsModule } from '../lists/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { TemplatesModule } from '../templates/index.js';
import { Audience } from './audience.js';
import { CampaignAdvance } from './campaign-advance.service.js';
import { CampaignCheck } from './campaign-check.service.js';
import { CampaignMoves } from './campaign-moves.service.js';
import { CampaignReports } from './campaign-reports.service.js';
import { CampaignResend } from './campaign-resend.service.js';
import { CampaignViews } from './campaign-views.service.js';
import { CampaignsRepository } from './campaigns.repository.js';
import { Campaigns } from './campaigns.service.js';

@Module({
  imports: [DeliveryModule, ListsModule, SubscribersModule, TemplatesModule],
  providers: [
    Audience,
    CampaignAdvance,
    CampaignCheck,
    CampaignMoves,
    CampaignReports,
    CampaignResend,
    Campaigns,
    CampaignsRepository,
    CampaignViews,
  ],
  exports: [CampaignAdvance, CampaignMoves, CampaignReports, CampaignResend, Campaigns, CampaignViews],
})
export class CampaignsModule {}
