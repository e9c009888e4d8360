import { PoliciesController } from './policies/policies.controller.js';
import { PrivacyController } from './privacy.controller.js';

export { Erasure } from './erasure.service.js';
export { NoticesProcessor } from './policies/notices.processor.js';
export { PolicyNoticesModule } from './policies/policy-notices.module.js';
export { PrivacyModule } from './privacy.module.js';
export const privacyControllers = [PoliciesController, PrivacyController];
