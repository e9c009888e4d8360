import { CampaignReportController } from './campaign-report.controller.js';
import { CampaignsController } from './campaigns.controller.js';

export { CampaignsModule } from './campaigns.module.js';
export { CampaignsProcessor } from './campaigns.processor.js';

export const campaignsControllers = [CampaignsController, CampaignReportController];
