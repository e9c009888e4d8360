import { ConsentProofController } from './policies/consent-proof.controller.js';
import { MyDataController } from './my-data.controller.js';
import { PoliciesController } from './policies/policies.controller.js';
import { PolicyAcceptController } from './policies/policy-accept.controller.js';
import { PolicyPagesController } from './policies/policy-pages.controller.js';
import { PrivacyController } from './privacy.controller.js';
import { ReportsController } from './reports.controller.js';

export { NoticesProcessor } from './policies/notices.processor.js';
export { consentCommand } from './policies/consent-command.js';
export { ConsentProofPages } from './policies/consent-proof-pages.js';
export { policyCommand } from './policies/policy-command.js';
export { PolicyNoticesModule } from './policies/policy-notices.module.js';
export { PolicyPagesModule } from './policies/policy-pages.module.js';
export { PrivacyModule } from './privacy.module.js';
export { retentionCommand } from './retention-command.js';
export { Retention } from './retention.service.js';
export const privacyControllers = [MyDataController, PrivacyController, ReportsController];
export const policyControllers = [
  PoliciesController,
  PolicyAcceptController,
  PolicyPagesController,
  ConsentProofController,
];
