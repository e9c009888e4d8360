import { SubscribersController } from './subscribers.controller.js';

export {
  Choices,
  frequencies,
  leavingReasons,
  pauses,
  type Choice,
  type LeavingReason,
} from './choices.service.js';
export { FRESH_LINK_MINUTES, FreshLinks, type AddressLink } from './fresh-links.service.js';
export { Admissions } from './admissions.service.js';
export type { Admitted, Candidate, Reason } from './admissions.types.js';
export { People } from './people.service.js';
export { personAttributes, personName } from './subscribers.schemas.js';
export { SubscribersModule } from './subscribers.module.js';
export type { Person, PersonInput, Subscription, SubscriptionInFull } from './subscribers.types.js';
export { Subscriptions } from './subscriptions.service.js';
export const subscribersControllers = [SubscribersController];
