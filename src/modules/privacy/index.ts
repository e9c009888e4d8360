import { PrivacyController } from './privacy.controller.js';

export { Erasure } from './erasure.service.js';
export { PrivacyModule } from './privacy.module.js';
export const privacyControllers = [PrivacyController];
