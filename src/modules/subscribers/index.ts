import { SubscribersController } from './subscribers.controller.js';

export { Erasure } from './erasure.service.js';
export { People } from './people.service.js';
export { personAttributes, personName } from './subscribers.schemas.js';
export { SubscribersModule } from './subscribers.module.js';
export type {
  Attributes,
  AudienceQuery,
  Leaving,
  Person,
  PersonInput,
  Subscription,
  SubscriptionInFull,
} from './subscribers.types.js';
export { Subscriptions } from './subscriptions.service.js';
export const subscribersControllers = [SubscribersController];
