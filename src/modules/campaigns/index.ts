import { CampaignsController } from './campaigns.controller.js';

export { CampaignsModule } from './campaigns.module.js';
export { CampaignsProcessor } from './campaigns.processor.js';
export { Campaigns } from './campaigns.service.js';

export const campaignsControllers = [CampaignsController];
