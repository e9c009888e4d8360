import { ConfirmController } from './confirm.controller.js';
import { EmbedController } from './embed.controller.js';
import { SubscribeController } from './subscribe.controller.js';
import { SubscriptionsController } from './subscriptions.controller.js';

export { OptInModule } from './opt-in.module.js';
export { OptInPagesModule } from './opt-in-pages.module.js';
export { SignUpsProcessor } from './sign-ups.processor.js';
export { SignUps } from './sign-ups.service.js';
export const optInControllers = [
  SubscriptionsController,
  SubscribeController,
  EmbedController,
  ConfirmController,
];
