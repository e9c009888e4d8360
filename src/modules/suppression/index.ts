import { SuppressionsController } from './suppression.controller.js';

export { AddressReports } from './address-reports.service.js';
export type { AddressReport } from './address-reports.types.js';
export { LIST_NAMES } from './suppression.controller.js';
export { SuppressionModule } from './suppression.module.js';
export type { Suppression } from './suppression.types.js';
export { Suppressions } from './suppressions.service.js';
export const suppressionControllers = [SuppressionsController];
