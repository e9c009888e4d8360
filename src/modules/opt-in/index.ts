import { ConfirmController } from './confirm.controller.js';
import { SubscribeController } from './subscribe.controller.js';
import { SubscriptionsController } from './subscriptions.controller.js';

export { OptInModule } from './opt-in.module.js';
export const optInControllers = [SubscriptionsController, SubscribeController, ConfirmController];
