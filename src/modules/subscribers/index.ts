import { SubscribersController } from './subscribers.controller.js';

export { People } from './people.service.js';
export { personAttributes, personName } from './subscribers.schemas.js';
export { SubscribersModule } from './subscribers.module.js';
export type { Person, PersonInput, Subscription, SubscriptionInFull } from './subscribers.types.js';
export { Subscriptions } from './subscriptions.service.js';
export const subscribersControllers = [SubscribersController];
