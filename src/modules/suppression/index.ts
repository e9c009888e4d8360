import { SuppressionCsvController } from './suppression-csv.controller.js';
import { SuppressionsController } from './suppression.controller.js';

export { AddressReports, type AddressScore } from './address-reports.service.js';
export type { AddressReport } from './address-reports.types.js';
export { LIST_NAMES } from './list-names.js';
export { SuppressionModule } from './suppression.module.js';
export type { Suppression } from './suppression.types.js';
export { Suppressions } from './suppressions.service.js';
/** The one with fixed paths first: `:id` would take them. */
export const suppressionControllers = [SuppressionCsvController, SuppressionsController];
